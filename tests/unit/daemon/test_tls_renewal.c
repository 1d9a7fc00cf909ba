/*
 * Renewed files on their way to a worker: of any size, whoever sends them, and
 * unreadable for those who have the descriptor alone.
 */
#include "daemon/tls_renewal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/control_channel.h"

#define MB		((size_t)1024 * 1024)
#define NOBODY		65534

static const char KEY[] = "the private key of a listener";

static struct conf_listener the_listener;
static const struct conf the_conf = {
	.listeners = &the_listener, .n_listeners = 1,
};

struct fixture {
	int parent, worker;		/* a control channel */
};

static int
setup(void **state)
{
	static struct fixture f;

	the_listener.tls.certificate = text_of("certificate");
	assert_true(control_open(&f.parent, &f.worker));
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	close(f->parent);
	close(f->worker);
	return 0;
}

static struct secret *
packed(struct text crl)
{
	return tls_renewal_pack(&(struct tls_renewal){
		.certificate = text_of("certificate"),
		.certificate_key = text_of(KEY),
		.client_crl = crl,
	});
}

static void
receive(const struct fixture *f, struct control_message *m)
{
	assert_int_equal(control_receive(f->worker, m), CONTROL_MESSAGE);
	assert_int_equal(m->kind, CONTROL_RENEWAL);
}

static bool
arrives(const struct fixture *f, size_t n)
{
	char *crl = malloc(n + 1);
	struct control_message m;
	struct secret *sent, *got;
	struct tls_renewal r;
	bool same;

	memset(crl, 'x', n);
	sent = packed((struct text){ .p = crl, .n = n });
	same = tls_renewal_send(f->parent, sent);
	if (same) {
		receive(f, &m);
		got = tls_renewal_from(&m);
		same = got != NULL && secret_equal(sent, got) &&
		    tls_renewal_read(got, &the_conf, &r) &&
		    r.client_crl.n == n;
		secret_free(got);
		close(m.fd);
	}
	secret_free(sent);
	free(crl);
	return same;
}

static bool
all_arrive(const struct fixture *f)
{
	return arrives(f, 0) && arrives(f, MB - 1) && arrives(f, MB) &&
	    arrives(f, MB + 1) && arrives(f, 20 * MB);
}

static void
test_files_of_any_size_arrive(void **state)
{
	assert_true(all_arrive(*state));
}

/* For such a user a pipe holds 1 MB at most, and memory is hardly locked. */
static void
test_so_they_do_from_a_user_without_privileges(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
			_exit(2);
		_exit(all_arrive(*state) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_the_descriptor_alone_tells_nothing_and_stays_as_it_is(void **state)
{
	struct secret *sent = packed(text_of("list"));
	struct control_message m;
	char bytes[4096];
	ssize_t n;

	assert_true(tls_renewal_send(((struct fixture *)*state)->parent,
	    sent));
	receive(*state, &m);
	n = pread(m.fd, bytes, sizeof(bytes), 0);
	assert_int_equal((size_t)n, secret_len(sent));
	assert_null(memmem(bytes, (size_t)n, KEY, 8));
	assert_null(memmem(bytes, (size_t)n, "certificate", 8));
	assert_int_equal(write(m.fd, "x", 1), -1);
	assert_int_equal(ftruncate(m.fd, 0), -1);
	secret_free(sent);
	close(m.fd);
}

static void
test_what_is_no_renewal_is_not_taken(void **state)
{
	struct secret *sent = packed(text_of("list"));
	struct control_message m;
	int ends[2];

	assert_true(tls_renewal_send(((struct fixture *)*state)->parent,
	    sent));
	receive(*state, &m);
	m.text[5] = '\0';
	assert_null(tls_renewal_from(&m));
	close(m.fd);
	m.fd = -1;
	assert_null(tls_renewal_from(&m));
	assert_true(tls_renewal_send(((struct fixture *)*state)->parent,
	    sent));
	receive(*state, &m);
	close(m.fd);
	assert_int_equal(pipe(ends), 0);
	m.fd = ends[0];
	assert_null(tls_renewal_from(&m));
	close(ends[0]);
	close(ends[1]);
	secret_free(sent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_files_of_any_size_arrive, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_so_they_do_from_a_user_without_privileges, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_descriptor_alone_tells_nothing_and_stays_as_it_is,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_renewal_is_not_taken, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

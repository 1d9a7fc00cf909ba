/*
 * What is left in memory of the private key of a certificate, once nobody
 * uses it any more: nothing.
 */
#include "upstream/upstreams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/write.h"
#include "seal/recipient.h"
#include "seal/seal.h"
#include "../../lib/asan.h"
#include "../../lib/certs.h"
#include "../../lib/needle.h"

#define LINE	64		/* of base64 in PEM */

#ifndef UNDER_ASAN
static void
write_file(const char *name, struct text t)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0 && write_all(fd, t.p, t.n));
	assert_int_equal(close(fd), 0);
}

static void
write_keys(void)
{
	const struct text keys = TEXT("keys = ( { name = \"a\"; value = "
	    "\"YWFhYWFhYWE6YWFhYWFhYWE=\"; "
	    "hosts = [ \"api.example.com\" ]; } );\n");
	struct recipients *r = recipients_new();
	char recipient[RECIPIENT_TEXT];
	struct secret *identity;
	struct buf sealed;

	assert_int_equal(identity_generate(0, &identity, recipient),
	    STATUS_OK);
	write_file("identity", secret_text(identity));
	secret_free(identity);
	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, false, (const uint8_t *)keys.p, keys.n,
	    &sealed), STATUS_OK);
	write_file("keys.age", buf_text(&sealed));
	buf_release(&sealed);
	recipients_free(r);
}

/* In a child, whose memory is its own. */
static void
write_files(void)
{
	struct cert root, client;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		cert_make_root(&root, "root");
		cert_make_client(&client, &root, "client", -3600, 3600);
		write_file("ca", cert_text(&root));
		write_file("cert", cert_text(&client));
		write_file("key", cert_key_text(&client, NULL));
		write_keys();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A line of the key as it stands in its file, and what it says. */
static void
read_needles(struct needle *text, struct needle *bytes)
{
	int fd = open("key", O_RDONLY | O_CLOEXEC);
	off_t at = sizeof("-----BEGIN PRIVATE KEY-----");
	char lines[2 * LINE];
	uint8_t der[BASE64_ROOM(2 * LINE)];
	size_t n = sizeof(der);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, lines, LINE, at), LINE);
	assert_int_equal(pread(fd, lines + LINE, LINE, at + LINE + 1), LINE);
	assert_int_equal(close(fd), 0);
	needle_make(text, (const uint8_t *)lines, LINE);
	assert_true(base64_decode((struct text){ .p = lines,
	    .n = sizeof(lines) }, der, &n));
	/* Of a P-256 key the secret number begins on byte 36. */
	needle_make(bytes, der + 36, 32);
	explicit_bzero(lines, sizeof(lines));
	explicit_bzero(der, sizeof(der));
}

static void
use_and_leave(void)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *conf = conf_load("main", NULL, &diagnostics);

	if (conf == NULL) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail();
	}
	upstreams_check(conf, &diagnostics);
	assert_int_equal(diagnostics.n, 0);
	conf_free(conf);
	conf_diagnostics_free(&diagnostics);
}
#endif

static void
nothing_is_left_of_a_private_key(void **state)
{
	(void)state;
#ifdef UNDER_ASAN
	print_message("skipped: AddressSanitizer keeps freed memory\n");
	skip();
#else
	char folder[] = "/tmp/sallyport-upstreams.XXXXXX", *command;
	struct needle text, bytes;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	write_files();
	write_file("main", TEXT("identity = \"identity\";\n"
	    "sealed = [ \"keys.age\" ];\n"
	    "listeners = ( { address = \"127.0.0.1:0\"; } );\n"
	    "upstreams = ( { url = \"https://api.example.com\"; ca_file = "
	    "\"ca\"; certificate = \"cert\"; certificate_key = \"key\"; } );\n"
	    "routes = ( { name = \"r\"; keys = [ \"a\" ]; } );\n"));
	read_needles(&text, &bytes);
	assert_int_equal(needle_count(&text), 0);
	assert_int_equal(needle_count(&bytes), 0);
	use_and_leave();
	assert_int_equal(needle_count(&text), 0);
	assert_int_equal(needle_count(&bytes), 0);
	assert_int_equal(chdir("/"), 0);
	command = xasprintf("rm -r %s", folder);
	assert_int_equal(system(command), 0);
	free(command);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_of_a_private_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the admin process is handed over, and that no secret is among it. */
#include "pages/admin_brief.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/secret.h"
#include "pages/packed.h"

#define VALUE	"value-of-the-key-which-is-a-secret"
#define TLS_KEY	"private-key-of-an-upstream"

/* Nobody writes to them. */
#define T(literal)	((char *)(uintptr_t)(literal))

static char *hosts[] = { T("localhost"), T("127.0.0.1") };
static uint32_t ids[] = { 0, 1000 };
static size_t keys_of_route[] = { 1, 0 };
static struct conf_key keys[2];
static struct conf_upstream upstreams[] = {
	{ .name = T("u"), .url = T("https://u.example"),
	    .host = T("u.example"), .probe_path = T("/probe") },
};
static struct conf_route routes[] = {
	{ .name = T("r"), .keys = keys_of_route, .n_keys = 2,
	    .client = CONF_NONE },
};
static struct conf_listener listeners[] = {
	{ .name = T("l"), .address_text = T("127.0.0.1:0") },
};
static struct conf_listener admin[] = {
	{ .name = T("unix:/a"), .address_text = T("unix:/a"), .any_host = true,
	    .hosts = { .v = hosts, .n = 2 }, .users = { .v = ids, .n = 2 } },
	{ .name = T("127.0.0.1:1"), .address_text = T("127.0.0.1:1") },
};
static char *bound[] = { T("127.0.0.1:4711") };

static struct conf_threshold thresholds[] = {
	{ .text = "1d", .before = 86400 }, { .text = "1/3", .part = 1, .of = 3 },
};
static struct conf conf = {
	.file = T("/etc/s.conf"), .identity = T("/etc/secret-identity"),
	.uid = 1, .gid = 2, .workers = 3, .limits = { .head = 4 },
	.expiry = { .warn = { thresholds, 2 } },
	.listeners = listeners, .n_listeners = 1,
	.admin = admin, .n_admin = 2,
	.upstreams = upstreams, .n_upstreams = 1,
	.keys = keys, .n_keys = 2,
	.routes = routes, .n_routes = 1,
};

static uint32_t number_of_keys[] = { 7, 8 }, one_number[] = { 9 };
static const struct admin_brief written = {
	.conf = &conf, .bound = bound, .started = 77,
	.numbers = { .keys = number_of_keys, .n_keys = 2,
	    .listeners = one_number, .n_listeners = 1,
	    .routes = one_number, .n_routes = 1,
	    .upstreams = one_number, .n_upstreams = 1 },
	.sandbox = { .seccomp = true, .reason = "why" },
};

static int
setup(void **state)
{
	(void)state;
	keys[0] = (struct conf_key){ .name = T("a"),
		.where.file = T("/k.age"), .expires = CONF_NO_TIME,
		.hosts = { .v = hosts, .n = 1 }, .field = T("X-Key"),
		.scheme = T("Bearer"), .plain = true,
		.value = secret_copy(VALUE, strlen(VALUE)) };
	keys[1] = (struct conf_key){ .name = T("b"),
		.where.file = T("/k.age"), .expires = 5, .created = -6,
		.value = secret_copy(VALUE, strlen(VALUE)) };
	upstreams[0].certificate_key = secret_copy(TLS_KEY, strlen(TLS_KEY));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	secret_free(keys[0].value);
	secret_free(keys[1].value);
	secret_free(upstreams[0].certificate_key);
	return 0;
}

static void
what_was_written_is_read_back(void **state)
{
	int fd = admin_brief_write(&written);
	struct admin_brief *b = admin_brief_read(fd);
	const struct conf *c;

	(void)state;
	assert_non_null(b);
	c = b->conf;
	assert_int_equal(b->started, 77);
	assert_string_equal(b->bound[0], "127.0.0.1:4711");
	assert_string_equal(c->file, "/etc/s.conf");
	assert_int_equal(c->uid, 1);
	assert_int_equal(c->workers, 3);
	assert_int_equal(c->limits.head, 4);
	assert_string_equal(c->listeners[0].name, "l");
	assert_int_equal(c->n_admin, 2);
	assert_true(c->admin[0].any_host);
	assert_string_equal(c->admin[0].hosts.v[1], "127.0.0.1");
	assert_true(conf_ids_have(&c->admin[0].users, 1000));
	assert_string_equal(c->upstreams[0].url, "https://u.example");
	assert_string_equal(c->upstreams[0].host, "u.example");
	assert_string_equal(c->upstreams[0].probe_path, "/probe");
	assert_int_equal(c->expiry.warn.n, 2);
	assert_int_equal(c->expiry.warn.v[0].before, 86400);
	assert_int_equal(c->expiry.warn.v[1].before, 0);
	assert_int_equal(c->expiry.warn.v[1].part, 1);
	assert_int_equal(c->expiry.warn.v[1].of, 3);
	assert_string_equal(c->keys[1].name, "b");
	assert_string_equal(c->keys[1].where.file, "/k.age");
	assert_int_equal(c->keys[1].expires, 5);
	assert_int_equal(c->keys[1].created, -6);
	assert_true(c->keys[0].expires == CONF_NO_TIME);
	assert_null(c->keys[0].value);
	assert_int_equal(c->keys[0].hosts.n, 1);
	assert_string_equal(c->keys[0].hosts.v[0], "localhost");
	assert_string_equal(c->keys[0].field, "X-Key");
	assert_string_equal(c->keys[0].scheme, "Bearer");
	assert_true(c->keys[0].plain);
	assert_null(c->keys[1].field);
	assert_int_equal(c->routes[0].keys[0], 1);
	assert_int_equal(b->clients[0].n, 1);
	assert_string_equal(b->clients[0].v[0], "anybody at listener l");
	assert_int_equal(b->numbers.keys[1], 8);
	assert_int_equal(b->numbers.routes[0], 9);
	assert_true(b->sandbox.seccomp);
	assert_string_equal(b->sandbox.reason, "why");
	admin_brief_free(b);
	close(fd);
}

/* People type commands with them wherever they are. */
static void
files_are_found_from_any_folder(void **state)
{
	struct admin_brief relative = written, *b;
	struct conf here = conf;
	int fd;

	(void)state;
	assert_int_equal(chdir("/tmp"), 0);
	here.file = T("s.conf");
	keys[1].where.file = T("keys/b.age");
	relative.conf = &here;
	fd = admin_brief_write(&relative);
	b = admin_brief_read(fd);
	assert_non_null(b);
	assert_string_equal(b->conf->file, "/tmp/s.conf");
	assert_string_equal(b->conf->keys[0].where.file, "/k.age");
	assert_string_equal(b->conf->keys[1].where.file, "/tmp/keys/b.age");
	admin_brief_free(b);
	close(fd);
	here.file = T("standard input");
	fd = admin_brief_write(&relative);
	b = admin_brief_read(fd);
	assert_string_equal(b->conf->file, "standard input");
	admin_brief_free(b);
	close(fd);
}

static void
no_secret_is_in_it(void **state)
{
	int fd = admin_brief_write(&written);
	struct buf b;

	(void)state;
	buf_init(&b, NULL);
	assert_true(unpack_from_fd(fd, SIZE_MAX, &b));
	assert_non_null(memmem(buf_data(&b), buf_len(&b), "u.example", 9));
	assert_null(memmem(buf_data(&b), buf_len(&b), &VALUE[5], 10));
	assert_null(memmem(buf_data(&b), buf_len(&b), &TLS_KEY[5], 10));
	assert_null(memmem(buf_data(&b), buf_len(&b), "identity", 8));
	buf_release(&b);
	close(fd);
}

/* Reads these bytes as a brief. */
static struct admin_brief *
read_bytes(const void *p, size_t n)
{
	struct admin_brief *brief;
	struct buf b;
	int fd;

	buf_init(&b, NULL);
	buf_append(&b, p, n);
	fd = pack_to_fd(&b);
	brief = admin_brief_read(fd);
	close(fd);
	buf_release(&b);
	return brief;
}

static void
one_that_is_cut_or_changed_anywhere_is_none_or_can_be_used(void **state)
{
	int fd = admin_brief_write(&written);
	struct admin_brief *brief;
	struct buf b;

	(void)state;
	buf_init(&b, NULL);
	assert_true(unpack_from_fd(fd, SIZE_MAX, &b));
	for (size_t i = 0; i < buf_len(&b); i++) {
		assert_null(read_bytes(buf_data(&b), i));
		buf_data(&b)[i] ^= 0xff;
		brief = read_bytes(buf_data(&b), buf_len(&b));
		if (brief != NULL && brief->conf->n_routes != 0)
			assert_true(brief->conf->routes[0].upstream <
			    brief->conf->n_upstreams);
		admin_brief_free(brief);
		buf_data(&b)[i] ^= 0xff;
	}
	buf_release(&b);
	close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_written_is_read_back),
		CASE(files_are_found_from_any_folder),
		CASE(no_secret_is_in_it),
		CASE(one_that_is_cut_or_changed_anywhere_is_none_or_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

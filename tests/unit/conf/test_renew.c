/*
 * Files of a listener, read anew: the same rules hold as for a load, and
 * nothing else of the configuration is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/conf.h"
#include "conf/renew.h"
#include "seal/recipient.h"
#include "seal/seal.h"
#include "../../lib/certs.h"

#define DAY	(24 * 3600L)

/* "aaaaaaaa:aaaaaaaa" in base64, as keys look. */
#define KEYS "keys = ( { name = \"a\"; value = \"YWFhYWFhYWE6YWFhYWFhYWE=\"; " \
	"hosts = [ \"api.example.com\" ]; } );\n"

#define CONF "identity = \"identity\";\nsealed = [ \"keys.age\" ];\n" \
	"listeners = ( { name = \"l\"; address = \"127.0.0.1:9080\"; " \
	"hosts = [ \"localhost\" ]; tls = { certificate = \"cert\"; " \
	"certificate_key = \"key\"; watch = true; }; } );\n" \
	"upstreams = ( { name = \"u\"; url = \"https://api.example.com\"; } " \
	");\nroutes = ( { name = \"r\"; upstream = \"u\"; keys = [ \"a\" ]; " \
	"} );\n"

static char folder[] = "/tmp/sallyport-renew-XXXXXX";
static char recipient[RECIPIENT_TEXT];
static struct cert root, first, second;
static struct conf *conf;
static struct conf_diagnostics diagnostics;
static struct conf_renewal renewal;

static void
write_bytes(const char *name, const void *p, size_t n)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, 0600), 0);
}

static void
seal(const char *name, struct text t)
{
	struct recipients *r = recipients_new();
	struct buf sealed;

	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, false, (const uint8_t *)t.p, t.n,
	    &sealed), STATUS_OK);
	write_bytes(name, buf_data(&sealed), buf_len(&sealed));
	buf_release(&sealed);
	recipients_free(r);
}

static void
write_certificate(const struct cert *c)
{
	struct text t = cert_text(c);

	write_bytes("cert", t.p, t.n);
	cert_text_free(t);
}

static void
write_key(const struct cert *c)
{
	struct text t = cert_key_text(c, NULL);

	write_bytes("key", t.p, t.n);
	cert_text_free(t);
}

static bool
renew(void)
{
	conf_diagnostics_free(&diagnostics);
	memset(&diagnostics, 0, sizeof(diagnostics));
	return conf_renew(conf, 0, NULL, &renewal, &diagnostics);
}

static void
assert_is(const struct cert *c)
{
	struct text t = cert_text(c), key = cert_key_text(c, NULL);

	assert_true(text_eq(renewal.tls.certificate, t));
	assert_true(text_eq(secret_text(renewal.tls.certificate_key), key));
	cert_text_free(t);
	cert_text_free(key);
	conf_renewal_free(&renewal);
}

static int
setup(void **state)
{
	(void)state;
	write_certificate(&first);
	write_key(&first);
	memset(&diagnostics, 0, sizeof(diagnostics));
	conf = conf_load("conf", NULL, &diagnostics);
	assert_non_null(conf);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_free(conf);
	conf_diagnostics_free(&diagnostics);
	return 0;
}

static void
another_pair_is_read(void **state)
{
	(void)state;
	assert_true(conf->listeners[0].tls.watch);
	assert_true(renew());
	assert_is(&first);
	write_certificate(&second);
	write_key(&second);
	assert_true(renew());
	assert_is(&second);
	assert_int_equal(diagnostics.n_errors, 0);
}

static void
a_pair_that_does_not_match_is_refused(void **state)
{
	(void)state;
	write_certificate(&second);
	assert_false(renew());
	assert_int_equal(diagnostics.n_errors, 1);
	assert_string_equal(diagnostics.v[0].text, "option 'certificate_key': "
	    "key: the key is not that of the first certificate of "
	    "'certificate'");
	assert_int_equal(diagnostics.v[0].line, 3);
	write_key(&second);
	assert_true(renew());
	assert_is(&second);
}

static void
half_a_file_and_none_are_refused(void **state)
{
	struct text t = cert_text(&second);

	(void)state;
	write_bytes("cert", t.p, t.n / 2);
	cert_text_free(t);
	assert_false(renew());
	assert_int_equal(unlink("cert"), 0);
	assert_false(renew());
	assert_int_not_equal(diagnostics.n_errors, 0);
}

static void
a_key_may_be_sealed_from_now_on(void **state)
{
	struct text t = cert_key_text(&second, NULL);

	(void)state;
	write_certificate(&second);
	seal("key", t);
	cert_text_free(t);
	assert_true(renew());
	assert_is(&second);
}

static void
the_rest_of_the_configuration_is_not_looked_at(void **state)
{
	(void)state;
	write_bytes("conf", "nonsense", 8);
	assert_int_equal(rename("identity", "aside"), 0);
	assert_true(renew());
	assert_is(&first);
	assert_int_equal(rename("aside", "identity"), 0);
	write_bytes("conf", CONF, strlen(CONF));
}

static void
warnings_of_the_end_are_for_what_serves(void **state)
{
	struct conf_due *due = &conf->dues[0];
	int64_t before = due->until;

	(void)state;
	assert_int_equal(conf->n_dues, 1);
	assert_int_equal(due->listener, 0);
	write_certificate(&second);
	write_key(&second);
	assert_true(renew());
	conf_renewed(conf, 0, renewal.span);
	assert_true(due->until > before + 20 * DAY);
	assert_is(&second);
}

static int
make_all(void **state)
{
	struct secret *identity;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(identity_generate(0, &identity, recipient),
	    STATUS_OK);
	write_bytes("identity", secret_read(identity), secret_len(identity));
	secret_free(identity);
	seal("keys.age", TEXT(KEYS));
	write_bytes("conf", CONF, strlen(CONF));
	cert_make_root(&root, "root");
	cert_make_server(&first, &root, "DNS:localhost", -DAY, 30 * DAY);
	cert_make_server(&second, &root, "DNS:localhost", -DAY, 60 * DAY);
	return 0;
}

static int
remove_all(void **state)
{
	char *command = xasprintf("rm -r %s", folder);
	int failed = system(command);

	(void)state;
	free(command);
	cert_free(&first);
	cert_free(&second);
	cert_free(&root);
	return failed;
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(another_pair_is_read),
		CASE(a_pair_that_does_not_match_is_refused),
		CASE(half_a_file_and_none_are_refused),
		CASE(a_key_may_be_sealed_from_now_on),
		CASE(the_rest_of_the_configuration_is_not_looked_at),
		CASE(warnings_of_the_end_are_for_what_serves),
	};

	return cmocka_run_group_tests(tests, make_all, remove_all);
}

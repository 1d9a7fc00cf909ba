/*
 * Files of a configuration; see conf_files.h.
 */
#include "conf_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "seal/seal.h"
#include "../../lib/certs.h"

/* "aaaaaaaa:aaaaaaaa" in base64, as keys look. */
#define KEYS	"keys = ( { name = \"a\"; value = " \
	"\"YWFhYWFhYWE6YWFhYWFhYWE=\"; hosts = [ \"api.test\" ]; } );\n"

char *
conf_files_path(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

void
conf_files_write(const char *dir, const char *name, const void *p, size_t n)
{
	char *path = conf_files_path(dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
	free(path);
}

void
conf_files_text(const char *dir, const char *name, const char *text)
{
	conf_files_write(dir, name, text, strlen(text));
}

static void
write_keys(const char *dir)
{
	struct recipients *r = recipients_new();
	char recipient[RECIPIENT_TEXT];
	struct secret *identity;
	struct buf sealed;

	assert_int_equal(identity_generate(0, &identity, recipient),
	    STATUS_OK);
	conf_files_write(dir, "identity", secret_read(identity),
	    secret_len(identity));
	secret_free(identity);
	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, false, (const uint8_t *)KEYS,
	    sizeof(KEYS) - 1, &sealed), STATUS_OK);
	conf_files_write(dir, "keys.age", buf_data(&sealed),
	    buf_len(&sealed));
	buf_release(&sealed);
	recipients_free(r);
}

static void
write_certificate(const char *dir)
{
	struct cert root;
	struct text pem;

	cert_make_root(&root, "root");
	pem = cert_text(&root);
	conf_files_write(dir, "ca", pem.p, pem.n);
	cert_text_free(pem);
	cert_free(&root);
}

void
conf_files_make(char dir[32])
{
	strcpy(dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(dir));
	write_keys(dir);
	write_certificate(dir);
}

void
conf_files_remove(const char *dir)
{
	char *command = xasprintf("rm -r %s", dir);
	int failed = system(command);

	free(command);
	assert_int_equal(failed, 0);
}

/*
 * A folder with an identity; see box.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/keyfile/box.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/write.h"
#include "keyfile/keyfile_recipients.h"
#include "seal/identity.h"

char *
box_put(const struct box *b, const char *name, const void *p, size_t n)
{
	char *path = xasprintf("%s/%s", b->folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(write_all(fd, p, n));
	assert_int_equal(close(fd), 0);
	return path;
}

void
box_make(struct box *b)
{
	const struct unlock_options how = { .why = &b->why };
	struct secret *text = NULL;

	*b = (struct box){ .folder = xstrdup("/tmp/sallyport-box.XXXXXX"),
		.own = recipients_new() };
	assert_non_null(mkdtemp(b->folder));
	assert_int_equal(identity_generate(0, &text, b->recipient),
	    STATUS_OK);
	b->identity = box_put(b, "identity", secret_read(text),
	    secret_len(text));
	secret_free(text);
	b->keys = xasprintf("%s/keys.age", b->folder);
	unlock_init(&b->unlock, &how);
	assert_true(unlock_add_file(&b->unlock, b->identity));
	identities_add_recipients(b->unlock.identities, b->own);
}

void
box_remove(struct box *b)
{
	DIR *d = opendir(b->folder);
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	assert_int_equal(rmdir(b->folder), 0);
	recipients_free(b->own);
	unlock_free(&b->unlock);
	reasons_free(&b->why);
	free(b->keys);
	free(b->identity);
	free(b->folder);
}

int
box_set_up(void **state)
{
	box_make(*state);
	return 0;
}

int
box_tear_down(void **state)
{
	box_remove(*state);
	return 0;
}

void
box_seal(struct box *b, const char *text)
{
	struct keyfile v;

	assert_true(keyfile_open_or_new(&v, b->keys, &b->unlock));
	assert_true(keyfile_recipients_keep(&v, b->own, &b->unlock));
	assert_true(keyfile_save(&v, text_of(text)));
	keyfile_close(&v);
	assert_int_equal(b->why.n, 0);
}

void
box_assert_reason(struct box *b, enum reason_kind kind, const char *text)
{
	assert_int_equal(b->why.n, 1);
	assert_string_equal(b->why.v[0].text, text);
	assert_int_equal(b->why.v[0].kind, kind);
	reasons_free(&b->why);
}

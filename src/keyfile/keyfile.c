/*
 * Changing sealed files; see keyfile.h.  Knows no verb.
 */
#include "keyfile/keyfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "conf/conf.h"
#include "conf/source.h"
#include "keyfile/notes.h"
#include "keyfile/recipients.h"
#include "keyfile/sealing.h"
#include "seal/seal.h"
#include "tty/interrupt.h"
#include "tty/progress.h"
#include "tty/secret_file.h"

#define LOCK_SECONDS	5

static struct text
no_text(void)
{
	return TEXT("");
}

static void
keyfile_init(struct keyfile *v, const char *path, struct unlock *u)
{
	*v = (struct keyfile){ .path = path, .why = u->options.why, .lock = -1,
		.body = no_text(), .noted = recipients_new() };
}

static bool
lock(struct keyfile *v)
{
	if (replace_lock(v->path, LOCK_SECONDS, &v->lock) == STATUS_OK)
		return true;
	v->lock = -1;
	if (errno == EWOULDBLOCK)
		return reasons_fail(v->why, "%s: another sallyport is "
		    "changing it; try again when that is done", v->path);
	return reasons_fail(v->why, "%s: %m", v->path);
}

/* Reads the lines of recipients at the end, as far as possible. */
static void
read_notes(struct keyfile *v)
{
	struct text lines, recipient;

	v->body = notes_split(secret_text(v->plain), &lines);
	while (notes_next(&lines, &recipient)) {
		if (recipients_has(v->noted, recipient))
			continue;
		if (recipients_add(v->noted, recipient) != STATUS_OK)
			reasons_warn(v->why, "%s: a line about its "
			    "recipients is damaged", v->path);
	}
}

static bool
refuse_plain(const struct keyfile *v)
{
	char *word = source_word(v->path);

	(void)reasons_fail(v->why, "%s: not an age file: seal it first: "
	    "sallyport seal -r RECIPIENT -o OUT %s", v->path, word);
	free(word);
	return false;
}

static bool
refuse_utf16(const struct keyfile *v)
{
	return reasons_fail(v->why, "%s: %s", v->path,
	    status_text(STATUS_UTF16));
}

static bool
unseal(struct keyfile *v, struct unlock *u)
{
	const uint8_t *p = secret_read(v->sealed);
	size_t n = secret_len(v->sealed);
	struct seal_fault fault;
	enum status status;

	if (encoding_is_utf16(secret_text(v->sealed)))
		return refuse_utf16(v);
	if (!seal_is_sealed(p, n))
		return refuse_plain(v);
	u->opening = v->path;
	progress("opening %s ...", v->path);
	status = seal_open(u->identities, p, n, &v->plain, &fault);
	progress_end();
	if (status != STATUS_OK) {
		unlock_explain(u, v->path, &fault, status);
		return false;
	}
	sealing_look(p, n, &v->armored, &v->by_passphrase, &v->n_stanzas);
	read_notes(v);
	return true;
}

static struct secret *
read_file(const struct keyfile *v, enum file_kind kind)
{
	const struct file_request request = { .path = v->path, .kind = kind,
		.role = FILE_OBEYED };
	struct secret *bytes = secret_file_read(&request, "it", KEYFILE_MAX,
	    v->why);

	if (bytes != NULL)
		secret_file_skip_mark(bytes);
	return bytes;
}

static bool
refuse_standard(const struct keyfile *v)
{
	return reasons_fail(v->why, "%s: standard input cannot be changed in "
	    "its place: name a file (./- is one with this name), or use "
	    "'sallyport unseal' and 'sallyport seal'", v->path);
}

bool
keyfile_open(struct keyfile *v, const char *path, enum keyfile_use use,
    struct unlock *u)
{
	keyfile_init(v, path, u);
	v->exists = true;
	if (use == KEYFILE_CHANGE && source_is_standard(path))
		return refuse_standard(v);
	if (use == KEYFILE_CHANGE && !lock(v))
		return false;
	v->sealed = read_file(v, use == KEYFILE_CHANGE ? FILE_REGULAR :
	    FILE_PASSED);
	return v->sealed != NULL && unseal(v, u);
}

bool
keyfile_open_standard(struct keyfile *v, struct secret *bytes, struct unlock *u)
{
	keyfile_init(v, SOURCE_STANDARD, u);
	v->exists = true;
	v->sealed = bytes;
	if (bytes == NULL)
		return false;
	secret_file_skip_mark(bytes);
	return unseal(v, u);
}

bool
keyfile_open_or_new(struct keyfile *v, const char *path, struct unlock *u)
{
	struct stat st;

	if (source_is_standard(path) || lstat(path, &st) == 0 ||
	    errno != ENOENT)
		return keyfile_open(v, path, KEYFILE_CHANGE, u);
	keyfile_init(v, path, u);
	return true;
}

/* A program that replaced it meanwhile may not have looked at the lock. */
static bool
is_unchanged(const struct keyfile *v)
{
	struct secret *now;
	bool same;

	if (!v->exists)
		return true;
	now = read_file(v, FILE_REGULAR);
	if (now == NULL)
		return false;
	same = secret_equal(now, v->sealed);
	secret_free(now);
	return same || reasons_fail(v->why, "%s: another program changed it "
	    "meanwhile; nothing was written", v->path);
}

static bool
failed_to_replace(const struct keyfile *v, enum status status)
{
	if (status == STATUS_SYSTEM && errno == EEXIST)
		return reasons_fail(v->why, "%s: another program made it "
		    "meanwhile; nothing was written", v->path);
	if (status == STATUS_SYSTEM)
		return reasons_fail(v->why, "%s: cannot be written: %m; %s",
		    v->path, replace_left(v->next));
	return reasons_fail(v->why, "%s: %s; %s", v->path,
	    status_text(status), replace_left(v->next));
}

/*
 * The body, followed by lines about its recipients where those are public; a
 * text that is not a configuration gets no lines, which might break it.
 */
static struct secret *
annotate(const struct keyfile *v, struct text body)
{
	size_t n = contents_is_text(body) ?
	    recipients_count(v->recipients) : 0;
	char (*text)[RECIPIENT_TEXT] = xcalloc(n + 1, sizeof(*text));
	const char **list = xcalloc(n + 1, sizeof(*list));
	struct secret *out;
	size_t public = 0;

	for (size_t i = 0; i < n; i++) {
		recipients_text(v->recipients, i, text[public]);
		list[public] = text[public];
		if (text[public][0] != '\0')
			public++;
	}
	out = notes_write(body, list, public);
	free(list);
	free(text);
	return out;
}

bool
keyfile_prepare(struct keyfile *v, struct text body)
{
	struct secret *plain = annotate(v, body);
	enum status status;

	if (!is_unchanged(v)) {
		secret_free(plain);
		return false;
	}
	status = replace_begin(&v->next, v->path, v->exists ?
	    REPLACE_EXISTING : REPLACE_NEW);
	progress("sealing %s ...", v->path);
	if (status == STATUS_OK && !v->exists)
		status = replace_share(v->next);
	if (status == STATUS_OK)
		status = sealing_write(v->recipients, v->armored,
		    secret_text(plain), v->next);
	if (status == STATUS_OK)
		status = replace_settle(v->next);
	progress_end();
	secret_free(plain);
	return status == STATUS_OK || failed_to_replace(v, status);
}

bool
keyfile_commit(struct keyfile *v)
{
	enum status status = replace_commit(v->next);

	return status == STATUS_OK || failed_to_replace(v, status);
}

bool
keyfile_undo(struct keyfile *v)
{
	return replace_undo(v->next) == STATUS_OK ||
	    reasons_fail(v->why, "%s: putting it back: %m; %s", v->path,
	    replace_left(v->next));
}

void
keyfile_finish(struct keyfile *v)
{
	replace_end(v->next);
	v->next = NULL;
}

bool
keyfile_is_wanted(struct reasons *why)
{
	return !interrupt_pending() ||
	    reasons_fail(why, "interrupted: nothing was changed");
}

bool
keyfile_save(struct keyfile *v, struct text body)
{
	bool good = keyfile_prepare(v, body) && keyfile_is_wanted(v->why) &&
	    keyfile_commit(v);

	keyfile_finish(v);
	if (good && v->own != NULL)
		reasons_lines(v->why, "%s: a new file, sealed to the "
		    "recipient of %s\n", v->path, v->own);
	return good;
}

void
keyfile_close(struct keyfile *v)
{
	keyfile_finish(v);
	recipients_free(v->recipients);
	recipients_free(v->noted);
	secret_free(v->plain);
	secret_free(v->sealed);
	if (v->lock >= 0)
		(void)close(v->lock);
	*v = (struct keyfile){ .lock = -1 };
}

bool
keyfile_refuse_odd(const struct keyfile *v)
{
	return reasons_fail(v->why, "%s: its keys are written in a way that "
	    "cannot be edited here: use 'sallyport edit'", v->path);
}

/* In the form in which diagnostics are always printed. */
static void
add_diagnostics(struct reasons *why, const struct conf_diagnostics *diagnostics)
{
	char *lines = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&lines, &n);

	if (out == NULL)
		alloc_failed();
	conf_diagnostics_print(diagnostics, out);
	if (fclose(out) != 0)
		alloc_failed();
	if (n != 0)
		reasons_lines(why, "%s", lines);
	free(lines);
}

bool
keyfile_read_keys(const struct keyfile *v, struct text body, struct contents *k)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	bool good = contents_read(k, body, v->path, &diagnostics);

	add_diagnostics(v->why, &diagnostics);
	conf_diagnostics_free(&diagnostics);
	return good;
}

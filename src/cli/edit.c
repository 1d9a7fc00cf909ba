/*
 * The verb `edit`.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/access.h"
#include "cli/recipient_options.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"
#include "tty/editor.h"
#include "tty/interrupt.h"
#include "tty/memory_file.h"
#include "tty/terminal.h"

/* "keys.age" is edited as "keys.conf", which editors know how to show. */
static char *
name_for_editor(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t n = strlen(name);

	if (n > 4 && strcmp(name + n - 4, ".age") == 0)
		n -= 4;
	return xasprintf("%.*s.conf", (int)n, name);
}

/* An editor that leaves an empty file has failed, whatever its exit status. */
static bool
is_valid(struct access *a, const struct keyfile *v, struct text text)
{
	struct contents keys;
	bool good;

	if (text_is_blank(text) && !text_is_blank(v->body)) {
		(void)say_failed("%s: the editor left nothing of it "
		    "('sallyport key remove' takes keys out)", v->path);
		return false;
	}
	good = access_read_keys(a, v, text, &keys);
	contents_free(&keys);
	return good;
}

/* Edits until the text is valid; NULL: it failed, or the user gave up. */
static struct secret *
edit_until_valid(struct access *a, const struct keyfile *v,
    const struct memory_file *f)
{
	struct secret *text;

	for (;;) {
		say_flush();
		if (!access_said(a, editor_run(memory_file_path(f), &a->why)))
			return NULL;
		text = memory_file_read(f, KEYFILE_MAX, &a->why);
		say_reasons(&a->why);
		if (text == NULL || is_valid(a, v, secret_text(text)))
			return text;
		secret_free(text);
		if (!terminal_confirm("This cannot be sealed. Edit again?"))
			return NULL;
	}
}

static enum cli_exit
save(struct access *a, struct keyfile *v, const struct secret *text)
{
	if (text_eq(secret_text(text), v->body)) {
		say("%s: nothing changed\n", v->path);
		return CLI_DONE;
	}
	if (!access_save(a, v, secret_text(text)))
		return CLI_FAILED;
	say("%s: sealed again\n", v->path);
	return CLI_DONE;
}

static enum cli_exit
edit_keyfile(struct access *a, struct keyfile *v)
{
	char *name = name_for_editor(v->path);
	struct memory_file *f = memory_file_new(name, v->body, &a->why);
	struct secret *text;
	enum cli_exit result;

	free(name);
	say_reasons(&a->why);
	if (f == NULL)
		return CLI_FAILED;
	text = edit_until_valid(a, v, f);
	memory_file_free(f);
	result = text != NULL ? save(a, v, text) :
	    say_failed("%s: unchanged", v->path);
	secret_free(text);
	return result;
}

static enum cli_exit
run_edit(const struct cli_args *args)
{
	struct recipients *given = recipients_given(args);
	enum cli_exit result = CLI_FAILED;
	struct access a;
	struct keyfile v;

	if (given == NULL || !access_begin(&a, args)) {
		recipients_free(given);
		return CLI_FAILED;
	}
	interrupt_hold();
	if (access_said(&a, keyfile_open(&v, args->operands[0], KEYFILE_CHANGE,
	    &a.unlock) && keyfile_recipients_keep(&v, given, &a.unlock)))
		result = edit_keyfile(&a, &v);
	keyfile_close(&v);
	interrupt_release();
	access_end(&a);
	recipients_free(given);
	return result;
}

static const struct cli_option edit_options[] = {
	CLI_UNLOCK_OPTIONS,
	CLI_RECIPIENT_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_edit = {
	.name = "edit",
	.summary = "opens a sealed file in an editor and seals it again",
	.options = edit_options,
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Opens FILE in $VISUAL or $EDITOR, checks the result, and "
	    "seals it again to\nthe same recipients.  The text is never on a "
	    "disk: it is edited in a private\nfolder in memory, which is "
	    "wiped at the end.  Where the result is not valid\nthe faults "
	    "are shown and it can be edited again; a failing editor changes\n"
	    "nothing.\n\n"
	    "What an editor keeps in other places is not wiped.  Vim is "
	    "told to keep\nnothing.  Emacs keeps backups and auto-saves where "
	    "your settings name a\nfolder for them "
	    "(backup-directory-alist, auto-save-file-name-transforms):\nuse "
	    "EDITOR='emacs -Q -nw'.  Other editors with such a setting, and a "
	    "script of\nyour own around vim, need the same care.\n\n"
	    "FILE is locked meanwhile.  -r and -R are only "
	    "needed where another program\nsealed it to more than one.\n",
	.example = "EDITOR=nano sallyport edit /etc/sallyport/keys.age\n",
	.run = run_edit,
};

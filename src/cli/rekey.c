/*
 * The verb `rekey`: other recipients for one or more sealed files, for all
 * of them or for none.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "cli/access.h"
#include "cli/recipient_options.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"
#include "keyfile/recipients.h"
#include "tty/interrupt.h"

static bool
prepare(struct keyfile *v, struct recipients *to)
{
	bool good;

	keyfile_recipients_set(v, to);
	good = keyfile_prepare(v, v->body);
	/* The recipients are shared by all keyfiles. */
	v->recipients = NULL;
	return good;
}

/* Puts all files back, as far as possible. */
static void
undo(struct keyfile *keyfiles, size_t n, struct reasons *why)
{
	bool good = true;

	while (n-- != 0)
		good = keyfile_undo(&keyfiles[n]) && good;
	if (good)
		(void)reasons_fail(why, "nothing was changed");
}

static bool
commit(struct keyfile *keyfiles, size_t n, struct reasons *why)
{
	for (size_t i = 0; i < n; i++) {
		if (keyfile_commit(&keyfiles[i]))
			continue;
		undo(keyfiles, i + 1, why);
		return false;
	}
	return true;
}

/* Even under different names, a file can be changed once only. */
static bool
is_twice(const struct cli_args *args, size_t i, struct reasons *why)
{
	struct stat a, b;

	if (stat(args->operands[i], &a) != 0)
		return false;
	for (size_t j = 0; j < i; j++) {
		if (stat(args->operands[j], &b) == 0 &&
		    a.st_dev == b.st_dev && a.st_ino == b.st_ino) {
			(void)reasons_fail(why, "%s and %s are the same file",
			    args->operands[j], args->operands[i]);
			return true;
		}
	}
	return false;
}

static bool
open_all(struct keyfile *keyfiles, const struct cli_args *args,
    struct access *a, struct recipients *to)
{
	for (size_t i = 0; i < args->n_operands; i++) {
		if (!is_twice(args, i, &a->why) && keyfile_open(&keyfiles[i],
		    args->operands[i], KEYFILE_CHANGE, &a->unlock) &&
		    prepare(&keyfiles[i], to))
			continue;
		return reasons_fail(&a->why, "nothing was changed");
	}
	return true;
}

/* The identity that opens them now should be among the new recipients. */
static void
warn_of_lockout(const struct unlock *u, const struct recipients *to)
{
	struct recipients *own = recipients_new();
	char text[RECIPIENT_TEXT];
	bool inside = false;

	identities_add_recipients(u->identities, own);
	for (size_t i = 0; i < recipients_count(own); i++) {
		recipients_text(own, i, text);
		inside = inside || recipients_has(to, text_of(text));
	}
	if (!inside && recipients_count(own) != 0)
		say_warning("the identity of %s is not among the new "
		    "recipients: it opens this no longer", u->from);
	recipients_free(own);
}

/*
 * Signals take effect before the first file is changed, or after the last one.
 */
static bool
rekey_each(struct keyfile *keyfiles, const struct cli_args *args,
    struct access *a, struct recipients *to)
{
	size_t n = args->n_operands;
	bool good;

	interrupt_hold();
	good = access_said(a, open_all(keyfiles, args, a, to) &&
	    keyfile_is_wanted(&a->why) && commit(keyfiles, n, &a->why));
	for (size_t i = 0; i < n; i++)
		keyfile_finish(&keyfiles[i]);
	interrupt_release();
	return good;
}

static enum cli_exit
rekey_all(const struct cli_args *args, struct recipients *to)
{
	size_t n = args->n_operands;
	struct keyfile *keyfiles = xcalloc(n, sizeof(*keyfiles));
	enum cli_exit result = CLI_FAILED;
	struct access a;

	if (!access_begin(&a, args)) {
		free(keyfiles);
		return CLI_FAILED;
	}
	for (size_t i = 0; i < n; i++)
		keyfiles[i].lock = -1;
	if (rekey_each(keyfiles, args, &a, to))
		result = CLI_DONE;
	for (size_t i = 0; i < n; i++) {
		if (result == CLI_DONE)
			say("%s: sealed to %zu recipient%s\n",
			    args->operands[i], recipients_count(to),
			    recipients_count(to) == 1 ? "" : "s");
		keyfile_close(&keyfiles[i]);
	}
	if (result == CLI_DONE)
		warn_of_lockout(&a.unlock, to);
	access_end(&a);
	free(keyfiles);
	return result;
}

static enum cli_exit
run_rekey(const struct cli_args *args)
{
	struct recipients *to = recipients_given(args);
	enum cli_exit result;

	if (to == NULL)
		return CLI_FAILED;
	result = recipients_count(to) != 0 ? rekey_all(args, to) :
	    say_usage(args->verb->name, "to whom? give -r or -R");
	recipients_free(to);
	return result;
}

static const struct cli_option rekey_options[] = {
	CLI_RECIPIENT_OPTIONS,
	CLI_UNLOCK_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_rekey = {
	.name = "rekey",
	.summary = "seals files again, to other recipients",
	.options = rekey_options,
	.operands = "FILE ...",
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.about = "Seals every FILE again, to the recipients given and nobody "
	    "else; all of them\nor, where one cannot be, none.  Whoever "
	    "could open a file before may have kept\na copy: to shut "
	    "somebody out, replace the keys in it too.\n\nWhere this is "
	    "killed it may leave .FILE.sallyport-XXXXXX, the new file or "
	    "the\nold one, sealed; the next change of FILE removes it.\n",
	.example = "sallyport rekey -R team.txt /etc/sallyport/keys.age\n",
	.run = run_rekey,
};

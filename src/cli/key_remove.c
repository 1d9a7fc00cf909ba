/*
 * The verb `key remove`.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/access.h"
#include "cli/recipient_options.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/source.h"
#include "keyfile/key_list.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"

/* The text without the i-th of its keys, if nothing else changes. */
static struct secret *
remove_key(struct access *a, const struct keyfile *v, struct text body,
    const struct contents *before, size_t i)
{
	struct secret *text = NULL;
	struct contents after;

	if (key_list_remove(body, i, &text) == KEY_LIST_OK &&
	    access_read_keys(a, v, secret_text(text), &after)) {
		bool good = contents_same_but(&after, before, i);

		contents_free(&after);
		if (good)
			return text;
	}
	secret_free(text);
	(void)access_said(a, keyfile_refuse_odd(v));
	return NULL;
}

static void
explain_missing(struct access *a, const struct keyfile *v, const char *name)
{
	char *other = NULL, *word;

	if (text_contains(v->body, TEXT("@include")))
		other = unlock_find_keys(&a->unlock, v->path);
	say_reasons(&a->why);
	word = source_word(other != NULL ? other : v->path);
	if (other != NULL)
		(void)say_failed("%s: has no key '%s'; it includes %s, which "
		    "has keys: use --from %s", v->path, say_word(name), other,
		    word);
	else
		(void)say_failed("%s: has no key '%s'; to see which it has: "
		    "sallyport key list %s", v->path, say_word(name), word);
	free(word);
	free(other);
}

/* Names all keys that are missing; then none is removed. */
static bool
has_all(struct access *a, const struct keyfile *v, const struct cli_args *args)
{
	struct contents keys;
	bool good = access_read_keys(a, v, v->body, &keys), all = good;

	for (size_t i = 0; i < args->n_operands && good; i++) {
		if (contents_find(&keys, args->operands[i]) != SIZE_MAX)
			continue;
		explain_missing(a, v, args->operands[i]);
		all = false;
	}
	contents_free(&keys);
	return all;
}

/* The text without one of them, or NULL after printing why not. */
static struct secret *
remove_named(struct access *a, const struct keyfile *v, struct text body,
    const char *name, size_t *left)
{
	struct secret *text = NULL;
	struct contents keys;

	if (access_read_keys(a, v, body, &keys)) {
		text = remove_key(a, v, body, &keys,
		    contents_find(&keys, name));
		*left = contents_count(&keys) - 1;
	}
	contents_free(&keys);
	return text;
}

static void
say_what_was_removed(const struct keyfile *v, const struct cli_args *args,
    size_t left)
{
	for (size_t i = 0; i < args->n_operands; i++)
		say("%s: key '%s' removed, %zu left\n", v->path,
		    args->operands[i], left + args->n_operands - 1 - i);
}

/* Removes them one by one in memory, then replaces the file. */
static enum cli_exit
remove_all(struct access *a, struct keyfile *v, const struct cli_args *args)
{
	struct secret *text = secret_copy(v->body.p, v->body.n), *next;
	size_t left = 0;
	bool good;

	for (size_t i = 0; i < args->n_operands && text != NULL; i++) {
		next = remove_named(a, v, secret_text(text),
		    args->operands[i], &left);
		secret_free(text);
		text = next;
	}
	good = text != NULL && access_save(a, v, secret_text(text));
	secret_free(text);
	if (!good)
		return CLI_FAILED;
	say_what_was_removed(v, args, left);
	return CLI_DONE;
}

static enum cli_exit
remove_from(struct access *a, struct keyfile *v, const struct cli_args *args)
{
	struct recipients *given = recipients_given(args);
	enum cli_exit result = CLI_FAILED;

	if (given != NULL && access_said(a, keyfile_recipients_keep(v, given,
	    &a->unlock)) && has_all(a, v, args))
		result = remove_all(a, v, args);
	recipients_free(given);
	return result;
}

static bool
is_named_before(const struct cli_args *args, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(args->operands[j], args->operands[i]) == 0)
			return true;
	}
	return false;
}

static enum cli_exit
run_key_remove(const struct cli_args *args)
{
	enum cli_exit result = CLI_FAILED;
	struct access a;
	struct keyfile v;

	for (size_t i = 1; i < args->n_operands; i++) {
		if (is_named_before(args, i))
			return say_usage(args->verb->name, "'%s' is "
			    "named twice", say_word(args->operands[i]));
	}
	if (!access_begin(&a, args))
		return CLI_FAILED;
	if (access_said(&a, keyfile_open(&v, cli_args_value(args, "from"),
	    KEYFILE_CHANGE, &a.unlock)))
		result = remove_from(&a, &v, args);
	keyfile_close(&v);
	access_end(&a);
	return result;
}

static const struct cli_option key_remove_options[] = {
	{ .name = "from", .argument = "FILE", .required = true,
	    .help = "The sealed file." },
	CLI_UNLOCK_OPTIONS,
	CLI_RECIPIENT_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_key_remove = {
	.name = "key remove",
	.summary = "takes keys out of a sealed file",
	.options = key_remove_options,
	.operands = "NAME ...",
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.about = "Takes keys out of a sealed file, all of those named or "
	    "none; everything else\nin it, comments too, stays.  A running "
	    "daemon goes by it after\n'sallyport reload', which is refused "
	    "while a route lists one of them.\n\nThe recipients stay.  -r "
	    "and -R are only needed where another program\nsealed the file "
	    "to more than one.\n",
	.example = "sallyport key remove billing-2026q4 "
	    "--from /etc/sallyport/keys.age\n",
	.run = run_key_remove,
};

/*
 * The verb `key remove`.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/keytext.h"
#include "cli/recipients.h"
#include "cli/vault.h"
#include "cli/vault_recipients.h"
#include "cli/verbs.h"

/* The text without the i-th key, if that is all that changes. */
static struct secret *
remove_key(const struct vault *v, const struct keyfile *before, size_t i)
{
	struct secret *text = NULL;
	struct keyfile after;

	if (keytext_remove(v->body, i, &text) == KEYTEXT_OK &&
	    vault_read_keys(v, secret_text(text), &after)) {
		bool good = keyfile_same_but(&after, before, i);

		keyfile_free(&after);
		if (good)
			return text;
	}
	secret_free(text);
	(void)cli_failed("%s: its keys are written in a way that cannot be "
	    "edited here: use 'sallyport edit'", v->path);
	return NULL;
}

static enum cli_exit
explain_missing(const struct vault *v, const char *name, struct unlock *u)
{
	char *other = NULL;

	if (text_contains(v->body, TEXT("@include")))
		other = unlock_find_keys(u, v->path);
	if (other != NULL)
		(void)cli_failed("%s: has no key '%s'; it includes %s, which "
		    "has keys: use --from %s", v->path, name, other, other);
	else
		(void)cli_failed("%s: has no key '%s'; 'sallyport key list "
		    "%s' says which it has", v->path, name, v->path);
	free(other);
	return CLI_FAILED;
}

static enum cli_exit
remove_named(struct vault *v, const struct keyfile *keys, const char *name,
    struct unlock *u)
{
	size_t i = keyfile_find(keys, name);
	struct secret *text;
	bool good;

	if (i == SIZE_MAX)
		return explain_missing(v, name, u);
	text = remove_key(v, keys, i);
	good = text != NULL && vault_save(v, secret_text(text));
	secret_free(text);
	if (!good)
		return CLI_FAILED;
	(void)printf("%s: key '%s' removed, %zu left\n", v->path, name,
	    keyfile_count(keys) - 1);
	return CLI_DONE;
}

static enum cli_exit
remove_from(struct vault *v, const struct cli_args *args, struct unlock *u)
{
	struct recipients *given = recipients_given(args);
	struct keyfile keys = { .memory = NULL };
	enum cli_exit result = CLI_FAILED;

	if (given != NULL && vault_recipients_keep(v, given, u)) {
		if (vault_read_keys(v, v->body, &keys))
			result = remove_named(v, &keys, args->operands[0],
			    u);
		keyfile_free(&keys);
	}
	recipients_free(given);
	return result;
}

static enum cli_exit
run_key_remove(const struct cli_args *args)
{
	enum cli_exit result = CLI_FAILED;
	struct unlock u;
	struct vault v;

	if (!unlock_init(&u, args))
		return CLI_FAILED;
	if (vault_open(&v, cli_args_value(args, "from"), VAULT_CHANGE, &u))
		result = remove_from(&v, args, &u);
	vault_close(&v);
	unlock_free(&u);
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
	.summary = "takes a key out of a sealed file",
	.options = key_remove_options,
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Takes a key out of a sealed file; everything else in it, "
	    "comments too,\nstays.  A running daemon notices at its next "
	    "start.\n\nThe recipients stay.  -r and -R are only "
	    "needed where another program\nsealed the file to more than "
	    "one.\n",
	.example = "sallyport key remove billing-2026q4 "
	    "--from /etc/sallyport/keys.age\n",
	.run = run_key_remove,
};

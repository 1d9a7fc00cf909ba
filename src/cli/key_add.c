/*
 * The verb `key add`.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/access.h"
#include "cli/key_options.h"
#include "cli/recipient_options.h"
#include "cli/say.h"
#include "cli/standard.h"
#include "cli/verb.h"
#include "keyfile/key_new.h"
#include "keyfile/keyfile_recipients.h"

/* The keyfile is open and its recipients are known. */
static enum cli_exit
add_value(struct access *a, struct keyfile *v, const struct key_new *k,
    struct secret *value)
{
	char fingerprint[KEY_FINGERPRINT];
	struct secret *text = key_new_write(k, &value, 1, v, v->body);
	bool good = access_said(a, text != NULL) &&
	    access_save(a, v, secret_text(text));

	secret_free(text);
	if (!good)
		return CLI_FAILED;
	key_new_fingerprint(value, fingerprint);
	say("%s: key '%s' added, fingerprint %s\nTo use it, list it in 'keys' "
	    "of a route, then: sallyport reload\n", v->path, k->name,
	    fingerprint);
	return CLI_DONE;
}

/*
 * The value is read last, after all other checks, so that none is typed for
 * nothing.
 */
static enum cli_exit
add_key(struct access *a, struct keyfile *v, const struct key_new *k,
    const struct cli_args *args)
{
	char *question = xasprintf("Value of the key '%s': ", k->name);
	struct secret *value = key_options_value(k,
	    cli_args_value(args, "value-file"), question);
	enum cli_exit result = CLI_FAILED;

	free(question);
	if (value != NULL)
		result = add_value(a, v, k, value);
	secret_free(value);
	return result;
}

static enum cli_exit
add_to(const struct key_new *k, const struct recipients *given,
    const struct cli_args *args)
{
	enum cli_exit result = CLI_FAILED;
	struct access a;
	struct keyfile v;

	if (!access_begin(&a, args))
		return CLI_FAILED;
	if (access_said(&a, keyfile_open_or_new(&v, cli_args_value(args, "to"),
	    &a.unlock) && keyfile_recipients_keep(&v, given, &a.unlock) &&
	    key_new_may_join(&v, k->name, &a.unlock)))
		result = add_key(&a, &v, k, args);
	keyfile_close(&v);
	access_end(&a);
	return result;
}

/*
 * The value would be read from there too, although the user did not ask for it.
 */
static const char *
reader_before_value(const struct cli_args *args)
{
	if (cli_args_value(args, "value-file") != NULL ||
	    isatty(STDIN_FILENO) == 1)
		return NULL;
	return standard_input_option(args);
}

static enum cli_exit
run_key_add(const struct cli_args *args)
{
	const char *other = reader_before_value(args);
	struct recipients *given;
	enum cli_exit result = CLI_FAILED;
	struct key_new k;

	if (other != NULL)
		return say_usage(args->verb->name, "standard input cannot "
		    "be both, --%s and the value of the key: give that by "
		    "--value-file", other);
	given = recipients_given(args);
	if (key_options_take(&k, args) && given != NULL &&
	    key_options_check(&k))
		result = add_to(&k, given, args);
	recipients_free(given);
	free(k.hosts);
	return result;
}

static const struct cli_option key_add_options[] = {
	{ .name = "to", .argument = "FILE", .required = true,
	    .help = "The sealed file; made if there is none." },
	CLI_KEY_OPTIONS,
	{ .name = "plain",
	    .help = "It may be sent to a proxy without TLS, as proxy_key." },
	{ .name = "value-file", .argument = "FILE", .reads = true,
	    .help = "Reads the value from here; - is standard input." },
	CLI_RECIPIENT_OPTIONS,
	CLI_UNLOCK_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_key_add = {
	.name = "key add",
	.summary = "reads a key and adds it to a sealed file",
	.options = key_add_options,
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Reads the value of a key, from --value-file, from standard "
	    "input, or asked\nfor without echo, and adds it to a sealed "
	    "file.  Everything that is in the\nfile stays, comments and "
	    "recipients too.\n\n"
	    "What stands around the value is left out, and said: quotes, "
	    "'export NAME=',\n'Authorization: ApiKey ', the JSON in which "
	    "an API answered.  When the key was\nmade is written down as "
	    "'created': the time in --created, else now.  A\nwarning of its "
	    "end counts by the life of the key, so tell of an older one.\n\n"
	    "A new file is sealed to the recipients of -r and -R, or "
	    "without those to\nthe one of the identity.  This program notes "
	    "the recipients in the file\nitself, since an age file does not "
	    "tell them; where another program sealed\nit to more than one, "
	    "name all of them by -r.\n",
	.example = "sallyport key add team-a --to /etc/sallyport/keys.age \\\n"
	    "    --host api.elastic-cloud.com\n",
	.run = run_key_add,
};

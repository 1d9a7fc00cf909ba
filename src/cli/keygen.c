/*
 * The verb `keygen`: makes an age identity.  Its text goes from secret memory
 * straight to the file; only the recipient is ever printed beside it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/new_file.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "seal/identity.h"

/* An existing file may be the only identity that opens some sealed file. */
static bool
refuse_existing(const char *file)
{
	struct stat st;

	if (lstat(file, &st) != 0)
		return true;
	(void)say_failed("%s exists already: move it away first, what is "
	    "sealed to it opens with nothing else", file);
	return false;
}

static enum cli_exit
put(const char *file, const struct secret *text, const char *recipient)
{
	if (file != NULL && strcmp(file, "-") != 0) {
		if (!refuse_existing(file) || !new_file_write(file,
		    secret_read(text), secret_len(text)))
			return CLI_FAILED;
		say("%s\n", recipient);
		return CLI_DONE;
	}
	if (!say_secret(text))
		return say_failed("standard output: %s", strerror(errno));
	if (!isatty(STDOUT_FILENO))
		say_aside("%s\n", recipient);
	return CLI_DONE;
}

static enum cli_exit
run_keygen(const struct cli_args *args)
{
	char recipient[RECIPIENT_TEXT];
	struct secret *text = NULL;
	int64_t now = clock_wall() / NS_PER_S;
	enum cli_exit result;
	enum status s;

	if (cli_args_has(args, "pq"))
		s = identity_generate_hybrid(now, &text, recipient);
	else
		s = identity_generate(now, &text, recipient);
	if (s != STATUS_OK)
		return say_failed("cannot make an identity: %s",
		    status_text(s));
	result = put(cli_args_value(args, "output"), text, recipient);
	secret_free(text);
	return result;
}

static const struct cli_option keygen_options[] = {
	{ .name = "output", .letter = 'o', .argument = "FILE",
	    .help = "The file to make; it must not exist yet; - is standard "
		"output." },
	{ .name = "pq",
	    .help = "Makes a post-quantum one (needs OpenSSL 3.5)." },
	{ .name = NULL },
};

const struct verb verb_keygen = {
	.name = "keygen",
	.summary = "makes an age identity and prints its recipient",
	.options = keygen_options,
	.about = "Makes an age identity, the secret that opens sealed files, "
	    "in a file that\nonly its owner can read, and prints its "
	    "recipient, what others seal to.\nWithout -o the identity goes "
	    "to standard output, as with age-keygen.\n\n"
	    "With --pq it is of the kind that quantum computers do not "
	    "break either; its\nrecipient, age1pq1..., is 1959 characters "
	    "long.  Files are sealed to recipients\nof one kind only.\n",
	.example = "sallyport keygen -o /etc/sallyport/identity\n",
	.run = run_keygen,
};

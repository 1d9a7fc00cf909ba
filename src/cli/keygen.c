/*
 * The verb `keygen`: makes an age identity.  Its text goes from secret memory
 * straight to the file; only the recipient is ever printed beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/write.h"
#include "cli/verbs.h"
#include "seal/identity.h"

static bool
write_secret(int fd, const struct secret *text)
{
	return write_all(fd, secret_read(text), secret_len(text));
}

/* A file that is not complete on the disk is removed again. */
static enum cli_exit
write_file(const char *file, const struct secret *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0 && errno == EEXIST)
		return cli_failed("%s exists already: move it away first, "
		    "what is sealed to it opens with nothing else", file);
	if (fd < 0)
		return cli_failed("%s: %s", file, strerror(errno));
	good = fchmod(fd, 0600) == 0 && write_secret(fd, text) &&
	    fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (good)
		return CLI_DONE;
	(void)cli_failed("%s: %s", file, strerror(errno));
	(void)unlink(file);
	return CLI_FAILED;
}

static enum cli_exit
put(const char *file, const struct secret *text, const char *recipient)
{
	if (file != NULL && strcmp(file, "-") != 0) {
		if (write_file(file, text) != CLI_DONE)
			return CLI_FAILED;
		(void)printf("%s\n", recipient);
		return CLI_DONE;
	}
	if (!write_secret(STDOUT_FILENO, text))
		return cli_failed("standard output: %s", strerror(errno));
	if (!isatty(STDOUT_FILENO))
		(void)fprintf(stderr, "%s\n", recipient);
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
		return cli_failed("cannot make an identity: %s",
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

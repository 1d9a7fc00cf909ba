/*
 * Reading secrets; see input.h.
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

/* How long a program in front of ours in a pipe may take without a word. */
#define QUIET_MS	1000

/* A file is always ready, and read to its end whoever interrupts. */
static bool
is_ready(int fd)
{
	struct stat st;

	return (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) ||
	    interrupt_wait_readable(fd);
}

/* Nothing seems to happen: who waits for us is told what we wait for. */
static void
tell_if_waiting(const char *what)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	if (isatty(STDIN_FILENO) == 1)
		(void)fprintf(stderr, "sallyport: reading %s from standard "
		    "input, until the end of it (Ctrl-D)\n", what);
	else if (poll(&p, 1, QUIET_MS) == 0)
		(void)fprintf(stderr, "sallyport: waiting for %s on standard "
		    "input\n", what);
}

struct secret *
input_read(const char *file, const char *what, size_t max)
{
	bool standard = strcmp(file, "-") == 0;
	int fd = standard ? STDIN_FILENO :
	    open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct secret *bytes;

	if (standard)
		tell_if_waiting(what);
	bytes = fd < 0 ? NULL : secret_from_fd(fd, max, is_ready);

	/* A signal that waits says it all. */
	if (bytes == NULL && !interrupt_pending())
		(void)cli_failed("%s: cannot read %s: %m",
		    standard ? "standard input" : file, what);
	if (fd >= 0 && !standard)
		(void)close(fd);
	return bytes;
}

struct secret *
input_read_kind(const char *file, enum file_kind kind, const char *what,
    size_t max)
{
	struct secret *bytes;
	const char *why;
	int fd;

	why = file_open(file, kind, &fd);
	if (why != NULL) {
		(void)cli_failed("%s: cannot read %s: %s", file, what, why);
		return NULL;
	}
	bytes = secret_from_fd(fd, max, is_ready);
	if (bytes == NULL)
		(void)cli_failed("%s: cannot read %s: %m", file, what);
	(void)close(fd);
	return bytes;
}

struct secret *
input_read_line(const char *file, const char *what)
{
	struct secret *line = input_read(file, what, INPUT_MAX);
	size_t n;

	if (line == NULL)
		return NULL;
	n = secret_len(line);
	if (n != 0 && secret_read(line)[n - 1] == '\n')
		n--;
	if (n != 0 && n < secret_len(line) &&
	    secret_read(line)[n - 1] == '\r')
		n--;
	secret_truncate(line, n);
	if (n != 0)
		return line;
	(void)cli_failed("%s: %s is empty", strcmp(file, "-") == 0 ?
	    "standard input" : file, what);
	secret_free(line);
	return NULL;
}

/* Not empty; NULL after it said so. */
static struct secret *
ask(const char *what, const char *question)
{
	struct secret *answer = terminal_ask_secret(question);

	/* A signal that waits says it all. */
	if (answer == NULL && !interrupt_pending()) {
		(void)cli_failed("%s was not given", what);
	} else if (answer != NULL && secret_len(answer) == 0) {
		(void)cli_failed("%s is empty", what);
		secret_free(answer);
		answer = NULL;
	}
	return answer;
}

bool
input_is_asked(const char *file)
{
	return file == NULL && isatty(STDIN_FILENO) == 1;
}

struct secret *
input_value(const char *file, const char *what, const char *question)
{
	if (input_is_asked(file))
		return ask(what, question);
	return input_read(file != NULL ? file : "-", what, INPUT_MAX);
}

struct secret *
input_passphrase(const char *file, bool is_new, const char *question)
{
	struct secret *first, *second;

	if (file != NULL)
		return input_read_line(file, "the passphrase");
	if (!terminal_there()) {
		(void)cli_failed("there is no terminal to ask for the "
		    "passphrase: use --passphrase-file");
		return NULL;
	}
	first = ask("the passphrase", question);
	if (first == NULL || !is_new)
		return first;
	second = ask("the passphrase", "The same again: ");
	if (second != NULL && !secret_equal(first, second))
		(void)cli_failed("the passphrases differ");
	if (second == NULL || !secret_equal(first, second)) {
		secret_free(first);
		first = NULL;
	}
	secret_free(second);
	return first;
}

/* An empty one is none. */
static struct secret *
ask_passphrase_of(const char *file)
{
	char *question = xasprintf("Passphrase of %s: ", file);
	struct secret *answer = terminal_ask_secret(question);

	free(question);
	if (answer == NULL || secret_len(answer) != 0)
		return answer;
	secret_free(answer);
	return NULL;
}

struct secret *
input_passphrase_of(struct input_passphrases *p, const char *file)
{
	struct secret *passphrase = NULL;

	if (interrupt_pending())
		return NULL;
	if (p->file == NULL)
		passphrase = ask_passphrase_of(file);
	else if (!p->given)
		passphrase = input_read_line(p->file, "the passphrase");
	p->given = true;
	/* Takes a second or more. */
	if (passphrase != NULL)
		terminal_progress("opening %s ...", file);
	return passphrase;
}

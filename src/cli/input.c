/*
 * Reading secrets; see input.h.
 */
#include "cli/input.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/status.h"
#include "cli/say.h"
#include "conf/source.h"
#include "tty/interrupt.h"
#include "tty/progress.h"
#include "tty/secret_file.h"
#include "tty/terminal.h"

/*
 * How long a program before us in a pipe may take before we say that we wait.
 */
#define QUIET_MS	1000

/*
 * Tells the user what we are waiting for, as otherwise nothing seems to happen.
 */
static void
tell_if_waiting(const char *what)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	if (isatty(STDIN_FILENO) == 1)
		say_remark("reading %s from standard "
		    "input, until the end of it (Ctrl-D)", what);
	else if (poll(&p, 1, QUIET_MS) == 0)
		say_remark("waiting for %s on standard "
		    "input", what);
}

struct secret *
input_read_file(const char *file, enum file_kind kind, enum file_role role,
    const char *what, size_t max)
{
	const struct file_request request = { .path = file, .kind = kind,
		.role = role };
	struct reasons why = { .n = 0 };
	struct secret *bytes = secret_file_read(&request, what, max, &why);

	say_reasons(&why);
	return bytes;
}

static struct secret *
read_standard(const char *what, size_t max)
{
	struct reasons why = { .n = 0 };
	struct secret *bytes;

	tell_if_waiting(what);
	bytes = secret_file_drain(STDIN_FILENO, SOURCE_STANDARD, what, max,
	    &why);
	say_reasons(&why);
	return bytes;
}

struct secret *
input_read(const char *file, enum file_role role, const char *what,
    size_t max)
{
	struct secret *text = source_is_standard(file) ?
	    read_standard(what, max) :
	    input_read_file(file, FILE_ANY, role, what, max);

	if (text == NULL || !encoding_is_utf16(secret_text(text)))
		return text;
	(void)say_failed("%s: cannot read %s: %s", source_name(file), what,
	    status_text(STATUS_UTF16));
	secret_free(text);
	return NULL;
}

/* A text without byte order mark and line end: a file holds one secret. */
static struct secret *
read_line(const char *file, enum file_role role, const char *what)
{
	struct secret *line = input_read(file, role, what, INPUT_MAX);
	size_t n;

	if (line == NULL)
		return NULL;
	secret_file_skip_mark(line);
	n = secret_len(line);
	if (n != 0 && secret_read(line)[n - 1] == '\n')
		n--;
	if (n != 0 && n < secret_len(line) &&
	    secret_read(line)[n - 1] == '\r')
		n--;
	secret_truncate(line, n);
	if (n != 0)
		return line;
	(void)say_failed("%s: %s is empty", source_name(file), what);
	secret_free(line);
	return NULL;
}

struct secret *
input_ask(const char *question)
{
	struct reasons why = { .n = 0 };
	struct secret *answer = terminal_ask_secret(question, &why);

	say_reasons(&why);
	return answer;
}

/* NULL, after printing why, also if the answer is empty. */
static struct secret *
ask(const char *what, const char *question)
{
	struct secret *answer = input_ask(question);

	/* For a pending signal there is no message. */
	if (answer == NULL && !interrupt_pending()) {
		(void)say_failed("%s was not given", what);
	} else if (answer != NULL && secret_len(answer) == 0) {
		(void)say_failed("%s is empty", what);
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
	return input_read(file != NULL ? file : "-", FILE_DATA, what,
	    INPUT_MAX);
}

struct secret *
input_passphrase(const char *file, bool is_new, const char *question)
{
	struct secret *first, *second;

	if (file != NULL)
		return read_line(file, FILE_OBEYED,
		    "the passphrase");
	if (!terminal_there()) {
		(void)say_failed("there is no terminal to ask for the "
		    "passphrase: use --passphrase-file");
		return NULL;
	}
	first = ask("the passphrase", question);
	if (first == NULL || !is_new)
		return first;
	second = ask("the passphrase", "The same again: ");
	if (second != NULL && !secret_equal(first, second))
		(void)say_failed("the passphrases differ");
	if (second == NULL || !secret_equal(first, second)) {
		secret_free(first);
		first = NULL;
	}
	secret_free(second);
	return first;
}

/* An empty passphrase is taken as none. */
static struct secret *
ask_passphrase_of(const char *file)
{
	char *question = xasprintf("Passphrase of %s: ", file);
	struct secret *answer = input_ask(question);

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
		passphrase = read_line(p->file, FILE_OBEYED,
		    "the passphrase");
	p->given = true;
	/* Opening takes a second or more. */
	if (passphrase != NULL)
		progress("opening %s ...", file);
	return passphrase;
}

/*
 * Questions, warnings and progress; see terminal.h.  Knows no verb.  Whether
 * a progress line stands there is state of the process and kept here.
 */
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "base/write.h"
#include "cli/interrupt.h"

#define LINE_MAX_BYTES	((size_t)4096)	/* what a terminal gives at most */

static bool progress_shown;

static int
open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

bool
terminal_there(void)
{
	int fd = open_terminal();

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

static void
say(int fd, const char *text)
{
	(void)write_all(fd, text, strlen(text));
}

/* A line without its end, straight into the secret; false: no line. */
static bool
read_line(int fd, struct secret *line)
{
	size_t n = 0;
	ssize_t got;

	while (n < secret_len(line) && interrupt_wait_readable(fd)) {
		got = read(fd, secret_bytes(line) + n, secret_len(line) - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
		if (secret_read(line)[n - 1] == '\n') {
			secret_truncate(line, n - 1);
			return true;
		}
	}
	return false;
}

static struct secret *
ask(int fd, const char *question)
{
	struct secret *line = secret_new(LINE_MAX_BYTES);

	say(fd, question);
	if (read_line(fd, line))
		return line;
	secret_free(line);
	return NULL;
}

/* What is typed ahead is thrown away with the echo. */
static struct secret *
ask_without_echo(int fd, const char *question)
{
	struct termios normal, silent;
	struct secret *line;

	if (tcgetattr(fd, &normal) != 0)
		return NULL;
	silent = normal;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	(void)tcsetattr(fd, TCSAFLUSH, &silent);
	line = ask(fd, question);
	(void)tcsetattr(fd, TCSADRAIN, &normal);
	say(fd, "\n");
	return line;
}

static struct secret *
ask_by(struct secret *(*way)(int, const char *), const char *question)
{
	int fd = open_terminal();
	struct secret *line;

	if (fd < 0)
		return NULL;
	terminal_progress_end();
	interrupt_hold();
	line = way(fd, question);
	interrupt_release();
	(void)close(fd);
	return line;
}

struct secret *
terminal_ask_secret(const char *question)
{
	return ask_by(ask_without_echo, question);
}

bool
terminal_ask(const char *question, char *answer, size_t n)
{
	struct secret *line = ask_by(ask, question);
	size_t len;

	if (line == NULL)
		return false;
	len = secret_len(line) < n ? secret_len(line) : n - 1;
	memcpy(answer, secret_read(line), len);
	answer[len] = '\0';
	secret_free(line);
	return true;
}

bool
terminal_confirm(const char *question)
{
	char full[512], answer[16];
	struct text t;

	(void)snprintf(full, sizeof(full), "%s [y/N] ", question);
	if (!terminal_ask(full, answer, sizeof(answer)))
		return false;
	t = text_trim(text_of(answer));
	return text_eq_nocase(t, TEXT("y")) || text_eq_nocase(t, TEXT("yes"));
}

/* https://no-color.org: present and not empty. */
static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == '\0') && isatty(STDERR_FILENO) == 1 &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
terminal_warn(const char *fmt, ...)
{
	bool colour = wants_colour();
	va_list ap;

	terminal_progress_end();
	(void)fprintf(stderr, "sallyport: %swarning:%s ",
	    colour ? "\033[1;33m" : "", colour ? "\033[0m" : "");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

void
terminal_progress(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (isatty(STDERR_FILENO) != 1) {
		errno = saved;
		return;
	}
	progress_shown = true;
	(void)fputs("\r\033[K", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fflush(stderr);
	errno = saved;
}

void
terminal_progress_end(void)
{
	int saved = errno;

	if (!progress_shown)
		return;
	progress_shown = false;
	(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	errno = saved;
}

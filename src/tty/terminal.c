/*
 * Questions to the user; see terminal.h.  Knows no verb.
 */
#include "tty/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/write.h"
#include "tty/interrupt.h"
#include "tty/progress.h"

#define LINE_MAX_BYTES	((size_t)4096)	/* a terminal gives no more at once */

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
show_text(int fd, const char *text)
{
	char *shown = xstrdup(text);

	/* It names files. */
	text_defuse(shown, "\n");
	(void)write_all(fd, shown, strlen(shown));
	free(shown);
}

/* A question that is being asked. */
struct prompt {
	int fd;
	const char *question;
	struct reasons *hidden;		/* echo is off: takes the warning if
					   it cannot be; NULL: echo is on */
	struct termios normal, silent;	/* the terminal's modes; silent:
					   without echo */
};

enum answer {
	ANSWER_LINE,
	ANSWER_NONE,
	ANSWER_STOP,		/* the program is to be stopped first */
	ANSWER_AGAIN,		/* the terminal was another's meanwhile */
};

/* Waits for more input; ANSWER_LINE where there is some. */
static enum answer
wait_for_more(int fd)
{
	switch (interrupt_wait(fd)) {
	case INTERRUPT_READABLE:
	case INTERRUPT_TIME:
		break;
	case INTERRUPT_ENDS:
		return ANSWER_NONE;
	case INTERRUPT_STOPS:
		return ANSWER_STOP;
	case INTERRUPT_CONTINUED:
		return ANSWER_AGAIN;
	}
	return interrupt_is_background(fd) ? ANSWER_AGAIN : ANSWER_LINE;
}

/* Reads a line, without its end, straight into the secret. */
static enum answer
read_line(int fd, struct secret *line)
{
	enum answer answer;
	size_t n = 0;
	ssize_t got;

	while (n < secret_len(line)) {
		answer = wait_for_more(fd);
		if (answer != ANSWER_LINE)
			return answer;
		got = read(fd, secret_bytes(line) + n, secret_len(line) - n);
		if (got <= 0)
			return ANSWER_NONE;
		n += (size_t)got;
		if (secret_read(line)[n - 1] == '\n') {
			secret_truncate(line, n - 1);
			return ANSWER_LINE;
		}
	}
	return ANSWER_NONE;
}

/* Checked: tcsetattr() succeeds even if it made only a part of the changes. */
static bool
is_silent(int fd)
{
	struct termios now;

	return tcgetattr(fd, &now) == 0 && (now.c_lflag & ECHO) == 0;
}

/* Input that was typed before the echo was off is thrown away. */
static bool
hide(struct prompt *p)
{
	if (tcgetattr(p->fd, &p->normal) == 0) {
		p->silent = p->normal;
		p->silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK |
		    ECHONL);
		p->silent.c_lflag |= ICANON | ISIG;
		if (tcsetattr(p->fd, TCSAFLUSH, &p->silent) == 0 &&
		    is_silent(p->fd))
			return true;
		(void)tcsetattr(p->fd, TCSANOW, &p->normal);
	}
	reasons_warn(p->hidden, "the terminal would show what is typed: not "
	    "asking there");
	return false;
}

/*
 * Restores the modes, unless another program has changed them meanwhile, and
 * drops a half-typed secret.  Another process group may own the terminal by
 * now.
 */
static void
show(const struct prompt *p, enum answer answer)
{
	struct termios now;
	sigset_t set, saved;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &saved);
	if (tcgetattr(p->fd, &now) == 0 &&
	    now.c_lflag == p->silent.c_lflag) {
		(void)tcsetattr(p->fd, answer == ANSWER_LINE ? TCSADRAIN :
		    TCSAFLUSH, &p->normal);
		show_text(p->fd, "\n");
	}
	sigprocmask(SIG_SETMASK, &saved, NULL);
}

static enum answer
ask_once(struct prompt *p, struct secret *line)
{
	enum answer answer;

	if (!interrupt_wait_foreground(p->fd) ||
	    (p->hidden != NULL && !hide(p)))
		return ANSWER_NONE;
	show_text(p->fd, p->question);
	answer = read_line(p->fd, line);
	if (p->hidden != NULL)
		show(p, answer);
	return answer;
}

static struct secret *
ask_until_answered(struct prompt *p)
{
	struct secret *line;

	for (;;) {
		line = secret_new(LINE_MAX_BYTES);
		switch (ask_once(p, line)) {
		case ANSWER_LINE:
			return line;
		case ANSWER_NONE:
			secret_free(line);
			return NULL;
		case ANSWER_STOP:
			interrupt_stop();
			break;
		case ANSWER_AGAIN:
			break;
		}
		secret_free(line);
	}
}

static struct secret *
ask(const char *question, struct reasons *hidden)
{
	struct prompt p = { .fd = open_terminal(), .question = question,
		.hidden = hidden };
	struct secret *line;

	if (p.fd < 0)
		return NULL;
	progress_end();
	interrupt_hold();
	line = ask_until_answered(&p);
	interrupt_release();
	(void)close(p.fd);
	return line;
}

struct secret *
terminal_ask_secret(const char *question, struct reasons *why)
{
	return ask(question, why);
}

char *
terminal_ask(const char *question)
{
	struct secret *line = ask(question, NULL);
	char *answer;

	if (line == NULL)
		return NULL;
	answer = xstrndup((const char *)secret_read(line), secret_len(line));
	secret_free(line);
	return answer;
}

bool
terminal_confirm(const char *question)
{
	char *full = xasprintf("%s [y/N] ", question);
	char *answer = terminal_ask(full);
	struct text t = answer != NULL ? text_trim(text_of(answer)) : TEXT("");
	bool yes = text_eq_nocase(t, TEXT("y")) ||
	    text_eq_nocase(t, TEXT("yes"));

	free(answer);
	free(full);
	return yes;
}

/*
 * A text on a whole screen; see screen.h.  The terminal's other screen is used,
 * so that what was there before comes back.  A text is written over the one
 * before it, in one piece: nothing flickers.
 */
#include "tty/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/write.h"
#include "tty/interrupt.h"

/* XTerm's control sequences, which all of today's terminals know. */
#define ENTER		"\033[?1049h\033[?25l"
#define LEAVE		"\033[?25h\033[?1049l"
#define HOME		"\033[H"
#define CLEAR_LINE	"\033[K"
#define CLEAR_BELOW	"\033[J"

#define COLUMNS		80
#define LINES		24

struct screen {
	struct buf last;		/* what is shown */
	bool keys;			/* standard input is a terminal */
	struct termios normal, quiet;	/* its modes; quiet: each key at once,
					   without echo */
};

bool
screen_there(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

static void
find_size(size_t *columns, size_t *lines)
{
	struct winsize size;

	*columns = COLUMNS;
	*lines = LINES;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_col != 0)
		*columns = size.ws_col;
	if (size.ws_row != 0)
		*lines = size.ws_row;
}

size_t
screen_width(void)
{
	size_t columns, lines;

	find_size(&columns, &lines);
	return columns;
}

static void
put(const char *sequence)
{
	(void)write_all(STDOUT_FILENO, sequence, strlen(sequence));
}

static void
enter(const struct screen *s)
{
	if (s->keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &s->quiet);
	put(ENTER);
}

static void
leave(const struct screen *s)
{
	if (s->keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &s->normal);
	put(LEAVE);
}

/* Keys are read only from a terminal that is ours to read from. */
struct screen *
screen_new(void)
{
	struct screen *s = xcalloc(1, sizeof(*s));

	interrupt_hold();
	buf_init(&s->last, NULL);
	s->keys = !interrupt_is_background(STDIN_FILENO) &&
	    tcgetattr(STDIN_FILENO, &s->normal) == 0;
	s->quiet = s->normal;
	s->quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
	s->quiet.c_lflag |= ISIG;
	enter(s);
	return s;
}

void
screen_free(struct screen *s)
{
	if (s == NULL)
		return;
	leave(s);
	buf_release(&s->last);
	free(s);
	interrupt_release();
}

/* The first columns of a line; the bytes of a character stay together. */
static struct text
cut(struct text line, size_t columns)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++) {
		if (((uint8_t)line.p[i] & 0xc0) != 0x80 && n++ == columns)
			return (struct text){ .p = line.p, .n = i };
	}
	return line;
}

static void
draw(const struct screen *s)
{
	struct text rest = buf_text(&s->last), line;
	size_t columns, lines;
	struct buf out;

	find_size(&columns, &lines);
	buf_init(&out, NULL);
	buf_append_text(&out, TEXT(HOME));
	for (size_t i = 0; i < lines && text_split(&rest, '\n', &line); i++) {
		if (i != 0)
			buf_append_text(&out, TEXT("\r\n"));
		buf_append_text(&out, cut(line, columns));
		buf_append_text(&out, TEXT(CLEAR_LINE));
	}
	buf_append_text(&out, TEXT(CLEAR_BELOW));
	(void)write_all(STDOUT_FILENO, buf_data(&out), buf_len(&out));
	buf_release(&out);
}

void
screen_show(struct screen *s, struct text t)
{
	buf_release(&s->last);
	buf_append_text(&s->last, t);
	draw(s);
}

/* False for q, ^D, and the end of the input. */
static bool
take_key(void)
{
	char c;

	return read(STDIN_FILENO, &c, 1) == 1 && c != 'q' && c != 'Q' &&
	    c != '\004';
}

bool
screen_wait(struct screen *s, int limit_ms)
{
	int64_t until = clock_monotonic() + limit_ms * NS_PER_MS, left;

	while ((left = until - clock_monotonic()) > 0) {
		switch (interrupt_wait_for(s->keys ? STDIN_FILENO : -1,
		    (int)(left / NS_PER_MS) + 1)) {
		case INTERRUPT_READABLE:
			if (!take_key())
				return false;
			break;
		case INTERRUPT_ENDS:
			return false;
		case INTERRUPT_STOPS:
			leave(s);
			interrupt_stop();
			enter(s);
			draw(s);
			break;
		case INTERRUPT_CONTINUED:
			enter(s);
			draw(s);
			break;
		case INTERRUPT_TIME:
			return true;
		}
	}
	return true;
}

/*
 * Lines to a descriptor without blocking; see sink.h.  Knows neither JSON nor
 * the event loop: its owner says when a turn ends.
 *
 * What is written to is opened a second time through /proc, which gives a file
 * description of our own.  O_NONBLOCK on the one passed in, a pipe, a terminal
 * or a device, would be seen by every process that shares it; where /proc
 * cannot be used, poll() is asked before each write.  And of a file that
 * several processes append to, only our own description knows where our last
 * write ended.
 */
#include "base/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* Collected bytes that leave before the turn ends; also the most that waits
   for a reader who is slow. */
#define COLLECT_MAX	(64 * 1024)

/* Room behind it for the last line, so that the block need not grow. */
#define LINE_ROOM	(32 * 1024)

enum way {
	WAY_FILE,		/* write(), all at once */
	WAY_OWN_FILE,		/* the same, appended by our description */
	WAY_NONBLOCKING,	/* write(), at most PIPE_BUF of whole lines */
	WAY_POLL,		/* the same after poll() */
	WAY_SOCKET,		/* send(MSG_DONTWAIT) */
};

struct sink {
	int fd;
	int own_fd;		/* -1: fd is written to */
	enum way way;
	bool failing;
	int error;		/* of the last write that failed */
	bool in_line;		/* the first bytes of out end a line whose
				   beginning was written */
	_Atomic uint64_t *lost;	/* may be NULL */
	uint64_t lost_here;
	struct blocks *blocks;
	struct buf out;
};

int
sink_open_again(int fd)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
	    (flags & O_APPEND));
}

static int
own(int fd, bool alone)
{
	return alone ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : sink_open_again(fd);
}

/*
 * What is not appended to has a place where the next bytes go, which those
 * who share the description share, too.
 */
static void
use_file(struct sink *s, bool alone)
{
	s->way = WAY_FILE;
	if ((fcntl(s->fd, F_GETFL) & O_APPEND) == 0)
		return;
	s->own_fd = own(s->fd, alone);
	if (s->own_fd != -1)
		s->way = WAY_OWN_FILE;
}

static void
use_fd(struct sink *s, int fd, bool alone)
{
	struct stat st;

	s->fd = fd;
	s->own_fd = -1;
	s->way = WAY_POLL;
	if (fstat(fd, &st) == -1)
		return;
	if (S_ISREG(st.st_mode)) {
		use_file(s, alone);
	} else if (S_ISSOCK(st.st_mode)) {
		s->way = WAY_SOCKET;
	} else {
		s->own_fd = own(fd, alone);
		if (s->own_fd != -1)
			s->way = WAY_NONBLOCKING;
	}
}

static void
unuse_fd(struct sink *s)
{
	if (s->own_fd != -1)
		close(s->own_fd);
	s->own_fd = -1;
}

struct sink *
sink_new(int fd, _Atomic uint64_t *lost)
{
	struct sink *s = xcalloc(1, sizeof(*s));

	s->lost = lost;
	s->blocks = blocks_new(COLLECT_MAX + LINE_ROOM, 1);
	buf_init(&s->out, s->blocks);
	use_fd(s, fd, false);
	return s;
}

static size_t
count_lines(const uint8_t *p, size_t n)
{
	size_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

/* Bytes up to and with the first newline, 0 when there is none. */
static size_t
first_line(const uint8_t *p, size_t n)
{
	const uint8_t *nl = memchr(p, '\n', n);

	return nl != NULL ? (size_t)(nl - p) + 1 : 0;
}

/* Bytes up to and with the last newline, 0 when there is none. */
static size_t
whole_lines(const uint8_t *p, size_t n)
{
	const uint8_t *nl = memrchr(p, '\n', n);

	return nl != NULL ? (size_t)(nl - p) + 1 : 0;
}

static void
count_lost(struct sink *s, uint64_t lines)
{
	s->lost_here += lines;
	if (s->lost != NULL)
		*s->lost += lines;
}

/* Loses what waits from the byte keep on. */
static void
lose_after(struct sink *s, size_t keep)
{
	size_t n = buf_len(&s->out) - keep;

	if (n == 0)
		return;
	count_lost(s, count_lines(buf_data(&s->out) + keep, n));
	if (keep == 0)
		buf_release(&s->out);
	else
		s->out.end -= n;
}

/* Loses every line that was not begun. */
static void
lose_lines(struct sink *s)
{
	lose_after(s, s->in_line ?
	    first_line(buf_data(&s->out), buf_len(&s->out)) : 0);
}

static bool
is_file(const struct sink *s)
{
	return s->way == WAY_FILE || s->way == WAY_OWN_FILE;
}

/*
 * How much to write at once.  What goes to a pipe goes by runs of whole lines
 * that the kernel takes or refuses in one piece, so that the lines of several
 * processes do not mix.
 */
static size_t
batch(const struct sink *s)
{
	const uint8_t *p = buf_data(&s->out);
	size_t n = buf_len(&s->out), whole;

	if (is_file(s) || n <= PIPE_BUF)
		return n;
	whole = whole_lines(p, PIPE_BUF);
	return whole != 0 ? whole : first_line(p, n);
}

static ssize_t
write_some(const struct sink *s, const uint8_t *p, size_t n)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLOUT };

	switch (s->way) {
	case WAY_FILE:
		return write(s->fd, p, n);
	case WAY_OWN_FILE:
	case WAY_NONBLOCKING:
		return write(s->own_fd, p, n);
	case WAY_POLL:
		if (poll(&pfd, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		return write(s->fd, p, n);
	case WAY_SOCKET:
		return send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	abort();
}

/*
 * Puts spaces in place of the last n bytes we wrote, wherever the end of the
 * file is by now: cutting the file there could take away what another process
 * has appended since.  What is appended next follows the spaces.
 */
static bool
blank(int fd, size_t n)
{
	static const char spaces[] = "                                ";
	off_t end = lseek(fd, 0, SEEK_CUR), at = end - (off_t)n;
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (at < 0 || flags == -1 || fstat(fd, &st) != 0)
		return false;
	/* Somebody emptied the file meanwhile. */
	if (st.st_size < end)
		return true;
	/* Linux appends what pwrite() writes, too. */
	if (fcntl(fd, F_SETFL, flags & ~O_APPEND) == -1)
		return false;
	while (n != 0) {
		ssize_t done = pwrite(fd, spaces, n < sizeof(spaces) - 1 ? n :
		    sizeof(spaces) - 1, at);

		if (done <= 0)
			break;
		n -= (size_t)done;
		at += done;
	}
	return fcntl(fd, F_SETFL, flags) == 0 && n == 0;
}

/*
 * Takes the last n bytes of the file back, and the place where the next ones
 * go, for files that are not appended to.
 */
static bool
take_back(int fd, size_t n)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size < (off_t)n ||
	    ftruncate(fd, st.st_size - (off_t)n) != 0)
		return false;
	(void)lseek(fd, -(off_t)n, SEEK_CUR);
	return true;
}

/*
 * The last n bytes that were written begin a line that shall not be there.
 * Some file systems write nothing in place on a full disk, but cut a file.
 */
static bool
undo(const struct sink *s, size_t n)
{
	return (s->way == WAY_OWN_FILE && blank(s->own_fd, n)) ||
	    (is_file(s) && take_back(s->fd, n));
}

/*
 * n bytes were written.  Where they end within a line of a file its beginning
 * is undone, elsewhere the rest has to follow.  False when the former says
 * that the disk is full.
 */
static bool
written(struct sink *s, size_t n)
{
	size_t torn = n - whole_lines(buf_data(&s->out), n);
	bool full = torn != 0 && undo(s, torn);

	if (full)
		n -= torn;
	if (n == 0)
		return false;
	s->in_line = torn != 0 && !full;
	buf_consume(&s->out, n);
	return !full;
}

/* What waits as far as it can be written; 0 or an errno. */
static int
write_all(struct sink *s)
{
	while (sink_pending(s)) {
		ssize_t n = write_some(s, buf_data(&s->out), batch(s));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno;
		if (!written(s, (size_t)n))
			return ENOSPC;
	}
	return 0;
}

void
sink_flush(struct sink *s)
{
	int error = write_all(s);

	if (error != 0)
		s->error = error;
	switch (error) {
	case 0:
		s->failing = false;
		break;
	case EAGAIN:
		s->failing = buf_len(&s->out) > COLLECT_MAX / 2;
		break;
	default:
		lose_lines(s);
		s->failing = true;
	}
}

struct buf *
sink_line(struct sink *s)
{
	return &s->out;
}

void
sink_line_end(struct sink *s)
{
	size_t keep;

	buf_append(&s->out, "\n", 1);
	if (buf_len(&s->out) <= COLLECT_MAX)
		return;
	sink_flush(s);
	if (buf_len(&s->out) <= COLLECT_MAX)
		return;
	keep = whole_lines(buf_data(&s->out), buf_len(&s->out) - 1);
	if (keep != 0 || !s->in_line)
		lose_after(s, keep);
}

bool
sink_pending(const struct sink *s)
{
	return buf_len(&s->out) != 0;
}

bool
sink_failing(const struct sink *s)
{
	return s->failing;
}

int
sink_error(const struct sink *s)
{
	return s->error;
}

uint64_t
sink_lost(const struct sink *s)
{
	return s->lost_here;
}

void
sink_set_fd(struct sink *s, int fd, bool alone)
{
	sink_flush(s);
	if (s->in_line) {
		/* Its beginning is in the old file. */
		buf_consume(&s->out, first_line(buf_data(&s->out),
		    buf_len(&s->out)));
		s->in_line = false;
		count_lost(s, 1);
	}
	unuse_fd(s);
	use_fd(s, fd, alone);
}

void
sink_end(struct sink *s)
{
	sink_flush(s);
	lose_after(s, 0);
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	sink_end(s);
	unuse_fd(s);
	blocks_free(s->blocks);
	free(s);
}

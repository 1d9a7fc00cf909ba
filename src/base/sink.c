/*
 * Lines to a descriptor without blocking; see sink.h.  It knows neither JSON
 * nor the event loop: its owner says when a turn ends.
 *
 * A pipe, a terminal or a device is opened a second time through /proc, which
 * gives a file description of our own: O_NONBLOCK on the one passed in would
 * be seen by every process that shares it.  Where /proc cannot be used, poll()
 * is asked before each write, unless that mode is set already.
 */
#include "base/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"

/*
 * Collected bytes from which on they are written before the turn ends; also the
 * most that is kept for a slow reader.
 */
#define COLLECT_MAX	(64 * 1024)

/* Room behind it for the last line, so that the block need not grow. */
#define LINE_ROOM	(32 * 1024)

/* Bytes that pipes take whole or not at all, less one for a newline before. */
#define PIPE_LINES	(PIPE_BUF - 1)

/* What a write is made of: that newline, and lines. */
#define PARTS	2

enum way {
	WAY_FILE,		/* writev(), all at once */
	WAY_NONBLOCKING,	/* writev(), at most PIPE_LINES if it can be */
	WAY_POLL,		/* writev() after poll(), at most PIPE_LINES */
	WAY_SOCKET,		/* sendmsg(MSG_DONTWAIT) */
};

struct sink {
	int fd;
	int own_fd;		/* -1: fd is written to */
	enum way way;
	bool failing;
	int error;		/* of the last write that failed */
	_Atomic bool *torn;	/* shared, or own_torn */
	_Atomic bool own_torn;
	_Atomic uint64_t *lost;	/* may be NULL */
	uint64_t lost_here;
	struct blocks *blocks;
	struct buf out;
};

static int
open_again(int fd, int flags)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
	    (flags & O_APPEND));
}

static void
use_pipe(struct sink *s)
{
	int flags = fcntl(s->fd, F_GETFL);

	if (flags == -1)
		return;
	s->own_fd = open_again(s->fd, flags);
	if (s->own_fd != -1 || (flags & O_NONBLOCK) != 0)
		s->way = WAY_NONBLOCKING;
}

static void
use_fd(struct sink *s, int fd)
{
	struct stat st;

	s->fd = fd;
	s->own_fd = -1;
	s->way = WAY_POLL;
	if (fstat(fd, &st) == -1)
		return;
	if (S_ISREG(st.st_mode))
		s->way = WAY_FILE;
	else if (S_ISSOCK(st.st_mode))
		s->way = WAY_SOCKET;
	else
		use_pipe(s);
	/* This file is empty, so the torn line is in another one. */
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		*s->torn = false;
}

static void
unuse_fd(struct sink *s)
{
	if (s->own_fd != -1)
		close(s->own_fd);
	s->own_fd = -1;
}

struct sink *
sink_new(int fd, _Atomic uint64_t *lost, _Atomic bool *torn)
{
	struct sink *s = xcalloc(1, sizeof(*s));

	s->lost = lost;
	s->torn = torn != NULL ? torn : &s->own_torn;
	s->blocks = blocks_new(COLLECT_MAX + LINE_ROOM, 1);
	buf_init(&s->out, s->blocks);
	use_fd(s, fd);
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

/* Bytes up to the first newline and with it, 0 when there is none. */
static size_t
first_line(const uint8_t *p, size_t n)
{
	const uint8_t *nl = memchr(p, '\n', n);

	return nl != NULL ? (size_t)(nl - p) + 1 : 0;
}

/* Bytes up to the last newline and with it, 0 when there is none. */
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

/* Drops the waiting bytes from keep on. */
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

/*
 * How much to write at once.  A pipe gets runs of whole lines that the kernel
 * takes or refuses in one piece, so that the lines of several processes do not
 * mix.
 */
static size_t
batch(const struct sink *s)
{
	const uint8_t *p = buf_data(&s->out);
	size_t n = buf_len(&s->out), whole;

	if (s->way == WAY_FILE || n <= PIPE_LINES)
		return n;
	whole = whole_lines(p, PIPE_LINES);
	if (whole != 0)
		return whole;
	/* Writing more than poll() promises could block. */
	return s->way == WAY_POLL ? PIPE_LINES : first_line(p, n);
}

static ssize_t
put(const struct sink *s, struct iovec parts[PARTS])
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLOUT };
	const struct msghdr m = { .msg_iov = parts, .msg_iovlen = PARTS };

	switch (s->way) {
	case WAY_FILE:
		return writev(s->fd, parts, PARTS);
	case WAY_NONBLOCKING:
		return writev(s->own_fd != -1 ? s->own_fd : s->fd, parts,
		    PARTS);
	case WAY_POLL:
		if (poll(&pfd, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		return writev(s->fd, parts, PARTS);
	case WAY_SOCKET:
		return sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	abort();
}

/*
 * Writes some of the waiting bytes, behind a newline where the log ends within
 * a line.  Returns how many of them were taken, or -1 with errno.
 *
 * Another process could write between a write that was cut and the flag.  It
 * would have to find room just then, on a disk that was full for ours.
 */
static ssize_t
write_some(struct sink *s)
{
	bool torn = *s->torn && atomic_exchange(s->torn, false);
	struct iovec parts[PARTS] = {
		{ .iov_base = (char []){ '\n' }, .iov_len = torn },
		{ .iov_base = (void *)(uintptr_t)buf_data(&s->out),
		    .iov_len = batch(s) },
	};
	ssize_t n = put(s, parts);

	if (n > 0)
		return n - torn;
	if (torn)
		*s->torn = true;
	if (n == 0)
		errno = ENOSPC;
	return -1;
}

/*
 * The first n bytes were taken; the line that this cut is lost.  0, or as an
 * errno what there was too little of: there may be no next write to tell it.
 */
static int
written(struct sink *s, size_t n)
{
	size_t whole = whole_lines(buf_data(&s->out), n);
	bool cut = n != whole;

	if (cut) {
		*s->torn = true;
		whole += first_line(buf_data(&s->out) + whole,
		    buf_len(&s->out) - whole);
		count_lost(s, 1);
	}
	buf_consume(&s->out, whole);
	if (!cut)
		return 0;
	return s->way == WAY_FILE ? ENOSPC : EAGAIN;
}

/* Writes the waiting bytes as far as possible; 0 or an errno. */
static int
write_all(struct sink *s)
{
	int error = 0;

	while (sink_pending(s)) {
		ssize_t n = write_some(s);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno;
		error = written(s, (size_t)n);
	}
	return error;
}

void
sink_flush(struct sink *s)
{
	uint64_t lost = s->lost_here;
	int error = write_all(s);

	if (error != 0)
		s->error = error;
	switch (error) {
	case 0:
		s->failing = false;
		break;
	case EAGAIN:
		s->failing = s->lost_here != lost ||
		    buf_len(&s->out) > COLLECT_MAX / 2;
		break;
	default:
		lose_after(s, 0);
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
	buf_append(&s->out, "\n", 1);
	if (buf_len(&s->out) <= COLLECT_MAX)
		return;
	sink_flush(s);
	if (buf_len(&s->out) > COLLECT_MAX)
		lose_after(s, whole_lines(buf_data(&s->out),
		    buf_len(&s->out) - 1));
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
sink_set_fd(struct sink *s, int fd)
{
	sink_flush(s);
	unuse_fd(s);
	use_fd(s, fd);
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

/*
 * Where lines go: a file, a pipe, a terminal.  Lines are collected during a
 * turn of the event loop and leave in one write at its end.  Writing never
 * blocks.  Lines that cannot be written (a full disk, a stopped reader) are
 * lost whole and counted.  A line of which the system took only the beginning
 * is lost, too: its beginning stays in the log, and the process that writes
 * next begins a new line behind it.
 */
#ifndef BASE_SINK_H
#define BASE_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct sink;

/*
 * fd stays the caller's; it may be shared with other processes (O_APPEND).
 * lost, may be NULL, counts lines lost.  torn lies in memory shared by all
 * processes that write to the same log: the last write ended within a line.
 * NULL: no other process writes there.  SIGPIPE must be ignored.  A sink is
 * made before a sandbox closes /proc, and before rights to open the file are
 * given up.
 */
struct sink	*sink_new(int fd, _Atomic uint64_t *lost, _Atomic bool *torn);

/* Flushes once more, and drops the bytes that still wait. */
void		 sink_end(struct sink *);

/* The same, and frees it; NULL is fine. */
void		 sink_free(struct sink *);

/* Uses another descriptor from now on: log files were reopened. */
void		 sink_set_fd(struct sink *, int fd);

/*
 * The buffer to append one line to; sink_line_end() adds the newline and
 * takes it.  It leaves with the next flush, at the latest when 64 KiB are
 * collected.
 */
struct buf	*sink_line(struct sink *);
void		 sink_line_end(struct sink *);

/*
 * Bytes wait for sink_flush().  If they still do after it, the reader is slow,
 * and up to 64 KiB are kept for it; flush again a little later.
 */
bool		 sink_pending(const struct sink *);
void		 sink_flush(struct sink *);

/*
 * The last write failed, or a slow reader has left more than half of the 64 KiB
 * waiting: the sink cannot be relied upon at the moment.
 */
bool		 sink_failing(const struct sink *);

/*
 * The errno of the last write that failed, EAGAIN for a slow reader; 0 where
 * none has failed.
 */
int		 sink_error(const struct sink *);

/* Lines lost so far. */
uint64_t	 sink_lost(const struct sink *);

#endif

/*
 * Where lines go: a file, a pipe, a terminal.  Lines are collected during a
 * turn of the event loop and leave in one write at its end.  Writing never
 * blocks.  What cannot be written (a full disk, a stopped reader) is lost by
 * whole lines and counted.  A line of which the system took only the beginning
 * is lost, too: its beginning stays where it is, and whichever process writes
 * next begins a line of its own behind it.
 */
#ifndef BASE_SINK_H
#define BASE_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct sink;

/*
 * fd stays the caller's; it may be shared with other processes (O_APPEND).
 * lost, may be NULL, counts lines lost.  torn is shared by all that write to
 * the same log, in memory that they share: what was written last ends within
 * a line.  NULL: nobody else writes there.  SIGPIPE must be ignored.  To be
 * made before a sandbox closes /proc, and before rights to open the file are
 * given up.
 */
struct sink	*sink_new(int fd, _Atomic uint64_t *lost, _Atomic bool *torn);

/* Flushes once more, and loses what still waits. */
void		 sink_end(struct sink *);

/* The same, and the end of it; NULL is fine. */
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
 * Something is waiting for sink_flush().  Still so after it: the reader is
 * slow, and up to 64 KiB are kept for it; flush again a little later.
 */
bool		 sink_pending(const struct sink *);
void		 sink_flush(struct sink *);

/*
 * The last write failed, or more than half of what may wait for a slow reader
 * does: the sink cannot be relied upon at the moment.
 */
bool		 sink_failing(const struct sink *);

/*
 * What the last write that failed, if any, failed with: an errno, EAGAIN for
 * a reader who is slow.  0 where none did.
 */
int		 sink_error(const struct sink *);

/* Lines lost so far. */
uint64_t	 sink_lost(const struct sink *);

#endif

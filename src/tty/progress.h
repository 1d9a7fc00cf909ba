/*
 * A line about long work, rewritten in place, where standard error is a
 * terminal; elsewhere nothing.
 */
#ifndef TTY_PROGRESS_H
#define TTY_PROGRESS_H

/* Puts this in the place of what stood there.  Keeps errno. */
void	progress(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

/* Takes it away, before anything else is written.  Keeps errno. */
void	progress_end(void);

#endif

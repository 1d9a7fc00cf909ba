/*
 * A line about long work, rewritten in place, where standard error is a
 * terminal; otherwise nothing is shown.
 */
#ifndef TTY_PROGRESS_H
#define TTY_PROGRESS_H

/* Replaces the line that is displayed.  Keeps errno. */
void	progress(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

/* Removes the line, before anything else is written.  Keeps errno. */
void	progress_end(void);

#endif

/*
 * Messages for a caller in the order in which they were found: why something
 * failed, and warnings.  A module that prints nothing collects them here, and
 * the module that talks to people prints them.
 */
#ifndef BASE_REASONS_H
#define BASE_REASONS_H

#include <stdbool.h>
#include <stddef.h>

enum reason_kind {
	REASON_FAILURE,
	REASON_WARNING,
	REASON_LINES,		/* to be shown unchanged, with line ends */
};

struct reason {
	enum reason_kind kind;
	char *text;
};

/* All zero: none. */
struct reasons {
	struct reason *v;
	size_t n, cap;
};

/*
 * Each adds one, of any length; "%m" is the error of the caller.  The first
 * is false, for `return reasons_fail(...)`.
 */
bool	reasons_fail(struct reasons *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	reasons_warn(struct reasons *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	reasons_lines(struct reasons *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Frees all of them; the list is empty then. */
void	reasons_free(struct reasons *);

#endif

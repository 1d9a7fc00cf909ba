/*
 * What a caller is to be told, in the order in which it was found: why
 * something failed, and what is to be known beside it.  A module that prints
 * nothing collects it here, and the one that talks to people says it.
 */
#ifndef BASE_REASONS_H
#define BASE_REASONS_H

#include <stdbool.h>
#include <stddef.h>

enum reason_kind {
	REASON_FAILURE,
	REASON_WARNING,
	REASON_LINES,		/* to be shown as they are, each ended */
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

/* There are none then. */
void	reasons_free(struct reasons *);

#endif

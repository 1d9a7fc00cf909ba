/*
 * Collecting reasons; see reasons.h.
 */
#include "base/reasons.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

static void	add(struct reasons *, enum reason_kind, const char *, va_list)
		    __attribute__((format(printf, 3, 0)));

static void
add(struct reasons *r, enum reason_kind kind, const char *fmt, va_list ap)
{
	char *text;

	/* First, because later calls may change errno. */
	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	if (r->n == r->cap) {
		r->cap = r->cap != 0 ? r->cap * 2 : 4;
		r->v = xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = (struct reason){ .kind = kind, .text = text };
}

bool
reasons_fail(struct reasons *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(r, REASON_FAILURE, fmt, ap);
	va_end(ap);
	return false;
}

void
reasons_warn(struct reasons *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(r, REASON_WARNING, fmt, ap);
	va_end(ap);
}

void
reasons_lines(struct reasons *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(r, REASON_LINES, fmt, ap);
	va_end(ap);
}

void
reasons_free(struct reasons *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].text);
	free(r->v);
	*r = (struct reasons){ .v = NULL };
}

/*
 * Checked allocation.  Running out of memory ends the process, here and
 * nowhere else, so no caller tests for NULL.  Every size is a product or a
 * length that was checked for overflow before it reaches malloc.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Uninitialised memory; free() it.  A size of 0 gives a valid pointer. */
void	*xmalloc(size_t size)
	    __attribute__((malloc, returns_nonnull, alloc_size(1)));

/* n zeroed elements of size bytes; free() it. */
void	*xcalloc(size_t n, size_t size)
	    __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));

/* Resizes an array; added elements are uninitialised. */
void	*xreallocarray(void *p, size_t n, size_t size)
	    __attribute__((returns_nonnull, alloc_size(2, 3)));

/* Copies of a C string, of at most n bytes of one, of a formatted one. */
char	*xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char	*xstrndup(const char *s, size_t n)
	    __attribute__((malloc, returns_nonnull));
char	*xasprintf(const char *fmt, ...)
	    __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/* Ends the process: for memory that does not come from malloc. */
void	alloc_failed(void) __attribute__((noreturn));

#endif

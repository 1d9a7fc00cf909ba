/*
 * Checked allocation; see alloc.h.
 */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
alloc_failed(void)
{
	static const char line[] = "sallyport: out of memory\n";

	/* Nothing that allocates may be called any more. */
	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(70);
	_exit(70);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size != 0 ? size : 1);

	if (p == NULL)
		alloc_failed();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n != 0 ? n : 1, size != 0 ? size : 1);

	if (p == NULL)
		alloc_failed();
	return p;
}

void *
xreallocarray(void *old, size_t n, size_t size)
{
	void *p = NULL;

	if (n == 0 || size == 0)
		n = size = 1;
	if (n <= SIZE_MAX / size)
		p = realloc(old, n * size);
	if (p == NULL)
		alloc_failed();
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
	char *p;

	n = strnlen(s, n);
	p = xmalloc(n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (n < 0)
		alloc_failed();
	return p;
}

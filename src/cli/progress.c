/*
 * Long work, shown; see progress.h.  Whether a line stands there is state of
 * the process and kept here.
 */
#include "cli/progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static bool shown;

void
progress(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (isatty(STDERR_FILENO) != 1) {
		errno = saved;
		return;
	}
	shown = true;
	(void)fputs("\r\033[K", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fflush(stderr);
	errno = saved;
}

void
progress_end(void)
{
	int saved = errno;

	if (!shown)
		return;
	shown = false;
	(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	errno = saved;
}

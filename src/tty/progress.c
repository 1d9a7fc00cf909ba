/*
 * A line about long work; see progress.h.  Whether a line is displayed is state
 * of the process and kept here.
 */
#include "tty/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/write.h"

#define ERASE	"\r\033[K"

static bool shown;

/* False: there is no terminal any more. */
static bool
show(const char *text)
{
	int fd = open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	bool good = fd >= 0 && write_all(fd, ERASE, strlen(ERASE)) &&
	    write_all(fd, text, strlen(text));

	if (fd >= 0)
		(void)close(fd);
	return good;
}

void
progress(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	char *text;

	if (isatty(STDERR_FILENO) == 1) {
		va_start(ap, fmt);
		if (vasprintf(&text, fmt, ap) < 0)
			alloc_failed();
		va_end(ap);
		text_defuse(text, "");
		shown = show(text);
		free(text);
	}
	errno = saved;
}

void
progress_end(void)
{
	int saved = errno;

	if (shown)
		(void)show("");
	shown = false;
	errno = saved;
}

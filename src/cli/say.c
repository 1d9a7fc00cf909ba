/*
 * Messages; see say.h.
 */
#include "cli/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/write.h"
#include "conf/value.h"
#include "tty/progress.h"

static void	put(FILE *, const char *fmt, va_list)
		    __attribute__((format(printf, 2, 0)));
static void	aside(const char *before, const char *fmt, va_list,
		    const char *behind) __attribute__((format(printf, 2, 0)));

/*
 * Names and paths come from others: what is in them and terminals would obey
 * does not get there.
 */
static void
put(FILE *out, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	text_defuse(text, "\n");
	(void)fputs(text, out);
	free(text);
}

/* Prints to standard error, where no progress line may remain. */
static void
aside(const char *before, const char *fmt, va_list ap, const char *behind)
{
	int saved = errno;	/* for "%m" */

	progress_end();
	(void)fputs(before, stderr);
	errno = saved;
	put(stderr, fmt, ap);
	(void)fputs(behind, stderr);
}

void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(stdout, fmt, ap);
	va_end(ap);
}

void
say_bytes(const void *p, size_t n)
{
	/* say_finish() reports failures. */
	(void)fwrite(p, 1, n, stdout);
}

bool
say_secret(const struct secret *s)
{
	return write_all(STDOUT_FILENO, secret_read(s), secret_len(s));
}

void
say_flush(void)
{
	(void)fflush(stdout);
}

enum cli_exit
say_finish(enum cli_exit result)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return result;
	return result == CLI_DONE || result == CLI_ATTENTION ?
	    say_failed("standard output: %m") : result;
}

enum cli_exit
say_failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	aside("sallyport: ", fmt, ap, "\n");
	va_end(ap);
	return CLI_FAILED;
}

enum cli_exit
say_usage(const char *verb, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "sallyport %s", verb);
	va_start(ap, fmt);
	aside(": ", fmt, ap, "\n");
	va_end(ap);
	(void)fprintf(stderr, "Try 'sallyport help %s'.\n", verb);
	return CLI_USAGE;
}

/* https://no-color.org: the variable is set and not empty. */
static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == '\0') && isatty(STDERR_FILENO) == 1 &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
say_warning(const char *fmt, ...)
{
	int saved = errno;
	bool colour = wants_colour();
	va_list ap;

	errno = saved;
	va_start(ap, fmt);
	aside(colour ? "sallyport: \033[1;33mwarning:\033[0m " :
	    "sallyport: warning: ", fmt, ap, "\n");
	va_end(ap);
}

void
say_remark(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	aside("sallyport: ", fmt, ap, "\n");
	va_end(ap);
}

void
say_aside(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	aside("", fmt, ap, "");
	va_end(ap);
}

void
say_diagnostics(const struct conf_diagnostics *diagnostics)
{
	progress_end();
	conf_diagnostics_print(diagnostics, stderr);
}

void
say_reasons(struct reasons *r)
{
	for (size_t i = 0; i < r->n; i++) {
		switch (r->v[i].kind) {
		case REASON_FAILURE:
			(void)say_failed("%s", r->v[i].text);
			break;
		case REASON_WARNING:
			say_warning("%s", r->v[i].text);
			break;
		case REASON_LINES:
			say_aside("%s", r->v[i].text);
			break;
		}
	}
	reasons_free(r);
}

bool
say_why(struct reasons *r, bool good)
{
	say_reasons(r);
	return good;
}

FILE *
say_output(void)
{
	return stdout;
}

FILE *
say_errors(void)
{
	progress_end();
	return stderr;
}

const char *
say_word(const char *word)
{
	return value_may_be_secret(text_of(word)) ? "(withheld)" : word;
}

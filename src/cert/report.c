/* Reporting findings; see report.h. */
#include "cert/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

static void
tell(struct cert_report *, bool, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
tell(struct cert_report *report, bool warning, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	report->failed = report->failed || !warning;
	report->tell(report->owner, warning, text);
	free(text);
}

void
cert_fault(struct cert_report *report, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(report, false, fmt, ap);
	va_end(ap);
}

void
cert_warning(struct cert_report *report, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(report, true, fmt, ap);
	va_end(ap);
}

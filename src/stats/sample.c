/*
 * Lines of metrics; see sample.h.
 */
#include "stats/sample.h"

#include <inttypes.h>

#include "base/clock.h"

void
sample_value(struct buf *out, const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n')
			buf_append_text(out, TEXT("\\n"));
		else if (*p == '\\' || *p == '"')
			buf_printf(out, "\\%c", *p);
		else
			buf_append(out, p, 1);
	}
}

void
sample_labelled(struct buf *out, const char *name, const char *label,
    const char *value)
{
	buf_printf(out, "%s{%s=\"", name, label);
	sample_value(out, value);
	buf_append_text(out, TEXT("\"} "));
}

void
sample_number(struct buf *out, uint64_t number)
{
	buf_append_u64(out, number);
	buf_append_text(out, TEXT("\n"));
}

void
sample_seconds(struct buf *out, uint64_t ns)
{
	buf_printf(out, "%" PRIu64 ".%09" PRIu64 "\n", ns / NS_PER_S,
	    ns % NS_PER_S);
}

void
sample_time(struct buf *out, int64_t seconds)
{
	buf_printf(out, "%" PRId64 "\n", seconds);
}

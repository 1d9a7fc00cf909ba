/*
 * Lines of the text format of Prometheus, piece by piece: the name with a label
 * and its value, then the value of the sample.  Private to metrics.c.
 */
#ifndef STATS_SAMPLE_H
#define STATS_SAMPLE_H

#include <stdint.h>

#include "base/buf.h"

/* NAME{LABEL="value"} and a blank. */
void	sample_labelled(struct buf *out, const char *name, const char *label,
	    const char *value);

/* A label's value alone, escaped as the format asks for. */
void	sample_value(struct buf *out, const char *value);

/* What ends the line. */
void	sample_number(struct buf *out, uint64_t);
void	sample_seconds(struct buf *out, uint64_t ns);
void	sample_time(struct buf *out, int64_t seconds);	/* since 1970 */

#endif

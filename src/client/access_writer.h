/*
 * The access log of a worker: lines of exchanges that ended leave together at
 * the end of the turn, without ever blocking, and lost lines are reported.
 * What a line says is in access_log.h.
 */
#ifndef CLIENT_ACCESS_WRITER_H
#define CLIENT_ACCESS_WRITER_H

#include <stdbool.h>

#include "base/sink.h"
#include "conf/conf.h"
#include "net/loop.h"
#include "stats/record.h"

struct access_writer;

/* Borrowed until freed. */
struct access_writer	*access_writer_new(struct loop *, struct sink *,
			    const struct conf_log *);

/* Writes the rest and reports what was lost.  NULL is fine. */
void			 access_writer_free(struct access_writer *);

/* Adds one line.  NULL: there is no access log. */
void			 access_writer_add(struct access_writer *,
			    const struct record *);

/* Whether lines are being lost; false where there is no access log. */
bool			 access_writer_fails(const struct access_writer *);

#endif

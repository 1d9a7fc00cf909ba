/*
 * For tests of links: an end that keeps what came and sends what it is given.
 */
#ifndef TESTS_UNIT_NET_END_H
#define TESTS_UNIT_NET_END_H

#include <stdbool.h>

#include "base/buf.h"
#include "net/link.h"

struct end {
	struct link *link;		/* to be set by the test */
	struct buf in, out;
	bool eof, clean, failed;
	enum link_error error;
	size_t stop_after;		/* bytes: wants no input any more */
	bool close_on_input;
	bool asks_quiet, quiet;		/* link_is_quiet() within input() */
	unsigned inputs;		/* calls of input() */
	unsigned outputs;		/* calls of output_done() */
};

/* The owner of the link is the struct end. */
extern const struct link_events end_events;

void	end_init(struct end *);

/* Closes the link, too. */
void	end_release(struct end *);

#endif

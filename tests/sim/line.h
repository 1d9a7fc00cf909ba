/*
 * The access log of a run: base/sink.h, read as it is written.  The descriptor
 * of a sink is the number of its worker.
 */
#ifndef TESTS_SIM_LINE_H
#define TESTS_SIM_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* The values of a line; texts are empty and numbers 0 if it has none. */
struct line {
	char id[32], method[32], route[16], key[16], upstream[16], fault[32];
	char expires[32];		/* of the key, if that was told */
	char trace[33], span[17];
	unsigned long client;		/* port or uid */
	char ip[48];
	unsigned long status;
	unsigned long request_bytes, response_bytes, attempts;
	unsigned long long duration;
	bool reused, trace_made, trace_dropped;
};

void		 lines_begin(void);

/* The number of lines written, by all workers and by this one. */
unsigned long	 lines_written(void);
unsigned long	 lines_of(unsigned worker);

/* That worker has died: what it still writes goes nowhere. */
void		 lines_die(unsigned worker);

/* From now on the log fails, or works again. */
void		 lines_fail(bool);

#endif

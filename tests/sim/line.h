/*
 * The access log of a run: base/sink.h, read as it is written.
 */
#ifndef TESTS_SIM_LINE_H
#define TESTS_SIM_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* The values of a line; texts are empty and numbers 0 if it has none. */
struct line {
	char id[32], method[32], route[16], key[16], upstream[16], fault[32];
	unsigned long client;		/* port or uid */
	unsigned long status;
	unsigned long request_bytes, response_bytes, attempts;
	unsigned long long duration;
	bool reused;
};

void		 lines_begin(void);

/* The number of lines written. */
unsigned long	 lines_written(void);

/* From now on the log fails, or works again. */
void		 lines_fail(bool);

#endif

/*
 * The access log of a run: base/sink.h, read as it is written.
 */
#ifndef TESTS_SIM_LINE_H
#define TESTS_SIM_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* What a line says; texts are empty and numbers 0 where it does not. */
struct line {
	char id[32], method[32], route[16], key[16], upstream[16], fault[32];
	unsigned long client;		/* port or uid */
	unsigned long status;
	unsigned long request_bytes, response_bytes, attempts;
	unsigned long long duration;
	bool reused;
};

void		 lines_begin(void);

/* So many were written. */
unsigned long	 lines_written(void);

/* From now on, or no longer, the log fails. */
void		 lines_fail(bool);

#endif

/*
 * The requests of the load generator.
 */
#ifndef BENCH_LOAD_MESSAGE_H
#define BENCH_LOAD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { LOAD_HEAD_MAX = 1024, LOAD_BODY_MAX = 16384 };

struct load_message {
	char bytes[LOAD_HEAD_MAX + LOAD_BODY_MAX];
	size_t n;
};

/* A GET, or a POST with a body of so many bytes, at most LOAD_BODY_MAX. */
void	load_message_set(struct load_message *, const char *path, bool posts,
	    size_t body, bool closes);

#endif

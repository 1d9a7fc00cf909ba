/*
 * The choice of keys as it happens, for oracles: calls are the program's, and
 * share no header with the world's requests.
 */
#ifndef TESTS_SIM_PICK_H
#define TESTS_SIM_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "conf/conf.h"
#include "http/head.h"

/* A call goes on with a key. */
struct pick {
	unsigned worker;
	bool probe;
	bool asks;			/* whether its quota allows it */
	const struct conf_route *route;
	struct text request_id;
	size_t key;
	size_t tried;			/* another one before; or CONF_NONE */
};
void	oracle_on_pick(const struct pick *);

/* A call goes ahead: to a connection, or to the wait for one. */
struct start {
	unsigned worker;
	bool probe;
	bool waits;			/* where a spent quota makes it wait */
	size_t key;
};
void	oracle_on_start(const struct start *);

/* A response to a call that was sent at that time tells of the quota. */
struct quota_said {
	unsigned worker;
	size_t key;
	int64_t sent_ns;
	bool waits;
	const struct head *head;
};
void	oracle_on_quota(const struct quota_said *);

#endif

/*
 * The choice of keys as it happens, for oracles: calls are the program's, and
 * share no header with the world's requests.
 */
#ifndef TESTS_SIM_PICK_H
#define TESTS_SIM_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "conf/conf.h"

/* A call goes on with a key. */
struct pick {
	unsigned worker;
	bool probe;
	const struct conf_route *route;
	struct text request_id;
	size_t key;
	size_t tried;			/* another one before; or CONF_NONE */
};
void	oracle_on_pick(const struct pick *);

#endif

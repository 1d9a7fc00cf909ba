/* The memory of a struct conf: all of it is freed at once. */
#ifndef CONF_MEMORY_H
#define CONF_MEMORY_H

#include "base/arena.h"

struct conf_memory {
	struct blocks *blocks;
	struct arena arena;
};

struct conf_memory *conf_memory_new(void);

/* NULL is fine. */
void	conf_memory_free(struct conf_memory *);

#endif

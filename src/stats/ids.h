/*
 * Numbers for names: the first name gets 0, the next new one 1, up to a bound,
 * and each keeps its number for the life of the table.  A name is any bytes.
 */
#ifndef STATS_IDS_H
#define STATS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct ids;

/* A table of at most so many names. */
struct ids	*ids_new(uint32_t most);
void		 ids_free(struct ids *);

/*
 * The number of a name, which is copied where it is new.  False where it is new
 * and the table is full.
 */
bool		 ids_add(struct ids *, struct text name, uint32_t *id);

/* That of a name which has one. */
bool		 ids_find(const struct ids *, struct text name, uint32_t *id);

/* How many names there are; takes back all but the first n. */
uint32_t	 ids_count(const struct ids *);
void		 ids_keep(struct ids *, uint32_t n);

#endif

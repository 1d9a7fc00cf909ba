/*
 * The secret patterns of the keys in use; see pattern_table.h.
 */
#include "upstream/pattern_table.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"

#define NOWHERE		UINT8_MAX

struct place {
	size_t key;
	uint64_t used;			/* the number of the call */
	struct secret_patterns patterns;
};

struct pattern_table {
	const struct conf *conf;
	struct secret *memory;		/* of room bytes for each place */
	size_t room;
	uint8_t *place_of;		/* of each key, or NOWHERE */
	struct place places[PATTERN_TABLE_KEYS];
	size_t n;			/* places that are taken */
	uint64_t calls;
};

/* For the longest key, aligned. */
static size_t
room_of_each(const struct conf *conf)
{
	size_t longest = 0;

	for (size_t i = 0; i < conf->n_keys; i++) {
		size_t n = secret_len(conf->keys[i].value);

		if (n > longest)
			longest = n;
	}
	return (secret_patterns_room(longest) + 15) / 16 * 16;
}

static size_t
places(const struct conf *conf)
{
	return conf->n_keys < PATTERN_TABLE_KEYS ? conf->n_keys :
	    PATTERN_TABLE_KEYS;
}

size_t
pattern_table_memory(const struct conf *conf)
{
	return places(conf) * room_of_each(conf);
}

struct pattern_table *
pattern_table_new(const struct conf *conf)
{
	struct pattern_table *c = xcalloc(1, sizeof(*c));

	_Static_assert(PATTERN_TABLE_KEYS < NOWHERE, "places have numbers");
	c->conf = conf;
	c->room = room_of_each(conf);
	c->memory = secret_new(pattern_table_memory(conf));
	c->place_of = xmalloc(conf->n_keys);
	for (size_t i = 0; i < conf->n_keys; i++)
		c->place_of[i] = NOWHERE;
	return c;
}

void
pattern_table_free(struct pattern_table *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		secret_patterns_release(&c->places[i].patterns);
	secret_free(c->memory);
	free(c->place_of);
	free(c);
}

/* An unused place, or that of the key that was unused longest. */
static size_t
free_place(struct pattern_table *c)
{
	size_t oldest = 0;

	if (c->n < PATTERN_TABLE_KEYS)
		return c->n++;
	for (size_t i = 1; i < c->n; i++) {
		if (c->places[i].used < c->places[oldest].used)
			oldest = i;
	}
	c->place_of[c->places[oldest].key] = NOWHERE;
	secret_patterns_release(&c->places[oldest].patterns);
	return oldest;
}

const struct secret_patterns *
pattern_table_get(struct pattern_table *c, size_t key)
{
	size_t i = c->place_of[key];

	if (i == NOWHERE) {
		i = free_place(c);
		c->place_of[key] = (uint8_t)i;
		c->places[i].key = key;
		secret_patterns_init(&c->places[i].patterns,
		    &c->conf->keys[key], secret_bytes(c->memory) + i * c->room);
	}
	c->places[i].used = ++c->calls;
	return &c->places[i].patterns;
}

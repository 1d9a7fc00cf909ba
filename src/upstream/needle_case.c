/*
 * The needles of the keys in use; see needle_case.h.
 */
#include "upstream/needle_case.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"

#define NOWHERE		UINT8_MAX

struct place {
	size_t key;
	uint64_t used;			/* the number of the call */
	struct needles needles;
};

struct needle_case {
	const struct conf *conf;
	struct secret *memory;		/* of room bytes for each place */
	size_t room;
	uint8_t *place_of;		/* of each key, or NOWHERE */
	struct place places[NEEDLE_CASE_KEYS];
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
	return (needles_room(longest) + 15) / 16 * 16;
}

static size_t
places(const struct conf *conf)
{
	return conf->n_keys < NEEDLE_CASE_KEYS ? conf->n_keys :
	    NEEDLE_CASE_KEYS;
}

size_t
needle_case_memory(const struct conf *conf)
{
	return places(conf) * room_of_each(conf);
}

struct needle_case *
needle_case_new(const struct conf *conf)
{
	struct needle_case *c = xcalloc(1, sizeof(*c));

	_Static_assert(NEEDLE_CASE_KEYS < NOWHERE, "places have numbers");
	c->conf = conf;
	c->room = room_of_each(conf);
	c->memory = secret_new(needle_case_memory(conf));
	c->place_of = xmalloc(conf->n_keys);
	for (size_t i = 0; i < conf->n_keys; i++)
		c->place_of[i] = NOWHERE;
	return c;
}

void
needle_case_free(struct needle_case *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		needles_release(&c->places[i].needles);
	secret_free(c->memory);
	free(c->place_of);
	free(c);
}

/* An unused place, or that of the key that was unused longest. */
static size_t
free_place(struct needle_case *c)
{
	size_t oldest = 0;

	if (c->n < NEEDLE_CASE_KEYS)
		return c->n++;
	for (size_t i = 1; i < c->n; i++) {
		if (c->places[i].used < c->places[oldest].used)
			oldest = i;
	}
	c->place_of[c->places[oldest].key] = NOWHERE;
	needles_release(&c->places[oldest].needles);
	return oldest;
}

const struct needles *
needle_case_get(struct needle_case *c, size_t key)
{
	size_t i = c->place_of[key];

	if (i == NOWHERE) {
		i = free_place(c);
		c->place_of[key] = (uint8_t)i;
		c->places[i].key = key;
		needles_init(&c->places[i].needles, &c->conf->keys[key],
		    secret_bytes(c->memory) + i * c->room);
	}
	c->places[i].used = ++c->calls;
	return &c->places[i].needles;
}

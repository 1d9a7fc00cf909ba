/*
 * Keys derived from passphrases; see memo.h.
 */
#include "daemon/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

struct derived {
	uint8_t of[DIGEST_SIZE];
	uint8_t key[PASSPHRASE_KEY];
	bool used;			/* since it was moved */
};

/* In secret memory, and written by a child, too. */
struct table {
	size_t n;
	struct derived v[];
};

struct memo {
	struct passphrase_memo interface;
	struct secret *memory;		/* struct table; NULL: none is known */
	size_t room;			/* entries */
};

static struct table *
table_of(const struct memo *m)
{
	return (void *)secret_bytes(m->memory);
}

static bool
recall(void *ctx, const uint8_t of[DIGEST_SIZE], uint8_t key[PASSPHRASE_KEY])
{
	const struct memo *m = ctx;
	struct table *t;

	if (m->memory == NULL)
		return false;
	t = table_of(m);
	for (size_t i = 0; i < t->n && i < m->room; i++) {
		if (memcmp(t->v[i].of, of, DIGEST_SIZE) != 0)
			continue;
		memcpy(key, t->v[i].key, PASSPHRASE_KEY);
		t->v[i].used = true;
		return true;
	}
	return false;
}

static void
note(void *ctx, const uint8_t of[DIGEST_SIZE],
    const uint8_t key[PASSPHRASE_KEY])
{
	struct memo *m = ctx;
	struct table *t;

	if (m->memory == NULL)
		memo_move(m);
	t = table_of(m);
	if (t->n >= m->room)
		return;
	memcpy(t->v[t->n].of, of, DIGEST_SIZE);
	memcpy(t->v[t->n].key, key, PASSPHRASE_KEY);
	t->v[t->n].used = true;
	t->n++;
}

static struct secret *
make_room(size_t entries)
{
	return secret_new(sizeof(struct table) +
	    entries * sizeof(struct derived));
}

struct memo *
memo_new(void)
{
	struct memo *m = xcalloc(1, sizeof(*m));

	m->interface = (struct passphrase_memo){
		.recall = recall,
		.note = note,
		.ctx = m,
	};
	return m;
}

void
memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	secret_free(m->memory);
	free(m);
}

const struct passphrase_memo *
memo_interface(const struct memo *m)
{
	return &m->interface;
}

static void
copy_used(struct table *to, const struct table *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!from->v[i].used)
			continue;
		to->v[to->n] = from->v[i];
		to->v[to->n++].used = false;
	}
}

void
memo_move(struct memo *m)
{
	struct secret *memory = m->memory;
	const struct table *old = memory != NULL ? table_of(m) : NULL;
	size_t n = old == NULL ? 0 : old->n < m->room ? old->n : m->room;

	m->room = n + MEMO_MORE;
	m->memory = make_room(m->room);
	if (old != NULL)
		copy_used(table_of(m), old, n);
	secret_free(memory);
}

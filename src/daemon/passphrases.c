/*
 * Passphrases for reloads; see passphrases.h.
 */
#include "daemon/passphrases.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/memo.h"

struct kept {
	struct kept *next;
	char *file;
	struct secret *passphrase;
};

struct passphrases {
	const struct conf_opening *original;
	struct conf_opening opening;
	struct kept *list;
	struct memo *memo;
	bool asks;			/* the original, still */
};

static struct secret *
copy(const struct secret *s)
{
	return secret_copy(secret_read(s), secret_len(s));
}

/*
 * The passphrase of that file; where there is only one, it is that of a file
 * which is new, too.
 */
static const struct kept *
find(const struct passphrases *p, const char *file)
{
	const struct kept *k = p->list;

	while (k != NULL && strcmp(k->file, file) != 0)
		k = k->next;
	if (k == NULL && p->list != NULL && p->list->next == NULL)
		return p->list;
	return k;
}

static void
remember(struct passphrases *p, const char *file, const struct secret *s)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->file = xstrdup(file);
	k->passphrase = copy(s);
	k->next = p->list;
	p->list = k;
}

static struct secret *
passphrases_on_ask(void *ctx, const char *file)
{
	struct passphrases *p = ctx;
	const struct kept *k = find(p, file);
	struct secret *said;

	if (!p->asks)
		return k != NULL ? copy(k->passphrase) : NULL;
	said = p->original->ask(p->original->ctx, file);
	if (said != NULL)
		remember(p, file, said);
	return said;
}

static void
passphrases_on_tried(void *ctx)
{
	const struct passphrases *p = ctx;

	if (p->asks && p->original->tried != NULL)
		p->original->tried(p->original->ctx);
}

struct passphrases *
passphrases_new(const struct conf_opening *opening)
{
	struct passphrases *p = xcalloc(1, sizeof(*p));

	p->original = opening;
	p->asks = true;
	p->opening = *opening;
	if (opening->ask != NULL)
		p->opening.ask = passphrases_on_ask;
	p->opening.tried = passphrases_on_tried;
	p->opening.ctx = p;
	p->memo = memo_new();
	p->opening.memo = memo_interface(p->memo);
	return p;
}

const struct conf_opening *
passphrases_opening(const struct passphrases *p)
{
	return &p->opening;
}

unsigned
passphrases_epoch(struct passphrases *p)
{
	unsigned epoch = secret_next_epoch();

	for (struct kept *k = p->list; k != NULL; k = k->next) {
		struct secret *moved = copy(k->passphrase);

		secret_free(k->passphrase);
		k->passphrase = moved;
	}
	return epoch;
}

void
passphrases_keep(struct passphrases *p)
{
	p->asks = false;
	if (p->list == NULL)
		return;
	(void)passphrases_epoch(p);
	memo_move(p->memo);
}

void
passphrases_prepare(struct passphrases *p)
{
	if (p->list == NULL)
		return;
	(void)secret_next_epoch();
	memo_move(p->memo);
}

void
passphrases_free(struct passphrases *p)
{
	struct kept *k;

	if (p == NULL)
		return;
	while ((k = p->list) != NULL) {
		p->list = k->next;
		secret_free(k->passphrase);
		free(k->file);
		free(k);
	}
	memo_free(p->memo);
	free(p);
}

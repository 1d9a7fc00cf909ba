/*
 * A folder with an identity, what it opens, and the reasons that were given.
 */
#ifndef TESTS_UNIT_KEYFILE_BOX_H
#define TESTS_UNIT_KEYFILE_BOX_H

#include "base/reasons.h"
#include "keyfile/keyfile.h"
#include "keyfile/unlock.h"
#include "seal/recipient.h"

struct box {
	char *folder, *identity, *keys;		/* paths; there are no keys */
	char recipient[RECIPIENT_TEXT];
	struct reasons why;
	struct unlock unlock;			/* by the identity */
	struct recipients *own;			/* its recipient */
};

void	box_make(struct box *);

/* Removes all of it. */
void	box_remove(struct box *);

/* The same before and after a test, whose *state is the box. */
int	box_set_up(void **state);
int	box_tear_down(void **state);

/* Makes a file there, whose path is to be freed. */
char	*box_put(const struct box *, const char *name, const void *, size_t n);

/* Seals a text as the keys. */
void	box_seal(struct box *, const char *text);

/* The only reason, which is forgotten then. */
void	box_assert_reason(struct box *, enum reason_kind, const char *text);

#endif

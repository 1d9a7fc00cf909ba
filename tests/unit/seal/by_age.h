/*
 * What the tests of src/seal/ share: the age of the system as the other side,
 * identities and content made up.
 */
#ifndef TESTS_UNIT_SEAL_BY_AGE_H
#define TESTS_UNIT_SEAL_BY_AGE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "seal/identity.h"

#define SKIP_WITHOUT_AGE() do {						\
	if (system("age --version >/dev/null 2>&1") != 0) {		\
		print_message("skipped: age is not installed\n");	\
		skip();							\
	}								\
} while (0)

/* What a command of the shell prints when it is fed these bytes. */
struct buf	 filter(const char *command, const uint8_t *, size_t n);

/* Sealed by age with these options of its own. */
struct buf	 age_seal(const char *options, const uint8_t *, size_t n);

/* A set of one new identity; the text of its recipient. */
struct identities *new_identity(char *recipient);

/* Somebody with a new identity whose age opens what is sealed to it. */
struct age_user {
	struct identities *ids;
	char recipient[RECIPIENT_TEXT];
	char folder[32];
	char *path;		/* of the identity, in there */
};
void		 age_user_init(struct age_user *);
void		 age_user_release(struct age_user *);

/* age opens it, to these bytes. */
void		 age_opens(const struct age_user *, const struct buf *sealed,
		    const uint8_t *, size_t n);

/* n bytes that repeat late; free() them. */
uint8_t		*pattern(size_t n);

#endif

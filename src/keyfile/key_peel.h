/*
 * Text that people and programs write around the value of a key: quotes,
 * "export NAME=", "Authorization: ApiKey ", blanks.  It is taken off where it
 * cannot be part of the value.  Pure; one line of text, or what is taken as
 * one.
 */
#ifndef KEYFILE_KEY_PEEL_H
#define KEYFILE_KEY_PEEL_H

#include <stdbool.h>

#include "base/text.h"

/* Kinds of such text; key_peel_words() has words for each. */
enum key_peel {
	PEEL_MARK,		/* a byte order mark */
	PEEL_BLANKS,		/* also line ends */
	PEEL_QUOTES,
	PEEL_COMMAND,		/* "export ", "set ", "-H " */
	PEEL_NAME,		/* "NAME=", "NAME: " */
	PEEL_FIELD,		/* "Authorization:" */
	PEEL_SCHEME,		/* "ApiKey " */
	PEEL_SIGN,		/* "," or ";" behind it */
	PEEL_REMARK,		/* "# ..." behind it */
	N_PEELS
};

/* text is the part that is left of the text that was given. */
struct key_peeled {
	struct text text;
	unsigned seen;			/* bits, 1 << PEEL_... */
	const char *scheme;		/* the last one before it, spelt as
					   usual; NULL: none */
};

/*
 * field and scheme are those with which the key is sent; NULL: the usual ones,
 * which are known in any case.  Peeling the result again finds nothing more.
 */
struct key_peeled key_peel(struct text, const char *field, const char *scheme);

/* Whether it is a name of a variable as in shells, in capitals. */
bool	key_peel_is_variable(struct text);

/* "quotes around it" */
const char	*key_peel_words(enum key_peel);

#endif

/*
 * What people and programs put around the value of a key when they write it
 * down: quotes, "export NAME=", "Authorization: ApiKey ", blanks.  Taken off
 * where it cannot be part of the value.  Pure; one line of text, or what is
 * to be seen as one.
 */
#ifndef KEYFILE_KEY_PEEL_H
#define KEYFILE_KEY_PEEL_H

#include <stdbool.h>

#include "base/text.h"

/* What stood around it; each has its words in key_peel_words(). */
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

/* What is left is part of the text that was given. */
struct key_peeled {
	struct text text;
	unsigned seen;			/* bits, 1 << PEEL_... */
	const char *scheme;		/* the last of those before it, as it is
					   spelt elsewhere; NULL: none */
};

/*
 * field and scheme are those that the key is sent with; NULL: the usual ones,
 * which are known in any case.  Peeling what is left finds nothing more.
 */
struct key_peeled key_peel(struct text, const char *field, const char *scheme);

/* The name of a variable as shells have it, in capitals. */
bool	key_peel_is_variable(struct text);

/* "quotes around it" */
const char	*key_peel_words(enum key_peel);

#endif

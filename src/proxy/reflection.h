/*
 * An upstream that sends a key back would hand it to whoever may ask through
 * us.  A search for the key's value in a body while it streams, whatever the
 * borders of the pieces: what may be the beginning of the value is held back
 * until the next piece shows whether it is.  A compressed body hides it.
 */
#ifndef PROXY_REFLECTION_H
#define PROXY_REFLECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "conf/conf.h"

struct reflection {
	const struct conf_key *key;
	size_t held;	/* so many first bytes of the value are held back */
};

void	reflection_start(struct reflection *, const struct conf_key *);

/*
 * Takes the next piece of the body.  False: the value is in it, nothing more
 * may be passed.  Otherwise first and then second, either may be empty, is
 * what can be passed on; they lie in the key's value and in the piece.
 */
bool	reflection_pass(struct reflection *, struct text piece,
	    struct text *first, struct text *second);

/* What is still held when the body ends: it was no key after all. */
struct text reflection_rest(struct reflection *);

#endif

/*
 * The text of a sealed file, libconfig with `keys`, changed by hand-sized
 * edits: a key goes in or out, and every other byte, comments and groups of
 * other kinds included, stays.  Pure.  Also the lines at its end in which
 * its recipients are remembered: an age file does not tell to whom it was
 * sealed.
 *
 * Knows the lexical rules of libconfig only; that a text is valid, before
 * and after, is for the caller to check.
 */
#ifndef CLI_KEYTEXT_H
#define CLI_KEYTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "base/text.h"

/* A key to be written down.  Empty texts are left out. */
struct keytext_key {
	struct text name;
	struct text value;
	const char *const *hosts;
	size_t n_hosts;
	struct text scheme;
	struct text expires;
	struct text note;
};

enum keytext {
	KEYTEXT_OK,
	KEYTEXT_ODD,		/* not written in a way that can be edited */
	KEYTEXT_NOT_THERE,	/* no such key */
};

/*
 * The text with n keys more, behind the others.  *out is the caller's; only
 * where KEYTEXT_OK.
 */
enum keytext	 keytext_add(struct text, const struct keytext_key *, size_t n,
		    struct secret **out);

/*
 * The text without the index-th element of `keys`, from 0.  The comments
 * around it stay, those inside go with it.
 */
enum keytext	 keytext_remove(struct text, size_t index,
		    struct secret **out);

/*
 * Without the lines about recipients at the end of the text; *lines is
 * where those are, empty when there are none.
 */
struct text	 keytext_body(struct text, struct text *lines);

/*
 * Takes the next recipient off such lines.  False at their end.
 */
bool		 keytext_next_recipient(struct text *lines,
		    struct text *recipient);

/* The body with lines for these recipients at its end. */
struct secret	*keytext_with_recipients(struct text body,
		    const char *const *recipients, size_t n);

#endif

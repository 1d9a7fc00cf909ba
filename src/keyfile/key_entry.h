/*
 * A key as an element of the list `keys`, in libconfig's syntax.  Pure; the
 * caller checks what may be in a key.
 */
#ifndef KEYFILE_KEY_ENTRY_H
#define KEYFILE_KEY_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "base/text.h"

/* A key to be written down.  Empty texts are left out. */
struct key_entry {
	struct text name;
	struct text value;
	const char *const *hosts;
	size_t n_hosts;
	struct text field;
	struct text scheme;
	bool plain;
	struct text expires;
	struct text created;
	struct text note;
};

/*
 * n elements on lines of their own, with commas between them; the caller's.
 * Special characters in strings of libconfig are escaped.
 */
struct secret	*key_entries_write(const struct key_entry *, size_t n);

#endif

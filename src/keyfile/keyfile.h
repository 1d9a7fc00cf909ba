/*
 * A sealed file as the verbs change it: opened, its recipients known, its
 * text edited in memory, sealed again and replaced as a whole.
 *
 * The lines of recipients at the end of its text (notes.h) are taken off when
 * it is opened and written anew when it is sealed.  Its recipients must have
 * been decided by then: keyfile_recipients.h.
 *
 * Reasons for failures are added to those of struct unlock, which the keyfile
 * shares.
 */
#ifndef KEYFILE_KEYFILE_H
#define KEYFILE_KEYFILE_H

#include <stdbool.h>

#include "base/replace.h"
#include "base/secret.h"
#include "base/text.h"
#include "keyfile/contents.h"
#include "keyfile/unlock.h"
#include "seal/recipient.h"

/* A larger file is not edited. */
#define KEYFILE_MAX	((size_t)16 << 20)

struct keyfile {
	const char *path;		/* borrowed; SOURCE_STANDARD */
	struct reasons *why;		/* borrowed */
	bool exists;			/* it existed when it was opened */
	bool armored;
	bool by_passphrase;
	size_t n_stanzas;		/* recipients, of an existing file */
	int lock;			/* -1: none */
	struct secret *sealed;		/* its bytes as they were */
	struct secret *plain;		/* NULL: a new file */
	struct text body;		/* without the lines of recipients */
	struct recipients *noted;	/* those in the lines; may be empty */
	struct recipients *recipients;	/* to seal to; NULL: not decided */
	const char *own;		/* set if they are this identity's,
					   as no recipient was given; the
					   unlock's */
	struct replacement *next;	/* the prepared file */
};

/* How a keyfile is opened. */
enum keyfile_use {
	KEYFILE_READ,			/* "-" is a name like others */
	KEYFILE_CHANGE,			/* locked against other changes; "-"
					   is refused */
};

/* Opens an existing file.  False, and why.  keyfile_close() it either way. */
bool	keyfile_open(struct keyfile *, const char *path, enum keyfile_use,
	    struct unlock *);

/*
 * The same for bytes that were read from standard input; NULL: reading failed.
 */
bool	keyfile_open_standard(struct keyfile *, struct secret *,
	    struct unlock *);

/* The same, or a new and empty one if there is no such file. */
bool	keyfile_open_or_new(struct keyfile *, const char *path,
	    struct unlock *);

/*
 * Seals a text into a new file beside the old one, which is not changed yet.
 * False, and why.
 */
bool	keyfile_prepare(struct keyfile *, struct text body);

/* False, with the reason, if a signal that ends the program is pending. */
bool	keyfile_is_wanted(struct reasons *why);

/*
 * Replaces the old file by the prepared one.  False, and why, and which of them
 * is there now.
 */
bool	keyfile_commit(struct keyfile *);

/*
 * Puts the old file back, unless it is still there.  False, and which of them
 * is there now.
 */
bool	keyfile_undo(struct keyfile *);

/*
 * Removes files that keyfile_prepare() made beside the file.  After that the
 * change cannot be undone.
 */
void	keyfile_finish(struct keyfile *);

/*
 * All of these; signals must be held back meanwhile, and until the result was
 * reported.  Names the recipients of a new file if none were given.
 */
bool	keyfile_save(struct keyfile *, struct text body);

/* Wipes, unlocks, and calls keyfile_finish(). */
void	keyfile_close(struct keyfile *);

/* False, with the reason that its keys can only be changed with an editor. */
bool	keyfile_refuse_odd(const struct keyfile *);

/*
 * Reads the keys in it.  False, and the errors, as FILE:LINE.
 * contents_free() it in either case.
 */
bool	keyfile_read_keys(const struct keyfile *, struct text body,
	    struct contents *);

#endif

/*
 * A sealed file as the verbs change it: opened, its recipients known, its
 * text edited in memory, sealed again and replaced as a whole.
 *
 * The lines of recipients at the end of its text (notes.h) are taken off when
 * it is opened and written anew when it is sealed.  To whom that is must have
 * been decided: vault_recipients.h.
 *
 * Why something cannot be done goes to the reasons of struct unlock, which
 * are the vault's, too.
 */
#ifndef KEYFILE_VAULT_H
#define KEYFILE_VAULT_H

#include <stdbool.h>

#include "base/replace.h"
#include "base/secret.h"
#include "base/text.h"
#include "keyfile/keyfile.h"
#include "keyfile/unlock.h"
#include "seal/recipient.h"

/* More than this is not edited. */
#define VAULT_MAX	((size_t)16 << 20)

struct vault {
	const char *path;		/* borrowed; SOURCE_STANDARD */
	struct reasons *why;		/* borrowed */
	bool exists;			/* it was there when it was opened */
	bool armored;
	bool by_passphrase;
	size_t n_stanzas;		/* recipients, of an existing file */
	int lock;			/* -1: none */
	struct secret *sealed;		/* its bytes as they were */
	struct secret *plain;		/* NULL: a new file */
	struct text body;		/* without the lines of recipients */
	struct recipients *noted;	/* those of the lines; may be empty */
	struct recipients *recipients;	/* to seal to; NULL: not decided */
	const char *own;		/* those of this identity, as nobody
					   said to whom; the unlock's */
	struct replacement *next;	/* prepared */
};

/* Who else may be at it. */
enum vault_use {
	VAULT_READ,			/* "-" is a name like others */
	VAULT_CHANGE,			/* locked against other changes; "-"
					   is refused */
};

/*
 * Opens an existing file.  False, and why.  vault_close() in either case.
 */
bool	vault_open(struct vault *, const char *path, enum vault_use,
	    struct unlock *);

/* The same of what was read from standard input; NULL: it was not. */
bool	vault_open_standard(struct vault *, struct secret *, struct unlock *);

/* The same, or a new and empty one where there is no such file. */
bool	vault_open_or_new(struct vault *, const char *path, struct unlock *);

/*
 * Seals a text beside the old file, which is not touched yet.  False,
 * and why.
 */
bool	vault_prepare(struct vault *, struct text body);

/* No signal that ends the program waits; else that is why. */
bool	vault_is_wanted(struct reasons *why);

/*
 * The prepared file takes the old one's place.  False, and why,
 * and which of them is there.
 */
bool	vault_commit(struct vault *);

/*
 * The old file takes its place back, or has it still.  False, and
 * which of them is there.
 */
bool	vault_undo(struct vault *);

/*
 * Removes what vault_prepare() made beside the file.  There is no undoing
 * any more.
 */
void	vault_finish(struct vault *);

/*
 * All of it; signals must wait meanwhile, and until it was said how it went.
 * Tells to whom a new file was sealed where nobody was asked.
 */
bool	vault_save(struct vault *, struct text body);

/* Wipes; unlocks; vault_finish(). */
void	vault_close(struct vault *);

/* Its keys cannot be changed but by an editor: false, and that is why. */
bool	vault_refuse_odd(const struct vault *);

/*
 * Reads the keys in it.  False, and the errors, as FILE:LINE.
 * keyfile_free() in either case.
 */
bool	vault_read_keys(const struct vault *, struct text body,
	    struct keyfile *);

#endif

/*
 * A sealed file as the verbs change it: opened, its recipients known, its
 * text edited in memory, sealed again and replaced as a whole.
 *
 * The lines of recipients at the end of its text (notes.h) are taken off when
 * it is opened and written anew when it is sealed.  To whom that is must have
 * been decided: vault_recipients.h.
 */
#ifndef CLI_VAULT_H
#define CLI_VAULT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/replace.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/unlock.h"
#include "keyfile/keyfile.h"
#include "seal/recipient.h"

/* More than this is not edited. */
#define VAULT_MAX	((size_t)16 << 20)

struct vault {
	const char *path;		/* borrowed; SOURCE_STANDARD */
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
	VAULT_READ,
	VAULT_READ_GIVEN,		/* the same of a path on the command
					   line: "-" is standard input */
	VAULT_CHANGE,			/* locked against other changes; "-"
					   is refused */
};

/*
 * Opens an existing file.  False after it said why not.  vault_close() in
 * either case.
 */
bool	vault_open(struct vault *, const char *path, enum vault_use,
	    struct unlock *);

/* The same, or a new and empty one where there is no such file. */
bool	vault_open_or_new(struct vault *, const char *path, struct unlock *);

/*
 * Seals a text beside the old file, which is not touched yet.  False after
 * it said why not.
 */
bool	vault_prepare(struct vault *, struct text body);

/* No signal that ends the program waits; false after it said so. */
bool	vault_is_wanted(void);

/*
 * The prepared file takes the old one's place.  False after it said why not
 * and which of them is there.
 */
bool	vault_commit(struct vault *);

/*
 * The old file takes its place back, or has it still.  False after it said
 * which of them is there.
 */
bool	vault_undo(struct vault *);

/*
 * Removes what vault_prepare() made beside the file.  There is no undoing
 * any more.
 */
void	vault_finish(struct vault *);

/*
 * All of it, and signals wait meanwhile.  Says to whom a new file was sealed
 * where nobody was asked.
 */
bool	vault_save(struct vault *, struct text body);

/* Wipes; unlocks; vault_finish(). */
void	vault_close(struct vault *);

/*
 * Reads the keys in it.  False after it printed the faults, as FILE:LINE.
 * keyfile_free() in either case.
 */
bool	vault_read_keys(const struct vault *, struct text body,
	    struct keyfile *);

#endif

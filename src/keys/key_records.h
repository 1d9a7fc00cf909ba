/*
 * What is known of keys across restarts, as records and as the JSON of the
 * files that hold them.  A record is that of a value, by its SHA-256; its name
 * is for people.  Knows no files.
 */
#ifndef KEYS_KEY_RECORDS_H
#define KEYS_KEY_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/text.h"

/* The two files; the second is small, so that it is written at once. */
enum records_file { RECORDS_KEYS, RECORDS_DISABLED };

#define RECORD_NAME	65		/* bytes, with a NUL */

struct key_record {
	uint8_t fingerprint[DIGEST_SIZE];	/* of the value */
	char name[RECORD_NAME];
	/* 0: not known, never, or not at all. */
#define FACT(file, name, least, most)	int64_t name;
#include "keys/key_facts.tbl"
#undef FACT
};

/* Sorted by fingerprint, each once. */
struct key_records {
	struct key_record *v;
	size_t n, cap;
};

/* A user who asked, as the fact `by` has it: 0 is nobody who is known. */
#define RECORD_BY(uid)	((int64_t)(uid) + 1)

/* As many as there are numbers for keys, and texts of as many. */
#define RECORDS_MOST		16384
#define RECORDS_TEXT_MOST	((size_t)16 << 20)

/* The record of a value, or NULL. */
const struct key_record	*key_records_find(const struct key_records *,
			    const uint8_t *fingerprint);

/*
 * The same to be changed; it is made where there is none.  Valid until the next
 * one is made.
 */
struct key_record	*key_records_at(struct key_records *,
			    const uint8_t *fingerprint);
void			 key_records_free(struct key_records *);

/*
 * Forgets those that are too many.  What is disabled stays, even if that alone
 * is too much; of the others those stay that a configuration had last.
 */
void			 key_records_limit(struct key_records *, size_t most);

/* The text of that file, with the records that it has something of. */
void			 key_records_write(const struct key_records *,
			    enum records_file, struct buf *out);

/*
 * Adds what a text of that file says, strictly.  NULL, or what is wrong with
 * it, as a static text that completes "FILE: "; then nothing was added.
 */
const char		*key_records_read(struct key_records *,
			    enum records_file, struct text);

#endif

/*
 * ASCII armor of age files: Base64 between two fixed lines.  It does not know
 * what is inside.  Streams, both ways.
 *
 * Strict: lines of exactly 64 characters except the last, one way to write the
 * same bytes, lines end in LF or CRLF, and only blanks before and after.
 */
#ifndef SEAL_ARMOR_H
#define SEAL_ARMOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "seal/writer.h"

/* So many blanks are skipped before the armor, and after it. */
#define ARMOR_BLANKS	1024

/* The bytes begin like armor, blanks before it included. */
bool		 armor_is(const uint8_t *, size_t n);

struct armor_reader;

struct armor_reader *armor_reader_new(void);

/* NULL is fine. */
void		 armor_reader_free(struct armor_reader *);

/*
 * Takes armor and writes the bytes inside.  STATUS_ARMOR, or the status of the
 * writer; the reader cannot be used any more then.
 */
enum status	 armor_read(struct armor_reader *, const uint8_t *, size_t n,
		    struct seal_writer) MUST_CHECK;

/* No more bytes.  STATUS_ARMOR: the last line is missing. */
enum status	 armor_read_end(struct armor_reader *, struct seal_writer)
		    MUST_CHECK;

/* The line being read, from 1: where it is damaged. */
unsigned	 armor_reader_line(const struct armor_reader *);

struct armor_sealer;

struct armor_sealer *armor_sealer_new(void);
void		 armor_sealer_free(struct armor_sealer *);

/* Takes bytes and writes armor: whole lines. */
enum status	 armor_seal(struct armor_sealer *, const uint8_t *, size_t n,
		    struct seal_writer) MUST_CHECK;
enum status	 armor_seal_end(struct armor_sealer *, struct seal_writer)
		    MUST_CHECK;

#endif

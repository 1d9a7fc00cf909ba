/*
 * The age format and files: the part that verbs need in addition to src/seal,
 * which knows no paths.
 */
#ifndef KEYFILE_SEALING_H
#define KEYFILE_SEALING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/replace.h"
#include "base/status.h"
#include "base/text.h"
#include "seal/recipient.h"

/*
 * Finds what can be known of a sealed file without opening it: its form, and
 * the number of its recipients.  It was opened before, so it is well-formed.
 */
void		 sealing_look(const uint8_t *, size_t n, bool *armored,
		    bool *by_passphrase, size_t *n_stanzas);

/* Seals a text into a file that is being made. */
enum status	 sealing_write(const struct recipients *, bool armored,
		    struct text plain, struct replacement *) MUST_CHECK;

/*
 * Reads a descriptor to its end in pieces, each in memory that is wiped, and
 * shows the progress of long work.  STATUS_SYSTEM with errno; EINTR where a
 * signal that ends the program is pending.
 */
struct sealing_sink {
	enum status (*push)(void *ctx, const uint8_t *, size_t n);
	void *ctx;
};
enum status	 sealing_pump(int fd, const char *doing, struct sealing_sink)
		    MUST_CHECK;

#endif

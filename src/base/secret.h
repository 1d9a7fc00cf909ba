/*
 * Secret bytes: keys, identities, passphrases, opened sealed files.
 *
 * They live in memory of their own: memfd_secret(2) where the kernel has it,
 * otherwise locked anonymous memory left out of core dumps.  The memory is
 * shared with children forked later, which read the same bytes.  It is wiped
 * before it is given back.  There is no function that prints a secret.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct secret;

/* n zero bytes to be filled in through secret_bytes(). */
struct secret	*secret_new(size_t n) __attribute__((returns_nonnull));

/* Takes the bytes over and wipes them where they were. */
struct secret	*secret_take(void *bytes, size_t n)
		    __attribute__((returns_nonnull));

/* Wipes and frees; NULL is fine. */
void		 secret_free(struct secret *);

size_t		 secret_len(const struct secret *);
uint8_t		*secret_bytes(struct secret *);
const uint8_t	*secret_read(const struct secret *);

/* Keeps the first n bytes, wipes the rest. */
void		 secret_truncate(struct secret *, size_t n);

/* Same length and bytes; the time taken depends on the lengths only. */
bool		 secret_equal(const struct secret *, const struct secret *);
bool		 secret_equal_bytes(const struct secret *, const void *,
		    size_t n);

/*
 * Overwrites what freed memory of the C heap may still hold.  Call it after
 * a library that parsed secrets has freed its copies.
 */
void		 secret_scrub_heap(void);

/*
 * For the start of main(): no core dump, no ptrace by others of the same
 * user.  Children inherit it; execve() does not.
 */
enum status	 secret_harden_process(void) MUST_CHECK;

/* "memfd_secret" or "mlock": what protects secrets on this machine. */
const char	*secret_backing(void);

#endif

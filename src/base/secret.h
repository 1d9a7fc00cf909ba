/*
 * Secret bytes: keys, identities, passphrases, opened sealed files.
 *
 * They live in memory of their own, many to a page, between pages that nobody
 * may touch: memfd_secret(2) where the kernel has it, otherwise locked
 * anonymous memory left out of core dumps.  Memory beyond what may be locked
 * (RLIMIT_MEMLOCK) is not locked; see secret_memory().  There is no function
 * that prints a secret.
 *
 * The memory is shared with children forked later, which read the same bytes
 * until they take a copy (secret_protect_inherited()).  It belongs to the
 * process that made it: there secret_free() wipes it, for the children too, so
 * the parent keeps a secret as long as a living child uses it.  In a child
 * secret_free() of an inherited secret wipes nothing; its copy goes with it.
 *
 * The list of that memory is the only state of the process kept here.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

struct secret;

/* n zero bytes to be filled in through secret_bytes(). */
struct secret	*secret_new(size_t n) __attribute__((returns_nonnull));

struct secret	*secret_copy(const void *, size_t n)
		    __attribute__((returns_nonnull));

/* n texts, one behind the other. */
struct secret	*secret_join(const struct text *, size_t n)
		    __attribute__((returns_nonnull));

/*
 * Reads a descriptor to its end; a NUL, not counted, follows the bytes.  ready,
 * which may be NULL, is called before each read.  NULL with errno: EFBIG where
 * there are more than max bytes, EINTR where ready returned false.
 */
struct secret	*secret_from_fd(int fd, size_t max, bool (*ready)(int fd));

/* Wipes (where it was made) and frees; NULL is fine. */
void		 secret_free(struct secret *);

size_t		 secret_len(const struct secret *);
uint8_t		*secret_bytes(struct secret *);
const uint8_t	*secret_read(const struct secret *);

/* The bytes as a text, which is the secret's. */
struct text	 secret_text(const struct secret *);

/* Keeps the first n bytes, wipes the rest. */
void		 secret_truncate(struct secret *, size_t n);

/* Same length and bytes; the time taken depends on the lengths only. */
bool		 secret_equal(const struct secret *, const struct secret *);
bool		 secret_equal_bytes(const struct secret *, const void *,
		    size_t n);

/* The same n bytes, in a time that depends on n only. */
bool		 secret_same(const void *, const void *, size_t n);

/*
 * For a forked child that goes on by itself: it gets a copy of the inherited
 * secrets, at the same addresses, which can only be read.  So whatever becomes
 * of it, those of the parent and of other children stay as they are.  The copy
 * is locked like any secret; where no more may be locked, secret_memory() says
 * so.  Ends the process where there is no memory.
 */
void		 secret_protect_inherited(void);

/*
 * Secrets made from now on share no memory with those made before: children
 * forked earlier never see them.  Returns the number of the new epoch, which a
 * child gives to secret_keep_epoch(); the first is 0.
 */
unsigned	 secret_next_epoch(void);

/*
 * For a forked child: the inherited secrets of other epochs leave its memory,
 * and must not be used any more.
 */
void		 secret_keep_epoch(unsigned epoch);

/*
 * Overwrites what freed memory of the C heap may still hold.  Call it after
 * a library that parsed secrets has freed its copies; it takes a few
 * milliseconds.  Does nothing where the heap is not glibc's (AddressSanitizer
 * replaces it).
 */
void		 secret_scrub_heap(void);

/*
 * For the start of main(): no core dump, no ptrace by others of the same user,
 * no set-user-ID program gains anything.  Children inherit this.  execve()
 * makes the process dumpable again, and so may a change of user: call it again
 * after one.  STATUS_SYSTEM with errno.
 */
enum status	 secret_harden_process(void) MUST_CHECK;

/* The memory of secrets, out of that which a process may lock. */
struct secret_memory {
	size_t now;		/* bytes, those that were inherited included */
	size_t most;		/* at any time so far */
	bool locked;		/* all of it was locked, all the time */
};
struct secret_memory secret_memory(void);

/* The bytes that the first secret of a process takes, if it is n long. */
size_t		 secret_memory_of_first(size_t n);

/*
 * Bytes that this process may lock: RLIMIT_MEMLOCK, which counts for each child
 * anew, or SIZE_MAX where it is exempt (CAP_IPC_LOCK).
 */
size_t		 secret_memory_limit(void);

#endif

/*
 * Whether somebody else uses a key: what remains of its quota falls faster than
 * we send.  The quota may also be shared by several keys; then this says
 * nothing of the key.  Lies in memory that all workers share, without a lock.
 * Pure.
 */
#ifndef POLICY_FOREIGN_USE_H
#define POLICY_FOREIGN_USE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero at first.  The counters may wrap. */
struct foreign_use {
	_Atomic uint32_t sent, ended;	/* requests of all workers */
	_Atomic uint64_t base;		/* 1 + what once remained, above the
					   requests that had ended; 0: none */
	_Atomic int64_t seen_at;	/* 0: never */
};

/* A request is sent, and one that was sent has ended. */
void	foreign_use_sent(struct foreign_use *);
void	foreign_use_ended(struct foreign_use *);

/*
 * So many requests remain of the quota, of which limit is the whole, 0: not
 * known; now is monotonic, in nanoseconds.  True for exactly one caller when it
 * is seen first, or again after an hour without.  It takes a twentieth of the
 * limit, and ten requests, that are not ours, for answers may overtake others.
 */
bool	foreign_use_told(struct foreign_use *, uint32_t remaining,
	    uint32_t limit, int64_t now);

#endif

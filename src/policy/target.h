/*
 * Request targets as bytes: bytes that clients send raw, and bytes that are
 * never allowed.  The readings of a path are in policy/readings.
 */
#ifndef POLICY_TARGET_H
#define POLICY_TARGET_H

#include "base/arena.h"
#include "base/text.h"

/*
 * The target with every byte encoded that clients send raw although RFC 3986
 * wants it encoded (target_takes_raw()).  This target is matched, explained,
 * logged and sent.  Borrowed where there are no such bytes, otherwise in the
 * arena.
 */
struct text	target_encode(struct text, struct arena *);

/*
 * Why a target is refused in all readings, or NULL: "//" at its start, encoded
 * controls ("%0A"), bytes that must be encoded, a "%" without its two digits.
 * For people, with the place; static or in the arena.
 */
const char	*target_refusal(struct text, struct arena *);

/* The same for a target whose prefix was stripped. */
const char	*target_stripped_refusal(struct text);

#endif

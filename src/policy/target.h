/*
 * Request targets as bytes: what clients send raw, and what may never stand in
 * one.  How a path can be read is policy/readings.
 */
#ifndef POLICY_TARGET_H
#define POLICY_TARGET_H

#include "base/arena.h"
#include "base/text.h"

/*
 * The target with every byte encoded that clients send raw although RFC 3986
 * wants it encoded (target_takes_raw()).  That is the target which is
 * matched, explained, logged and sent.  Borrowed where there is none of them,
 * else in the arena.
 */
struct text	target_encode(struct text, struct arena *);

/*
 * What no encoded target may hold, however it is read, or NULL: "//" at its
 * start, encoded controls ("%0A"), bytes that must be encoded, a "%" without
 * its two digits.  For people, with the place; static or in the arena.
 */
const char	*target_refusal(struct text, struct arena *);

/* The same of one whose prefix was stripped. */
const char	*target_stripped_refusal(struct text);

#endif

/*
 * The states of keys.  They belong to a key's value, whatever its names are.
 * What holds for a value is a set of facts; events change it, and the state is
 * read from it, all by key_state.tbl.  Pure.
 */
#ifndef POLICY_KEY_STATE_H
#define POLICY_KEY_STATE_H

#include <stdio.h>

#include "base/log.h"

/* -- what can hold for a value, as bits of a set -- */

/* Why it is not used. */
#define KEY_OFF_DISABLED	0x01u
#define KEY_OFF_REJECTED	0x02u
#define KEY_OFF_EXPIRED		0x04u
#define KEY_OFF			0x07u

#define KEY_DOUBTED		0x08u	/* its expiry is in doubt: if it is
					   expired, it is better than none */
#define KEY_ENDING		0x10u	/* it is to be replaced soon */
#define KEY_LISTED		0x20u	/* by a route */
#define KEY_SERVES		0x40u	/* requests of a route get it */
#define KEY_USED		0x80u	/* a request went out with it */

/* -- states -- */

enum key_state {
#define KEY_STATE(name, text, has, lacks, meaning) KEY_STATE_##name,
#include "policy/key_state.tbl"
#undef KEY_STATE
	KEY_STATES
};

/* The state of a value for which that set holds. */
enum key_state	 key_state_of(unsigned facts);

/* "rejected" */
const char	*key_state_name(enum key_state);

/*
 * Why none of several keys is used, of which that is off together: "all are
 * rejected or expired".
 */
const char	*key_off_words(unsigned off);

/*
 * Of that set, why a proxy is not sent the key: KEY_OFF_DISABLED or
 * KEY_OFF_EXPIRED, or 0.  That an API rejects the value says nothing of the
 * proxy; and one whose expiry is in doubt is sent, as a proxy has no other.
 */
unsigned	 key_off_for_proxy(unsigned facts);

/* -- events -- */

enum key_event {
#define KEY_EVENT(name, holds, ends, level, action, text) KEY_EVENT_##name,
#include "policy/key_state.tbl"
#undef KEY_EVENT
	KEY_EVENTS
};

/* What holds after it. */
unsigned	 key_event_apply(enum key_event, unsigned facts);

/* As it is logged: its level, event.action, and what follows "key NAME". */
enum log_level	 key_event_level(enum key_event);
const char	*key_event_action(enum key_event);
const char	*key_event_text(enum key_event);

/* Prints the tables, and what leads from which states where. */
void		 key_state_print_reference(FILE *);

#endif

/*
 * A reader of HTTP/1.1 that shares nothing with src/http: how the peers of the
 * program understand what it sends.  It is as strict as the program's output
 * should be; what it cannot read is a finding of its owner's.
 */
#ifndef TESTS_SIM_MESSAGE_H
#define TESTS_SIM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

struct message;

struct message_events {
	/* The head is in m->head; after an interim response no end follows. */
	void	(*head)(void *owner, const struct message *);
	void	(*body)(void *owner, struct text);
	void	(*end)(void *owner);
};

enum message_state { MESSAGE_HEAD, MESSAGE_DATA, MESSAGE_CHUNK_LINE,
    MESSAGE_CHUNK_DATA, MESSAGE_CHUNK_END, MESSAGE_TRAILERS, MESSAGE_TO_END };

struct message {
	const struct message_events *events;
	void *owner;
	bool response;
	bool bodiless;			/* the next response is to HEAD */
	enum message_state state;
	struct buf head;		/* also a line within the body */
	struct text start;		/* the first line, within the head */
	unsigned status;		/* of a response */
	uint64_t left;
	const char *bad;		/* why it is not valid, or NULL */
};

void	message_begin(struct message *, bool response,
	    const struct message_events *, void *owner);
void	message_release(struct message *);

void	message_feed(struct message *, struct text);

/*
 * The bytes ended.  True: between messages, or where that ends one, which is
 * told.
 */
bool	message_ends(struct message *, bool clean);

/* Nothing of the next message has come. */
bool	message_is_between(const struct message *);

/* The value of a field of the head; false: there is none. */
bool	message_field(const struct message *, const char *name, struct text *);
unsigned message_count(const struct message *, const char *name);

/* The n-th word of the first line. */
struct text message_word(const struct message *, unsigned n);

#endif

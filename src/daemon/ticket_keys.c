/*
 * Keys of session tickets; see ticket_keys.h.
 */
#include "daemon/ticket_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/control_channel.h"

/*
 * A ticket can be opened for once to twice that time; so it is all that a thief
 * of keys can read of what was recorded before.
 */
#define ROTATE_NS	(12 * 3600 * NS_PER_S)

/* After a failure: there was no randomness. */
#define AGAIN_NS	(60 * NS_PER_S)

#define LENGTH		BASE64_LEN(TLS_TICKET_KEYS)

_Static_assert(LENGTH < CONTROL_TEXT, "they fit into a message");

struct ticket_keys {
	struct secret *keys;		/* NULL: nobody needed any yet */
	int64_t due;			/* clock_boot() */
};

struct ticket_keys *
ticket_keys_new(void)
{
	return xcalloc(1, sizeof(struct ticket_keys));
}

void
ticket_keys_free(struct ticket_keys *t)
{
	if (t == NULL)
		return;
	secret_free(t->keys);
	free(t);
}

/* In an epoch of their own: a worker knows those that it was sent. */
static bool
make(struct ticket_keys *t)
{
	if (t->keys != NULL)
		return true;
	(void)secret_next_epoch();
	t->keys = secret_new(TLS_TICKET_KEYS);
	if (tls_ticket_keys_make(secret_bytes(t->keys))) {
		t->due = clock_boot() + ROTATE_NS;
		return true;
	}
	secret_free(t->keys);
	t->keys = NULL;
	return false;
}

bool
ticket_keys_step(struct ticket_keys *t, int64_t now, int64_t *next)
{
	int64_t left;
	bool rotated = false;

	*next = INT64_MAX;
	if (t->keys == NULL)
		return false;
	left = t->due - clock_boot();
	if (left <= 0) {
		rotated = tls_ticket_keys_rotate(secret_bytes(t->keys));
		left = rotated ? ROTATE_NS : AGAIN_NS;
		t->due = clock_boot() + left;
	}
	*next = now + left;
	return rotated;
}

void
ticket_keys_send(struct ticket_keys *t, int control)
{
	char text[LENGTH + 1];

	if (!make(t)) {
		log_error("no random keys for TLS session tickets");
		return;
	}
	base64_encode(secret_read(t->keys), TLS_TICKET_KEYS, text);
	text[LENGTH] = '\0';
	if (!control_send(control, CONTROL_TICKETS, -1, text))
		log_debug("a worker did not take the keys of tickets");
	explicit_bzero(text, sizeof(text));
}

bool
ticket_keys_read(const char *text, uint8_t keys[TLS_TICKET_KEYS])
{
	uint8_t room[BASE64_ROOM(LENGTH)];
	size_t n = sizeof(room);
	bool good = strlen(text) == LENGTH &&
	    base64_decode(text_of(text), room, &n) && n == TLS_TICKET_KEYS;

	if (good)
		memcpy(keys, room, TLS_TICKET_KEYS);
	explicit_bzero(room, sizeof(room));
	return good;
}

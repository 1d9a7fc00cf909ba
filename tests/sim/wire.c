/*
 * Wires as peers see them; see wire.h.  The program's side is in link.c.
 */
#include "wire.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "clock.h"
#include "fate.h"
#include "history.h"
#include "conf/conf.h"
#include "link.h"
#include "socket.h"

static struct wire *all;
static unsigned n_made;

struct wire *
wires(void)
{
	return all;
}

void
wires_begin(void)
{
	all = NULL;
	n_made = 0;
}

void
wires_end(void)
{
	struct wire *w;

	while ((w = all) != NULL) {
		must(w->link == NULL, "wire %u is still open", w->number);
		all = w->next;
		buf_release(&w->in);
		buf_release(&w->out);
		free(w);
	}
}

struct wire *
wire_new(bool upstream)
{
	struct event_base *owner = fate_owns(NULL);
	struct wire *w = xcalloc(1, sizeof(*w));

	fate_owns(owner);
	buf_init(&w->in, NULL);
	buf_init(&w->out, NULL);
	w->number = n_made++;
	w->upstream = upstream;
	w->worker = NOBODY;
	w->key = CONF_NONE;
	w->moved_ns = clock_now();
	w->next = all;
	all = w;
	return w;
}

struct wire *
wire_of_number(unsigned number)
{
	struct wire *w = all;

	while (w != NULL && w->number != number)
		w = w->next;
	return w;
}

/* -- between both sides -- */

/* Bytes or an end came for the program. */
static void
tell(struct wire *w)
{
	if (w->link != NULL)
		link_notice(w->link);
	else if (w->open)
		clock_notice(socket_fd(w));
}

static void
tell_room(struct wire *w)
{
	if (w->link != NULL)
		link_has_room(w->link);
	else if (w->open)
		clock_notice(socket_fd(w));
}

size_t
wire_takes(const struct wire *w)
{
	size_t n = wire_readable(w);

	/*
	 * The system takes bytes even if the peer will only answer with a
	 * reset.
	 */
	if (w->peer_closed)
		return SIZE_MAX;
	if (w->kept)
		return w->out_most;
	return n < w->out_most ? w->out_most - n : 0;
}

void
wire_put(struct wire *w, struct text t)
{
	struct event_base *owner;

	w->taken += t.n;
	w->moved_ns = w->used_ns = clock_now();
	if (w->peer_closed)
		return;
	owner = fate_owns(NULL);
	buf_append(&w->out, t.p, t.n);
	fate_owns(owner);
	if (w->kept && w->out_most != SIZE_MAX)
		w->out_most -= t.n;
	if (w->reads)
		w->read += t.n;
	if (w->wake != NULL)
		w->wake(w->peer);
}

void
wire_take(struct wire *w, size_t n)
{
	buf_consume(&w->in, n);
	w->moved_ns = w->used_ns = clock_now();
	if (w->wake != NULL && !w->peer_closed)
		w->wake(w->peer);
}

/* -- for peers -- */

size_t
wire_room(const struct wire *w)
{
	if (w->peer_end != WIRE_OPEN || w->our_end == WIRE_RESET)
		return 0;
	return w->in_most - buf_len(&w->in);
}

size_t
wire_write(struct wire *w, const void *p, size_t n)
{
	if (n > wire_room(w))
		n = wire_room(w);
	if (n == 0)
		return 0;
	w->moved_ns = clock_now();
	w->written += n;
	/* Bytes are lost if the program reads no more. */
	if (w->our_end != WIRE_OPEN && !w->open)
		return n;
	buf_append(&w->in, p, n);
	tell(w);
	return n;
}

size_t
wire_readable(const struct wire *w)
{
	return buf_len(&w->out) - (w->kept ? w->read : 0);
}

struct text
wire_read(struct wire *w, size_t n)
{
	static char copy[65536];
	size_t have = buf_len(&w->out);

	if (n > have)
		n = have;
	if (n > sizeof(copy))
		n = sizeof(copy);
	if (n == 0)
		return TEXT("");
	memcpy(copy, buf_data(&w->out), n);
	buf_consume(&w->out, n);
	w->read += n;
	w->moved_ns = clock_now();
	w->read_before_ns = w->read_ns;
	w->read_ns = clock_now();
	tell_room(w);
	return (struct text){ .p = copy, .n = n };
}

enum wire_end
wire_end(const struct wire *w)
{
	return buf_len(&w->out) == 0 ? w->our_end : WIRE_OPEN;
}

void
wire_finish(struct wire *w, enum wire_end how)
{
	if (w->peer_end != WIRE_OPEN)
		return;
	history("wire %u: its peer ends, %s", w->number,
	    how == WIRE_CLEAN ? "clean" : "cut");
	w->peer_end = how;
	w->moved_ns = clock_now();
	tell(w);
}

void
wire_close(struct wire *w, enum wire_end how)
{
	if (w->peer_closed)
		return;
	w->peer_closed = true;
	w->moved_ns = clock_now();
	if (!w->kept)
		buf_consume(&w->out, buf_len(&w->out));
	if (how != WIRE_RESET) {
		wire_finish(w, how);
	} else {
		history("wire %u: its peer resets it", w->number);
		w->peer_end = WIRE_RESET;
	}
	tell(w);
	tell_room(w);
}

/*
 * Wires as peers see them; see wire.h.  What the program sees is in link.c.
 */
#include "wire.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "clock.h"
#include "history.h"
#include "conf/conf.h"
#include "link.h"

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
	struct wire *w = xcalloc(1, sizeof(*w));

	buf_init(&w->in, NULL);
	buf_init(&w->out, NULL);
	w->number = n_made++;
	w->upstream = upstream;
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
	/* What nobody reads any more is lost. */
	if (w->link == NULL)
		return n;
	buf_append(&w->in, p, n);
	link_notice(w->link);
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
	if (w->link != NULL)
		link_has_room(w->link);
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
	if (w->link != NULL)
		link_notice(w->link);
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
	if (w->link == NULL)
		return;
	link_notice(w->link);
	link_has_room(w->link);
}

bool
wire_is_dropped(const struct wire *w)
{
	return w->link == NULL;
}

/*
 * News as bytes and back; see admin_news.h.
 */
#include "pages/admin_news.h"

#include <stdio.h>

#include "pages/packed.h"

/* All errors of a large configuration. */
#define NEWS_MOST	((size_t)16 * 1024 * 1024)

static void
put_worker(struct buf *b, const struct admin_worker *w)
{
	pack_u64(b, (uint64_t)w->pid);
	pack_u64(b, w->generation);
	pack_u64(b, w->state);
	pack_u64(b, (uint64_t)w->since);
	pack_u64(b, w->survives);
}

static enum daemon_state
get_state(struct unpacking *u)
{
	uint64_t state = unpack_u64(u);

	u->bad |= state > DAEMON_DRAINING;
	return u->bad ? DAEMON_STARTING : (enum daemon_state)state;
}

static void
get_worker(struct unpacking *u, struct admin_worker *w)
{
	w->pid = (int64_t)unpack_u64(u);
	w->generation = unpack_u64(u);
	w->state = get_state(u);
	w->since = (int64_t)unpack_u64(u);
	w->survives = unpack_u64(u) != 0;
}

static void
put_reload(struct buf *b, const struct admin_reload *r)
{
	pack_u64(b, (uint64_t)r->last);
	pack_u64(b, r->result);
	pack_str(b, r->reason);
	pack_u64(b, (uint64_t)r->last_success);
}

static void
get_reload(struct unpacking *u, struct admin_reload *r)
{
	uint64_t result;

	r->last = (int64_t)unpack_u64(u);
	result = unpack_u64(u);
	u->bad |= result > RELOAD_FAILURE;
	r->result = u->bad ? RELOAD_NONE : (enum reload_result)result;
	r->reason = unpack_str(u);
	r->last_success = (int64_t)unpack_u64(u);
}

static void
put_end(struct buf *b, const struct admin_end *e)
{
	pack_str(b, e->name);
	pack_str(b, e->due.what);
	pack_str(b, e->due.subject);
	pack_u64(b, e->due.kind);
	pack_u64(b, e->due.listener != CONF_NONE);
	pack_u64(b, e->due.watched);
	pack_u64(b, (uint64_t)e->due.from);
	pack_u64(b, (uint64_t)e->due.until);
}

static void
get_end(struct unpacking *u, struct admin_end *e)
{
	const char *subject;
	uint64_t kind;
	bool is_listeners;

	e->name = unpack_str(u);
	e->due.what = unpack_str(u);
	subject = unpack_str(u);
	kind = unpack_u64(u);
	is_listeners = unpack_u64(u) != 0;
	e->due.watched = unpack_u64(u) != 0;
	e->due.from = (int64_t)unpack_u64(u);
	e->due.until = (int64_t)unpack_u64(u);
	e->due.listener = is_listeners ? 0 : CONF_NONE;
	e->due.upstream = is_listeners ? CONF_NONE : 0;
	u->bad |= e->name == NULL || e->due.what == NULL || subject == NULL ||
	    kind >= CONF_DUE_KINDS;
	if (!u->bad)
		(void)snprintf(e->due.subject, sizeof(e->due.subject), "%s",
		    subject);
	e->due.kind = u->bad ? CONF_DUE_CRL : (enum conf_due_kind)kind;
}

static void
put_watched(struct buf *b, const struct admin_watched *w)
{
	pack_str(b, w->listener);
	pack_str(b, w->refused);
	pack_u64(b, (uint64_t)w->since);
}

static void
get_watched(struct unpacking *u, struct admin_watched *w)
{
	w->listener = unpack_str(u);
	w->refused = unpack_str(u);
	w->since = (int64_t)unpack_u64(u);
	u->bad |= w->listener == NULL;
}

static void
put_events(struct buf *b, const struct key_events *all)
{
	pack_u64(b, all != NULL ? all->n : 0);
	for (size_t i = 0; all != NULL && i < all->n; i++) {
		pack_u64(b, (uint64_t)all->v[i].at);
		pack_str(b, all->v[i].action);
		pack_str(b, all->v[i].key);
		pack_str(b, all->v[i].text);
	}
}

static const struct key_events *
get_events(struct unpacking *u)
{
	struct key_events *all = arena_zalloc(u->arena, sizeof(*all));

	all->n = unpack_count(u, 4 * sizeof(uint64_t));
	u->bad |= all->n > KEY_EVENTS_KEPT;
	for (size_t i = 0; !u->bad && i < all->n; i++) {
		struct key_event_told *e = &all->v[i];

		e->at = (int64_t)unpack_u64(u);
		e->action = unpack_str(u);
		e->key = unpack_str(u);
		e->text = unpack_str(u);
		u->bad |= e->action == NULL || e->key == NULL ||
		    e->text == NULL;
	}
	return all;
}

void
admin_news_pack(const struct admin_news *n, struct buf *out)
{
	pack_u64(out, n->state);
	pack_u64(out, n->generation);
	put_reload(out, &n->reload);
	pack_u64(out, n->n_workers);
	for (size_t i = 0; i < n->n_workers; i++)
		put_worker(out, &n->workers[i]);
	pack_u64(out, n->n_ends);
	for (size_t i = 0; i < n->n_ends; i++)
		put_end(out, &n->ends[i]);
	pack_u64(out, n->n_watched);
	for (size_t i = 0; i < n->n_watched; i++)
		put_watched(out, &n->watched[i]);
	put_events(out, n->events);
}

static bool
read_bytes(struct text bytes, struct arena *arena, struct admin_news *n)
{
	struct unpacking u = { .rest = bytes, .arena = arena };

	n->state = get_state(&u);
	n->generation = unpack_u64(&u);
	get_reload(&u, &n->reload);
	n->n_workers = unpack_count(&u, 5 * sizeof(uint64_t));
	n->workers = arena_alloc(arena, n->n_workers * sizeof(*n->workers));
	for (size_t i = 0; i < n->n_workers; i++)
		get_worker(&u, &n->workers[i]);
	n->n_ends = unpack_count(&u, 8 * sizeof(uint64_t));
	n->ends = arena_zalloc(arena, n->n_ends * sizeof(*n->ends));
	for (size_t i = 0; i < n->n_ends; i++)
		get_end(&u, &n->ends[i]);
	n->n_watched = unpack_count(&u, 3 * sizeof(uint64_t));
	n->watched = arena_zalloc(arena, n->n_watched * sizeof(*n->watched));
	for (size_t i = 0; i < n->n_watched; i++)
		get_watched(&u, &n->watched[i]);
	n->events = get_events(&u);
	return unpack_is_whole(&u);
}

bool
admin_news_read(int fd, struct arena *arena, struct admin_news *n)
{
	struct buf b;
	bool good = false;

	buf_init(&b, NULL);
	if (unpack_from_fd(fd, NEWS_MOST, &b))
		good = read_bytes(buf_text(&b), arena, n);
	buf_release(&b);
	return good;
}

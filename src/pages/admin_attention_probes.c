/*
 * What needs attention of keys that serve though it is not known whether they
 * work, or though an upstream refuses them; see admin_attention_parts.h.
 */
#include "pages/admin_attention_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/span.h"
#include "pages/admin_remedy.h"
#include "policy/fault.h"
#include "stats/probed.h"

/* Fewer probes, or all of them within less, may be a bad moment. */
#define UNCLEAR_LEAST	3
#define UNCLEAR_S	600

/* The index of an upstream, or CONF_NONE: the configuration has none such. */
static size_t
upstream_of(const struct admin_facts *f, uint32_t number)
{
	const struct stats_numbers *n = &f->brief->numbers;

	for (size_t i = 0; i < n->n_upstreams; i++) {
		if (n->upstreams[i] == number)
			return i;
	}
	return CONF_NONE;
}

/* -- nothing clear is said of it -- */

/* What statuses say, the first one that has it; path: another may help. */
static const struct answer {
	unsigned least, most;
	const char *says;
	bool path;
} answers[] = {
	{ 300, 399, "which leads elsewhere", true },
	{ 401, 401, "which does not say that the key is invalid", true },
	{ 403, 403, "which does not say why", true },
	{ 407, 408, "which says nothing of the key", false },
	{ 429, 429, "which says nothing of the key", false },
	{ 400, 499, "which finds fault with the path", true },
	{ 0, UINT32_MAX, "which says nothing of the key", false },
};

static const struct answer *
answer_of(unsigned status)
{
	const struct answer *a = answers;

	while (status < a->least || status > a->most)
		a++;
	return a;
}

/* Why that was, whole, and what to do. */
static void
put_reason(struct buf *b, const struct conf_upstream *u,
    const struct stats_unclear *last, bool path)
{
	if (last->fault != FAULT_NONE && last->fault < FAULT_COUNT)
		fault_message((enum fault)last->fault, u->name, NULL, b);
	else if (last->status == 0)
		buf_printf(b, "upstream %s did not answer", u->name);
	else
		buf_printf(b, "upstream %s answers %s with %u, %s", u->name,
		    u->probe_path, last->status,
		    answer_of(last->status)->says);
	if (path)
		buf_printf(b, "; set its 'probe_path' to a GET that needs a "
		    "valid key, and reload");
	else
		buf_printf(b, "; find out why");
}

static char *
unclear_text(const char *name, bool rejected, const struct conf_upstream *u,
    const struct stats_unclear *last, bool path)
{
	char span[SPAN_TEXT], *text;
	struct buf why;

	buf_init(&why, NULL);
	put_reason(&why, u, last, path);
	text = xasprintf("%skey %s %s: its last %lu probes, within %s, told "
	    "nothing of it: %.*s", rejected ? "" : "it is not known whether ",
	    name, rejected ? "was rejected, and it is not known whether it "
	    "works again" : "works", (unsigned long)last->n,
	    span_format_left(span, last->last - last->since),
	    TEXT_ARG(buf_text(&why)));
	buf_release(&why);
	return text;
}

/*
 * Nor do requests: one that went out since and was not refused says that it
 * works.
 */
static bool
is_in_doubt(const struct admin_key *k, const struct stats_unclear *u,
    int64_t now)
{
	return u->n >= UNCLEAR_LEAST && now - u->since >= UNCLEAR_S &&
	    (k->facts & (KEY_OFF_DISABLED | KEY_OFF_EXPIRED)) == 0 &&
	    (k->known.last_used <= u->last || k->known.refused > u->last);
}

static void
put_unclear(struct json *j, const struct admin_facts *f, size_t key,
    const struct admin_key *k, int64_t now)
{
	const struct conf *c = f->brief->conf;
	const struct stats_unclear u = stats_unclear(f->memory,
	    f->brief->numbers.keys[key]);
	size_t at = upstream_of(f, u.upstream);
	bool path;

	if (!is_in_doubt(k, &u, now) || at == CONF_NONE)
		return;
	path = u.fault == FAULT_NONE && u.status != 0 &&
	    answer_of(u.status)->path;
	admin_attention_add_matter(j, &(struct admin_matter){
		.key = c->keys[key].name,
		.what = unclear_text(c->keys[key].name,
		    (k->facts & KEY_OFF_REJECTED) != 0, &c->upstreams[at], &u,
		    path),
		.command = admin_remedy_probe(c),
		.then = { path ? admin_remedy_reload(c) : NULL },
	});
}

/* -- an upstream refuses it -- */

/* A route sends it there under that name. */
static bool
is_sent_to(const struct conf *c, size_t key, size_t upstream)
{
	for (size_t i = 0; i < c->n_routes; i++) {
		if (c->routes[i].upstream == upstream &&
		    admin_route_lists(&c->routes[i], key))
			return true;
	}
	return false;
}

static void
put_refusing(struct json *j, const struct admin_facts *f, size_t key,
    size_t refusing, size_t taking)
{
	const struct conf *c = f->brief->conf;
	const char *name = c->keys[key].name,
	    *refuses = c->upstreams[refusing].name,
	    *takes = c->upstreams[taking].name;
	char *where = admin_key_places_at(f, key, refusing);

	admin_attention_add_matter(j, &(struct admin_matter){
		.key = name,
		.what = xasprintf("upstream %s refuses key %s, and upstream %s "
		    "does not: add another one for upstream %s, list it in "
		    "%s instead of %s, and reload", refuses, name, takes,
		    refuses, where, name),
		.command = admin_remedy_add_for(c, key, refusing),
		.then = { admin_remedy_reload(c) },
		.next = admin_remedy_next_name(c, key),
	});
	free(where);
}

static void
put_all_refusing(struct json *j, const struct admin_facts *f, size_t key,
    const struct admin_key *k)
{
	const struct stats_refusing r = stats_refusing(f->memory,
	    f->brief->numbers.keys[key]);
	size_t taking = upstream_of(f, r.taking);

	if ((k->facts & KEY_OFF) != 0 || taking == CONF_NONE)
		return;
	for (size_t i = 0; i < r.n && i < PROBED_REFUSING; i++) {
		size_t at = upstream_of(f, r.upstreams[i]);

		if (at != CONF_NONE && at != taking &&
		    is_sent_to(f->brief->conf, key, at))
			put_refusing(j, f, key, at, taking);
	}
}

void
admin_attention_of_probes(struct json *j, const struct admin_facts *f,
    const struct admin_key *keys, int64_t now)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_keys; i++) {
		if (!admin_key_is_listed(c, i))
			continue;
		put_unclear(j, f, i, &keys[i], now);
		put_all_refusing(j, f, i, &keys[i]);
	}
}

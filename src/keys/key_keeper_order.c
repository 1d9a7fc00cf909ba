/*
 * Orders of people about keys; see key_keeper.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/users.h"
#include "keys/key_keeper_parts.h"
#include "upstream/keyring.h"

struct order {
	struct key_keeper *k;
	const char *name;
	uint32_t *values;		/* that are meant, by their numbers */
	size_t n;
	bool serves;			/* the first one is that of the name
					   in the configuration that serves */
	bool is_new;			/* it changed something */
	char *by;			/* as messages say it */
	uid_t who;
	struct buf text;		/* what is answered */
	uint64_t number;		/* of what the store is to keep */
};

static const char *const words[] = {
	[KEY_ORDER_DISABLE] = "disable",
	[KEY_ORDER_ENABLE] = "enable",
	[KEY_ORDER_PROMOTE] = "promote",
};

const char *
key_order_verb(enum key_order order)
{
	return words[order];
}

bool
key_order_parse(const char *word, enum key_order *order)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], word) == 0) {
			*order = (enum key_order)i;
			return true;
		}
	}
	return false;
}

/* Of the first one. */
static unsigned
facts_of(const struct order *o)
{
	return key_keeper_facts(o->k, o->values[0]);
}

/* One that serves for a while only, though it is off, is no usable key. */
static bool
is_usable(const struct order *o, const struct conf_route *route)
{
	const struct keyring keyring = {
		.conf = o->k->serving, .stats = o->k->stats,
	};
	size_t key = keyring_pick(&keyring, route, clock_boot(), CONF_NONE);

	return key != CONF_NONE && stats_key_off(o->k->stats, key) == 0;
}

static bool
lists(const struct order *o, const struct conf_route *route)
{
	for (size_t i = 0; i < o->n; i++) {
		if (key_keeper_lists(o->k, route, o->values[i]))
			return true;
	}
	return false;
}

/* Its requests go through a proxy that is sent one of them. */
static bool
leads_by(const struct order *o, const struct conf_route *route)
{
	const struct conf_proxy *p =
	    &o->k->serving->upstreams[route->upstream].proxy;

	for (size_t i = 0; p->host != NULL && p->key != CONF_NONE &&
	    i < o->n; i++) {
		if (stats_numbers(o->k->stats)->keys[p->key] == o->values[i])
			return true;
	}
	return false;
}

/*
 * Appends the routes that list what is meant; lacking: those that have no
 * usable key, and list it or go by a proxy that is sent it.  Returns how many
 * there are.
 */
static size_t
put_routes(struct order *o, const char *before, bool lacking)
{
	const struct conf *conf = o->k->serving;
	size_t n = 0;

	for (size_t i = 0; conf != NULL && i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];

		if (lacking ? is_usable(o, route) ||
		    (!lists(o, route) && !leads_by(o, route)) :
		    !lists(o, route))
			continue;
		buf_printf(&o->text, "%s%s", n++ == 0 ? before : ", ",
		    route->name);
	}
	return n;
}

/*
 * Has the effect, and then it kept; also where nothing changes: the order may
 * be repeated because it could not be kept.  Where nothing is kept, an order to
 * enable loses nothing.
 */
static void
keep(struct order *o, bool disabled)
{
	struct key_store *store = o->k->conf.store;

	key_keeper_settle(o->k);
	if (store == NULL || (!disabled && !key_store_keeps(store)))
		return;
	o->number = key_store_note_disabled(store, o->who);
	if (o->number != 0)
		return;
	buf_printf(&o->text, "; a restart will forget it: there is no "
	    "state_dir");
	if (o->is_new)
		log_warn("a restart will forget that key %s was disabled: "
		    "there is no state_dir", o->name);
}

/* There is no state_dir. */
static bool
is_forgetful(const struct order *o)
{
	return o->k->conf.store != NULL &&
	    !key_store_keeps(o->k->conf.store);
}

/* Which values are meant, where it is not only the one that serves. */
static void
put_older(struct order *o)
{
	const struct key_value *v = &o->k->values[o->values[0]];

	if (o->serves && o->n > 1)
		buf_printf(&o->text, ", and so is its value of before the "
		    "last reload, with which requests may be under way");
	else if (!o->serves && v->current)
		buf_printf(&o->text, ", which is key %s now", v->name);
	else if (!o->serves)
		buf_printf(&o->text, ", which only requests of before the "
		    "last reload may carry");
}

static void
change(struct order *o, size_t i, enum key_event event, bool disabled)
{
	bool is = (key_keeper_facts(o->k, o->values[i]) &
	    KEY_OFF_DISABLED) != 0;
	char *older;

	if (is == disabled)
		return;
	o->is_new = true;
	older = xasprintf("%s, in its value of before the last reload", o->by);
	key_keeper_change(o->k, o->values[i], event, i > 0 && o->serves ?
	    older : o->by, NULL);
	free(older);
	if (!disabled)
		key_keeper_resume(o->k, o->values[i]);
}

static bool
disable(struct order *o)
{
	for (size_t i = 0; i < o->n; i++) {
		change(o, i, KEY_EVENT_DISABLE, true);
		key_keeper_unask(o->k, o->values[i]);
	}
	buf_printf(&o->text, "key %s %s", o->name, o->is_new ?
	    "is disabled" : "was disabled already");
	put_older(o);
	(void)put_routes(o, "; no usable key is left for route ", true);
	keep(o, true);
	return true;
}

static bool
enable(struct order *o)
{
	for (size_t i = 0; i < o->n; i++)
		change(o, i, KEY_EVENT_ENABLE, false);
	buf_printf(&o->text, "key %s %s", o->name, o->is_new ?
	    "is enabled" : "was not disabled");
	put_older(o);
	if ((facts_of(o) & KEY_OFF) != 0)
		buf_printf(&o->text, ", but it is %s", key_state_name(
		    key_state_of(facts_of(o))));
	keep(o, false);
	return true;
}

/* Of the keys of that route, none was promoted later. */
static bool
is_first(const struct order *o, const struct conf_route *route)
{
	uint32_t last = stats_decision(o->k->conf.memory,
	    o->values[0]).promoted;

	for (size_t i = 0; i < route->n_keys; i++) {
		if (stats_key_promoted(o->k->stats, route->keys[i]) > last)
			return false;
	}
	return last != 0;
}

/* It comes first in each route that lists it, and would afterwards. */
static bool
is_promoted(const struct order *o)
{
	const struct conf *conf = o->k->serving;

	for (size_t i = 0; i < conf->n_routes; i++) {
		if (lists(o, &conf->routes[i]) &&
		    !is_first(o, &conf->routes[i]))
			return false;
	}
	return true;
}

static bool
promote(struct order *o)
{
	unsigned off = facts_of(o) & KEY_OFF;
	bool is = is_promoted(o);

	buf_printf(&o->text, "key %s ", o->name);
	if (off != 0) {
		buf_printf(&o->text, "is %s and cannot be promoted%s",
		    key_state_name(key_state_of(off)),
		    (off & KEY_OFF_DISABLED) != 0 ? ": enable it first" : "");
		return false;
	}
	if (put_routes(o, is ? "was promoted already; it is used by route " :
	    "is used from now on by route ", false) == 0) {
		buf_printf(&o->text, "is listed by no route");
		return false;
	}
	if (!is)
		key_keeper_change(o->k, o->values[0], KEY_EVENT_PROMOTE,
		    o->by, NULL);
	if (is_forgetful(o))
		buf_printf(&o->text, "; a restart will forget it: there is no "
		    "state_dir");
	return true;
}

/* The index of a name, or CONF_NONE. */
static size_t
index_of(const struct conf *conf, const char *name)
{
	for (size_t i = 0; conf != NULL && i < conf->n_keys; i++) {
		if (strcmp(conf->keys[i].name, name) == 0)
			return i;
	}
	return CONF_NONE;
}

bool
key_keeper_has(const struct key_keeper *k, const char *name)
{
	return index_of(k->serving, name) != CONF_NONE;
}

static void
mean(struct order *o, uint32_t value)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->values[i] == value)
			return;
	}
	o->values = xreallocarray(o->values, o->n + 1, sizeof(*o->values));
	o->values[o->n++] = value;
}

/* What the name was in those that served before; see key_keeper.h. */
static void
mean_older(struct order *o)
{
	for (size_t i = 0; i < o->k->n_served; i++) {
		const struct key_served *before = &o->k->served[i];
		size_t key = index_of(before->conf, o->name);
		uint32_t value;

		if (key == CONF_NONE)
			continue;
		value = stats_numbers(before->stats)->keys[key];
		if (!o->serves || !o->k->values[value].current)
			mean(o, value);
	}
}

static bool
find(struct order *o, enum key_order order)
{
	size_t key = index_of(o->k->serving, o->name);

	o->serves = key != CONF_NONE;
	if (o->serves)
		mean(o, stats_numbers(o->k->stats)->keys[key]);
	if (order == KEY_ORDER_DISABLE ||
	    (order == KEY_ORDER_ENABLE && !o->serves))
		mean_older(o);
	if (o->n != 0)
		return true;
	buf_printf(&o->text, o->k->serving != NULL ? "there is no key %s" :
	    "key %s: nothing serves", o->name);
	return false;
}

static bool
follow(struct order *o, enum key_order order)
{
	if (!find(o, order))
		return false;
	switch (order) {
	case KEY_ORDER_DISABLE:
		return disable(o);
	case KEY_ORDER_ENABLE:
		return enable(o);
	case KEY_ORDER_PROMOTE:
		return promote(o);
	}
	return false;
}

bool
key_keeper_order(struct key_keeper *k, enum key_order order, const char *name,
    uid_t who, struct key_order_result *result)
{
	struct order o = { .k = k, .name = name, .who = who };
	char *user;
	bool done;

	user = users_describe(who);
	o.by = xasprintf("by %s", user);
	buf_init(&o.text, NULL);
	done = follow(&o, order);
	result->number = o.number;
	(void)snprintf(result->text, sizeof(result->text), "%.*s",
	    TEXT_ARG(buf_text(&o.text)));
	buf_release(&o.text);
	free(o.values);
	free(o.by);
	free(user);
	key_keeper_settle(k);
	return done;
}

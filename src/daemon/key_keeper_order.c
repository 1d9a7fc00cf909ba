/*
 * Orders of people about keys; see key_keeper.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/key_keeper_parts.h"
#include "upstream/keyring.h"

struct order {
	struct key_keeper *k;
	const char *name;
	uint32_t value;			/* its number */
	char by[64];
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

static unsigned
facts_of(const struct order *o)
{
	return stats_decision(o->k->conf.memory, o->value).facts;
}

static bool
is_usable(const struct order *o, const struct conf_route *route)
{
	const struct keyring keyring = {
		.conf = o->k->serving, .stats = o->k->stats,
	};

	return keyring_pick(&keyring, route, clock_boot(), CONF_NONE) !=
	    CONF_NONE;
}

/*
 * Appends the routes that list the value; lacking: those of them only that have
 * no usable key.  Returns how many there are.
 */
static size_t
put_routes(struct order *o, const char *before, bool lacking)
{
	const struct conf *conf = o->k->serving;
	size_t n = 0;

	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];

		if (!key_keeper_lists(o->k, route, o->value) ||
		    (lacking && is_usable(o, route)))
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
	log_warn("a restart will forget that key %s was disabled: there is no "
	    "state_dir", o->name);
}

/* There is no state_dir. */
static bool
is_forgetful(const struct order *o)
{
	return o->k->conf.store != NULL &&
	    !key_store_keeps(o->k->conf.store);
}

static bool
disable(struct order *o)
{
	bool was = (facts_of(o) & KEY_OFF_DISABLED) != 0;

	if (!was)
		key_keeper_change(o->k, o->value, KEY_EVENT_DISABLE, o->by,
		    NULL);
	key_keeper_unask(o->k, o->value);
	buf_printf(&o->text, "key %s %s", o->name, was ?
	    "was disabled already" : "is disabled");
	(void)put_routes(o, "; no usable key is left for route ", true);
	keep(o, true);
	return true;
}

static bool
enable(struct order *o)
{
	bool was = (facts_of(o) & KEY_OFF_DISABLED) != 0;

	if (was) {
		key_keeper_change(o->k, o->value, KEY_EVENT_ENABLE, o->by,
		    NULL);
		key_keeper_resume(o->k, o->value);
	}
	buf_printf(&o->text, "key %s %s", o->name, was ? "is enabled" :
	    "was not disabled");
	if ((facts_of(o) & KEY_OFF) != 0)
		buf_printf(&o->text, ", but it is %s", key_state_name(
		    key_state_of(facts_of(o))));
	keep(o, false);
	return true;
}

static bool
promote(struct order *o)
{
	unsigned off = facts_of(o) & KEY_OFF;

	buf_printf(&o->text, "key %s ", o->name);
	if (off != 0) {
		buf_printf(&o->text, "is %s and cannot be promoted%s",
		    key_state_name(key_state_of(off)),
		    (off & KEY_OFF_DISABLED) != 0 ? ": enable it first" : "");
		return false;
	}
	if (put_routes(o, "is used from now on by route ", false) == 0) {
		buf_printf(&o->text, "is listed by no route");
		return false;
	}
	key_keeper_change(o->k, o->value, KEY_EVENT_PROMOTE, o->by, NULL);
	if (is_forgetful(o))
		buf_printf(&o->text, "; a restart will forget it: there is no "
		    "state_dir");
	return true;
}

/* Its index in the configuration that serves, or CONF_NONE. */
static size_t
index_of(const struct key_keeper *k, const char *name)
{
	const struct conf *conf = k->serving;

	for (size_t i = 0; conf != NULL && i < conf->n_keys; i++) {
		if (strcmp(conf->keys[i].name, name) == 0)
			return i;
	}
	return CONF_NONE;
}

bool
key_keeper_has(const struct key_keeper *k, const char *name)
{
	return index_of(k, name) != CONF_NONE;
}

static bool
find(struct order *o)
{
	size_t key = index_of(o->k, o->name);

	if (key != CONF_NONE) {
		o->value = stats_numbers(o->k->stats)->keys[key];
		return true;
	}
	buf_printf(&o->text, o->k->serving != NULL ? "there is no key %s" :
	    "key %s: nothing serves", o->name);
	return false;
}

static bool
follow(struct order *o, enum key_order order)
{
	if (!find(o))
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
	bool done;

	(void)snprintf(o.by, sizeof(o.by), "by user %u", (unsigned)who);
	buf_init(&o.text, NULL);
	done = follow(&o, order);
	result->number = o.number;
	(void)snprintf(result->text, sizeof(result->text), "%.*s",
	    TEXT_ARG(buf_text(&o.text)));
	buf_release(&o.text);
	key_keeper_settle(k);
	return done;
}

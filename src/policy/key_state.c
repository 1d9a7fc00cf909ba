/*
 * The states of keys; see key_state.h.
 */
#include "policy/key_state.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/wrap.h"

static const struct {
	const char *name;
	unsigned has, lacks;
	const char *meaning;
} states[KEY_STATES] = {
#define KEY_STATE(name, text, has, lacks, meaning) \
	{ text, has, lacks, meaning },
#include "policy/key_state.tbl"
#undef KEY_STATE
};

static const struct {
	unsigned holds, ends;
	const char *when;
} turns[] = {
#define KEY_TURN(holds, ends, when) { holds, ends, when },
#include "policy/key_state.tbl"
#undef KEY_TURN
};

static const struct {
	unsigned holds, ends;
	enum log_level level;
	const char *action, *text;
} events[KEY_EVENTS] = {
#define KEY_EVENT(name, holds, ends, level, action, text) \
	{ holds, ends, LOG_LEVEL_##level, action, text },
#include "policy/key_state.tbl"
#undef KEY_EVENT
};

enum key_state
key_state_of(unsigned facts)
{
	unsigned i = 0;

	while ((facts & states[i].has) != states[i].has ||
	    (facts & states[i].lacks) != 0)
		i++;
	assert(i < KEY_STATES);
	return (enum key_state)i;
}

const char *
key_state_name(enum key_state state)
{
	return states[state].name;
}

const char *
key_off_words(unsigned off)
{
	static const char *const words[KEY_OFF + 1] = {
		[0] = "there is none",
		[KEY_OFF_DISABLED] = "all are disabled",
		[KEY_OFF_REJECTED] = "all are rejected",
		[KEY_OFF_EXPIRED] = "all are expired",
		[KEY_OFF_DISABLED | KEY_OFF_REJECTED] =
		    "all are disabled or rejected",
		[KEY_OFF_DISABLED | KEY_OFF_EXPIRED] =
		    "all are disabled or expired",
		[KEY_OFF_REJECTED | KEY_OFF_EXPIRED] =
		    "all are rejected or expired",
		[KEY_OFF] = "all are disabled, rejected or expired",
	};

	return words[off & KEY_OFF];
}

unsigned
key_off_for_proxy(unsigned facts)
{
	if ((facts & KEY_OFF_DISABLED) != 0)
		return KEY_OFF_DISABLED;
	return (facts & KEY_DOUBTED) == 0 ? facts & KEY_OFF_EXPIRED : 0;
}

unsigned
key_event_apply(enum key_event event, unsigned facts)
{
	return (facts | events[event].holds) & ~events[event].ends;
}

enum log_level
key_event_level(enum key_event event)
{
	return events[event].level;
}

const char *
key_event_action(enum key_event event)
{
	return events[event].action;
}

const char *
key_event_text(enum key_event event)
{
	return events[event].text;
}

/* -- the manual -- */

/* The states that come first stay what they are. */
static void
print_way_to(enum key_state to, FILE *out)
{
	(void)fprintf(out, "        from every state");
	for (unsigned i = 0; i < to; i++)
		(void)fprintf(out, "%s%s", i == 0 ? " but " : " and ",
		    states[i].name);
	(void)fprintf(out, " to %s\n", states[to].name);
}

/* Only what a route lists serves one. */
static bool
can_be(unsigned facts)
{
	return (facts & KEY_SERVES) == 0 || (facts & KEY_LISTED) != 0;
}

/* Whether a key that is not off comes from one state to the other so. */
static bool
leads(unsigned holds, unsigned ends, enum key_state from, enum key_state to)
{
	const unsigned all = KEY_ENDING | KEY_LISTED | KEY_SERVES | KEY_USED;

	for (unsigned before = 0; before <= all; before++) {
		unsigned after = (before | holds) & ~ends;

		if ((before & ~all) == 0 && can_be(before) && can_be(after) &&
		    key_state_of(before) == from && key_state_of(after) == to)
			return true;
	}
	return false;
}

/* From where it leads to that state. */
static void
print_turn_to(unsigned holds, unsigned ends, enum key_state to, FILE *out)
{
	unsigned n = 0;

	for (unsigned from = 0; from < KEY_STATES; from++) {
		if (from == to || !leads(holds, ends, (enum key_state)from,
		    to))
			continue;
		(void)fprintf(out, "%s%s", n++ == 0 ? "        from " :
		    " or ", states[from].name);
	}
	if (n != 0)
		(void)fprintf(out, " to %s\n", states[to].name);
}

static void
print_turn(unsigned holds, unsigned ends, FILE *out)
{
	for (unsigned to = 0; to < KEY_STATES; to++)
		print_turn_to(holds, ends, (enum key_state)to, out);
}

static void
print_event(enum key_event event, FILE *out)
{
	(void)fprintf(out, "    %s: it %s\n", events[event].action,
	    events[event].text);
	if (event == KEY_EVENT_PROMOTE)
		print_turn(KEY_SERVES, 0, out);
	else if (events[event].holds != 0)
		print_way_to(key_state_of(events[event].holds), out);
	else if (events[event].ends != 0)
		(void)fprintf(out, "        from %s to the first state below "
		    "it that fits\n",
		    states[key_state_of(events[event].ends)].name);
	else
		(void)fprintf(out, "        it serves its routes, and the key "
		    "that did becomes standby\n");
}

void
key_state_print_reference(FILE *out)
{
	(void)fprintf(out, "The state of a key is the first one that fits. It "
	    "belongs to the value, under\neach of its names.\n\n");
	for (unsigned i = 0; i < KEY_STATES; i++) {
		(void)fprintf(out, "%s\n    ", states[i].name);
		wrap_print(states[i].meaning, 4, 4, out);
	}
	(void)fprintf(out, "\nWhat changes it, by its event.action in the "
	    "log:\n\n");
	for (unsigned i = 0; i < KEY_EVENTS; i++)
		print_event((enum key_event)i, out);
	(void)fprintf(out, "\nWhat changes it without one, while it is not "
	    "off:\n\n");
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		(void)fprintf(out, "    ");
		wrap_print(turns[i].when, 4, 4, out);
		print_turn(turns[i].holds, turns[i].ends, out);
	}
}

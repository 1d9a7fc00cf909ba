/*
 * Commands as paths and as messages; see admin_command.h.
 */
#include "daemon/admin_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

bool
admin_command_is_urgent(const struct admin_command *c)
{
	return c->key != NULL && c->order == KEY_ORDER_DISABLE;
}

static bool
parse_order(struct text word, enum key_order *order)
{
	char verb[16];

	(void)snprintf(verb, sizeof(verb), "%.*s", TEXT_ARG(word));
	return key_order_parse(verb, order);
}

/* -- paths -- */

/* The byte that "%41" stands for; false: it is no such thing. */
static bool
decode_byte(struct text t, char *byte)
{
	uint64_t value;

	if (t.n < 3 || !text_parse_hex((struct text){ t.p + 1, 2 }, 0xff,
	    &value))
		return false;
	*byte = (char)value;
	return true;
}

/* The name, which ends with NUL; NULL: none is written like this. */
static const char *
decode_name(struct text t, struct arena *arena)
{
	char *name = arena_alloc(arena, t.n + 1);
	size_t n = 0;

	while (t.n != 0) {
		size_t taken = *t.p == '%' ? 3 : 1;

		name[n] = *t.p;
		if (taken == 3 && !decode_byte(t, &name[n]))
			return NULL;
		t = text_from(t, taken);
		n++;
	}
	name[n] = '\0';
	if (n == 0 || text_has_control((struct text){ name, n }))
		return NULL;
	return name;
}

static bool
key_command_of(struct text rest, struct arena *arena, struct admin_command *c)
{
	struct text name;

	if (!text_split(&rest, '/', &name) || !parse_order(rest, &c->order))
		return false;
	c->key = decode_name(name, arena);
	return c->key != NULL;
}

bool
admin_command_of(struct text path, struct arena *arena,
    struct admin_command *c)
{
	*c = (struct admin_command){ .key = NULL };
	if (text_eq(path, TEXT("/reload")))
		return true;
	return text_starts_with(path, TEXT("/keys/")) && key_command_of(
	    text_from(path, sizeof("/keys/") - 1), arena, c);
}

/* -- messages: "ITS WHO reload", "ITS WHO VERB NAME" -- */

#define RELOAD	"reload"

bool
admin_message_write(const struct admin_message *m, char *text, size_t size)
{
	const struct admin_command *c = &m->command;
	int n;

	if (c->key != NULL && strlen(c->key) > VALUE_NAME_MAX)
		return false;
	n = snprintf(text, size, "%" PRIu64 " %u %s%s%s", m->its,
	    (unsigned)m->who, c->key != NULL ? key_order_verb(c->order) :
	    RELOAD, c->key != NULL ? " " : "", c->key != NULL ? c->key : "");

	return n > 0 && (size_t)n < size;
}

static bool
read_number(struct text *rest, uint64_t max, uint64_t *number)
{
	struct text word;

	return text_split(rest, ' ', &word) &&
	    text_parse_u64(word, max, number);
}

bool
admin_message_read(const char *text, struct admin_message *m)
{
	struct text rest = text_of(text), verb;
	uint64_t who;

	*m = (struct admin_message){ .its = 0 };
	if (!read_number(&rest, UINT64_MAX, &m->its) ||
	    !read_number(&rest, UINT32_MAX, &who))
		return false;
	m->who = (uid_t)who;
	if (text_eq(rest, TEXT(RELOAD)))
		return true;
	if (!text_split(&rest, ' ', &verb) || rest.n == 0 ||
	    !parse_order(verb, &m->command.order))
		return false;
	m->command.key = rest.p;
	return !text_has_control(rest);
}

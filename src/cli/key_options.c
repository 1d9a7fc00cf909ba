/*
 * Keys on the command line; see key_options.h.
 */
#include "cli/key_options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "cli/input.h"
#include "cli/say.h"
#include "conf/value.h"

static bool
read_time(const char *option, const char *text, int64_t now, int64_t *seconds)
{
	*seconds = CONF_NO_TIME;
	if (text == NULL || date_is_none(text_of(text)) ||
	    date_parse_lenient(text_of(text), now, seconds))
		return true;
	(void)say_failed("--%s '%s': not a time such as "
	    "\"2027-02-23T00:00:00Z\" or \"2027-02-23\"", option, text);
	return false;
}

bool
key_options_expiry(const char *text, int64_t *seconds)
{
	int64_t now = clock_wall() / NS_PER_S;

	if (!read_time("expires", text, now, seconds))
		return false;
	if (*seconds != CONF_NO_TIME && *seconds <= now)
		say_warning("--expires '%s' is in the past", text);
	return true;
}

bool
key_options_created(const char *text, int64_t expires, int64_t *seconds)
{
	int64_t now = clock_wall() / NS_PER_S;

	if (!read_time("created", text, now, seconds))
		return false;
	if (*seconds == CONF_NO_TIME)
		return true;
	if (*seconds > now)
		(void)say_failed("--created '%s' is in the future", text);
	else if (expires != CONF_NO_TIME && *seconds >= expires)
		(void)say_failed("--created '%s' is not before --expires",
		    text);
	else
		return true;
	return false;
}

/* Adds a host once, however often it is given. */
static void
add_host(struct key_new *k, const char *host)
{
	for (size_t i = 0; i < k->n_hosts; i++) {
		if (strcasecmp(k->hosts[i], host) == 0)
			return;
	}
	k->hosts[k->n_hosts++] = host;
}

/* From a URL the host is taken, with a warning; room has VALUE_HOST bytes. */
static void
take_host(struct key_new *k, const char *given, char *room)
{
	uint16_t port;

	if (value_url(text_of(given), room, &port) != NULL) {
		add_host(k, given);
		return;
	}
	say_warning("--host '%s' is a URL: its host is taken, '%s'", given,
	    room);
	add_host(k, room);
}

bool
key_options_take(struct key_new *k, const struct cli_args *args)
{
	char *room;

	*k = (struct key_new){
		.name = args->n_operands != 0 ? args->operands[0] : NULL,
		/* Texts that are not argv's are stored behind the array. */
		.hosts = xcalloc(args->n_given + 1, sizeof(*k->hosts) +
		    VALUE_HOST),
		.field = cli_args_value(args, "field"),
		.scheme = cli_args_value(args, "scheme"),
		.note = cli_args_value(args, "note"),
		.plain = cli_args_has(args, "plain"),
	};
	room = (char *)(k->hosts + args->n_given + 1);
	for (size_t i = 0; i < args->n_given; i++) {
		if (strcmp(args->given[i].option->name, "host") == 0)
			take_host(k, args->given[i].value, room + i *
			    VALUE_HOST);
	}
	return key_options_expiry(cli_args_value(args, "expires"),
	    &k->expires) && key_options_created(cli_args_value(args, "created"),
	    k->expires, &k->created);
}

bool
key_options_check(const struct key_new *k)
{
	struct reasons why = { .n = 0 };

	return say_why(&why, key_new_check(k, &why));
}

struct secret *
key_options_take_value(const struct key_new *k, struct text given)
{
	struct reasons why = { .n = 0 };
	struct secret *value = key_new_take_value(k, given, &why);

	say_reasons(&why);
	return value;
}

struct secret *
key_options_value(const struct key_new *k, const char *file,
    const char *question)
{
	struct secret *value = NULL, *given;

	do {
		given = input_value(file, "the value of the key", question);
		if (given == NULL)
			return NULL;
		value = key_options_take_value(k, secret_text(given));
		secret_free(given);
	} while (value == NULL && input_is_asked(file));
	return value;
}

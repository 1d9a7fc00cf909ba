/*
 * Options of `init`; see setup_options.h.
 */
#include "cli/setup_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "cert/roots.h"
#include "cli/input.h"
#include "cli/key_options.h"
#include "cli/say.h"
#include "conf/conf.h"
#include "net/listener.h"

/* Room for the reason why an address is refused. */
#define LISTEN_WHY	512

/* Whether it can be between quotes in a configuration. */
static bool
can_write(const char *s)
{
	return strpbrk(s, "\"\\") == NULL && !text_has_control(text_of(s));
}

#define CANNOT_WRITE \
	"a quote, a backslash or a control character cannot be in it here"

static void
tell_of_ca_file(void *owner, bool warning, const char *text)
{
	const struct setup *s = owner;

	if (warning)
		say_warning("--ca-file %s: %s", s->ca_file, text);
	else
		(void)say_failed("--ca-file %s: %s", s->ca_file, text);
}

/* Finds now what `check` would say of the file later. */
static bool
take_ca_file(struct setup *s, const char *given)
{
	struct cert_report report = { .tell = tell_of_ca_file, .owner = s };
	const struct cert_roots_use use = { .of_clients = false };
	struct cert_span span;
	struct secret *pem;

	if (given == NULL)
		return true;
	/* The configuration may be in another folder. */
	s->ca_file = file_absolute(given);
	if (!can_write(s->ca_file)) {
		(void)say_failed("--ca-file %s: " CANNOT_WRITE, given);
		return false;
	}
	pem = input_read_file(s->ca_file, FILE_REGULAR, FILE_OBEYED,
	    "the authorities", INPUT_MAX);
	if (pem == NULL)
		return false;
	cert_check_roots(secret_text(pem), &use, &span, &report);
	secret_free(pem);
	if (!report.failed && span.until <= clock_wall() / NS_PER_S)
		cert_warning(&report, "no certificate in it is valid any "
		    "more");
	return !report.failed;
}

/* Whether it could listen there now; otherwise with the reason. */
static enum listener_verdict
try_listen(const struct addr *a, char *why, size_t why_size)
{
	const struct listener_conf conf = { .address = *a, .mode = 0600,
		.owner = CONF_NO_ID, .group = CONF_NO_ID };
	struct holder holder;
	struct addr bound;

	return listener_try(&conf, &bound, &holder, why, why_size);
}

/* Refuses it, and suggests the next port that is free. */
static void
refuse_taken(struct addr *a, const char *why)
{
	char text[ADDR_TEXT], ignored[LISTEN_WHY];
	unsigned port = addr_port(a);

	for (unsigned i = 1; port != 0 && i <= 100 && port + i <= UINT16_MAX;
	    i++) {
		addr_set_port(a, (uint16_t)(port + i));
		if (try_listen(a, ignored, sizeof(ignored)) != LISTENER_FREE)
			continue;
		addr_format(a, text);
		(void)say_failed("--listen %s; this one is free: --listen %s",
		    why, text);
		return;
	}
	(void)say_failed("--listen %s; say another one", why);
}

static bool
take_listen(struct setup *s, const char *given)
{
	const char *why;
	char reason[LISTEN_WHY];
	struct addr a;

	s->listen = given != NULL ? given : SETUP_LISTEN;
	if (!addr_parse(s->listen, &a, &why)) {
		(void)say_failed("--listen %s: %s", s->listen, why);
		return false;
	}
	if (!addr_is_loopback(&a)) {
		(void)say_failed("--listen %s: other machines can reach this; "
		    "make it for this one, then change 'address' and say "
		    "'nonlocal = true'", s->listen);
		return false;
	}
	if (!can_write(s->listen)) {
		(void)say_failed("--listen %s: " CANNOT_WRITE,
		    s->listen);
		return false;
	}
	switch (try_listen(&a, reason, sizeof(reason))) {
	case LISTENER_FREE:
	case LISTENER_UNKNOWN:
		return true;
	case LISTENER_TAKEN:
		refuse_taken(&a, reason);
		break;
	case LISTENER_REFUSED:
		(void)say_failed("--listen %s", reason);
		break;
	}
	return false;
}

bool
setup_take_options(struct setup *s, const struct cli_args *args)
{
	const char *url = cli_args_value(args, "url"), *why;
	uint16_t port = 443;

	s->url = url != NULL ? url : SETUP_URL;
	why = value_url(text_of(s->url), s->host, &port);
	if (why != NULL) {
		(void)say_failed("--url %s: %s", s->url, why);
		return false;
	}
	return take_listen(s, cli_args_value(args, "listen")) &&
	    take_ca_file(s, cli_args_value(args, "ca-file")) &&
	    key_options_expiry(cli_args_value(args, "expires"),
	    &s->expires) &&
	    key_options_created(cli_args_value(args, "created"),
	    s->expires, &s->created);
}

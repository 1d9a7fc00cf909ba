/*
 * Listeners as they are written: options that do not go together, and two of
 * them at one address.  The system is not asked about them here.
 */
#include "conf/check.h"

#include <stdlib.h>
#include <string.h>

/* Options that mean nothing on a socket of this kind. */
static void
check_kind(struct reader *r, const struct draft_listener *l,
    const enum option_id *ids, size_t n, const char *needs)
{
	for (size_t i = 0; i < n; i++) {
		if (was_given(&l->given, ids[i]))
			reader_error_at(r, l->given.option[ids[i]],
			    "option '%s' needs %s", options[ids[i]].name,
			    needs);
	}
}

static void
check_listener(struct reader *r, const struct draft_listener *l)
{
	static const enum option_id of_unix[] = { OPTION_LISTENER_users,
		OPTION_LISTENER_groups };
	static const enum option_id of_path[] = { OPTION_LISTENER_mode,
		OPTION_LISTENER_owner, OPTION_LISTENER_group };
	static const enum option_id of_inet[] = { OPTION_LISTENER_from,
		OPTION_LISTENER_from_proxies, OPTION_LISTENER_tls };

	if (!addr_is_loopback(&l->out.address) && !l->out.nonlocal)
		reader_error_at(r, l->given.option[OPTION_LISTENER_address],
		    "option 'address': other machines can reach %s: say "
		    "'nonlocal = true' if that is meant",
		    l->out.address_text);
	if (l->out.address.kind == ADDR_INET)
		check_kind(r, l, of_unix, 2, "a Unix socket: who connects "
		    "over TCP is not known");
	if (l->out.address.kind != ADDR_UNIX)
		check_kind(r, l, of_path, 3, "a Unix socket of our own");
	else
		check_kind(r, l, of_inet, 3, "a listener on TCP");
	if (was_given(&l->given, OPTION_LISTENER_certificate) &&
	    l->tls.client_ca == NULL)
		reader_error_at(r, l->given.option[OPTION_LISTENER_certificate],
		    "option 'certificate' needs 'tls' with 'client_ca': "
		    "otherwise no client is asked for one");
	if (was_given(&l->given, OPTION_LISTENER_group) &&
	    (l->out.mode & 060) == 0)
		conf_warning(r->diagnostics,
		    l->given.option[OPTION_LISTENER_group].file,
		    l->given.option[OPTION_LISTENER_group].line,
		    "option 'group' has no effect: 'mode' gives the group "
		    "no right to connect (\"0660\" would)");
}

/* Addresses. */

/* The first listener of each address; of each port, whatever address. */
struct taken {
	struct lookup addresses;	/* "127.0.0.1:9080", "unix:/run/s" */
	struct lookup ports;		/* "0.0.0.0:9080", "[::]:9080" */
};

/* All addresses of the machine, with the port of that one. */
static const char *
all_addresses(struct reader *r, const struct addr *a)
{
	char text[ADDR_TEXT];
	struct addr all;
	const char *why;

	(void)addr_parse(a->sa.sa_family == AF_INET6 ? "[::]:0" : "0.0.0.0:0",
	    &all, &why);
	addr_set_port(&all, addr_port(a));
	addr_format(&all, text);
	return arena_cstr(r->scratch, text_of(text));
}

/*
 * The earlier listener that one at this TCP address conflicts with.  Sockets
 * for IPv6 are for IPv6 only.
 */
static size_t
add_inet(struct reader *r, struct taken *t, const struct draft_listener *l,
    size_t i)
{
	const char *address = l->out.address_text;
	const char *all = all_addresses(r, &l->out.address);
	size_t same = lookup_add(&t->addresses, address, i);
	size_t port = lookup_add(&t->ports, all, i);

	if (same != LOOKUP_NONE)
		return same;
	if (strcmp(address, all) == 0)
		return port;
	return lookup_find(&t->addresses, all);
}

/* Port 0 is a different port each time. */
static size_t
add_listener(struct reader *r, struct taken *t,
    const struct draft_listener *l, size_t i)
{
	if (l->out.address.kind != ADDR_INET)
		return lookup_add(&t->addresses, l->out.address_text, i);
	return addr_port(&l->out.address) != 0 ? add_inet(r, t, l, i) :
	    LOOKUP_NONE;
}

static void
refuse_taken(struct reader *r, const struct draft_listener *l,
    const struct draft_listener *first)
{
	struct conf_where at = first->given.option[OPTION_LISTENER_address];
	const char *text = l->out.address_text, *other = "", *comma = "";

	if (strcmp(text, first->out.address_text) != 0) {
		other = first->out.address_text;
		comma = ", ";
	}
	reader_error_at(r, l->given.option[OPTION_LISTENER_address],
	    "option 'address': %s is taken by another listener, %s%sat %s:%u",
	    text, other, comma, at.file, at.line);
}

void
check_listeners(struct reader *r, const struct draft *d)
{
	struct taken taken = { .addresses = { .n = 0 } };

	for (size_t i = 0; i < draft_n_sockets(d); i++) {
		const struct draft_listener *l = draft_socket(d, i);
		size_t first;

		if (!l->given.valid[OPTION_LISTENER_address])
			continue;
		check_listener(r, l);
		first = add_listener(r, &taken, l, i);
		if (first != LOOKUP_NONE)
			refuse_taken(r, l, draft_socket(d, first));
	}
	lookup_free(&taken.addresses);
	lookup_free(&taken.ports);
}

/* -- reach -- */

static void
warn_if_exposed(struct reader *r, const struct draft_listener *l)
{
	const struct conf_where *at =
	    &l->given.option[OPTION_LISTENER_nonlocal];
	char *text = conf_listener_exposed(&l->out, &l->out.address);

	if (text != NULL)
		conf_warning(r->diagnostics, at->file, at->line,
		    "option 'nonlocal': %s", text);
	free(text);
}

void
check_exposure(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < draft_n_sockets(d); i++)
		warn_if_exposed(r, draft_socket(d, i));
}

/*
 * The sockets of the service manager and the configuration; see inheritance.h.
 */
#include "daemon/inheritance.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/inherited.h"
#include "net/holder.h"

/* Listeners of clients, and behind them those of the admin process. */
static size_t
count_listeners(const struct conf *conf)
{
	return conf->n_listeners + conf->n_admin;
}

static const struct conf_listener *
listener_at(const struct conf *conf, size_t i)
{
	return i < conf->n_listeners ? &conf->listeners[i] :
	    &conf->admin[i - conf->n_listeners];
}

/* -- what a listener takes -- */

static bool
takes_ipv4(size_t i, const struct addr *bound)
{
	const struct sockaddr_in6 *in6 = (const void *)&bound->ss;
	socklen_t len = sizeof(int);
	int only = 0;

	return bound->kind == ADDR_INET && bound->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) &&
	    getsockopt(INHERITED_FIRST + (int)i, IPPROTO_IPV6, IPV6_V6ONLY,
	    &only, &len) == 0 && only == 0;
}

/* Our own sockets for IPv6 are for IPv6 only. */
static void
check_family(const struct conf_listener *l, size_t i,
    struct conf_diagnostics *diagnostics)
{
	struct addr bound;

	if (l->address.kind == ADDR_INET && inherited_bound(i, &bound) &&
	    takes_ipv4(i, &bound))
		conf_warning(diagnostics, l->where.file, l->where.line,
		    "listener %s: the socket that systemd passed in takes "
		    "clients of IPv4, too (BindIPv6Only=ipv6-only makes one "
		    "that does not)", l->name);
}

static void
add_difference(const struct conf_listener *l, const char *what,
    const char *setting, struct conf_diagnostics *diagnostics)
{
	conf_error(diagnostics, l->where.file, l->where.line, "listener %s: "
	    "the socket that systemd passed in has another %s: let the option "
	    "and %s of the socket unit agree", l->name, what, setting);
}

/*
 * A name that systemd made stays as it is: changed here, it would be otherwise
 * again when the socket unit starts anew.
 */
static void
check_name(const struct conf_listener *l,
    struct conf_diagnostics *diagnostics)
{
	struct stat st;

	if (l->address.kind != ADDR_UNIX ||
	    lstat(l->address.un.sun_path, &st) == -1)
		return;
	if ((st.st_mode & 0777) != l->mode)
		conf_error(diagnostics, l->where.file, l->where.line,
		    "listener %s: the socket that systemd passed in has the "
		    "mode 0%03o and not 0%03o: let the option 'mode' and "
		    "SocketMode= of the socket unit agree", l->name,
		    (unsigned)st.st_mode & 0777, (unsigned)l->mode);
	if (l->owner != CONF_NO_ID && l->owner != st.st_uid)
		add_difference(l, "owner", "SocketUser=", diagnostics);
	if (l->group != CONF_NO_ID && l->group != st.st_gid)
		add_difference(l, "group", "SocketGroup=", diagnostics);
}

/* Of one socket, clients of both would get into either. */
static void
check_shared(const struct conf *conf, size_t index, int passed,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_listener *l = listener_at(conf, index), *other;

	for (size_t i = 0; i < index; i++) {
		other = listener_at(conf, i);
		if (inherited_find(&other->address) != passed)
			continue;
		conf_error(diagnostics, l->where.file, l->where.line,
		    "listener %s: the socket that systemd passed in is that of "
		    "listener %s already", l->name, other->name);
		return;
	}
}

static void
check_listener(const struct conf *conf, size_t index,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_listener *l = listener_at(conf, index);
	int i = inherited_find(&l->address);

	if (i == -1)
		return;
	check_shared(conf, index, i, diagnostics);
	if (inherited_fault((size_t)i) != NULL)
		return;			/* opening it tells */
	check_family(l, (size_t)i, diagnostics);
	check_name(l, diagnostics);
}

/* -- what none takes -- */

enum use { USE_NONE, USE_DOUBLE, USE_SERVED };

static enum use
use_of(const struct conf *conf, size_t i)
{
	enum use use = USE_NONE;

	for (size_t j = 0; j < count_listeners(conf); j++) {
		const struct addr *a = &listener_at(conf, j)->address;

		if (inherited_find(a) == (int)i)
			return USE_SERVED;
		if (inherited_suits(i, a))
			use = USE_DOUBLE;
	}
	return use;
}

static void
warn_of_double(const struct conf *conf, struct text name, const char *at,
    struct conf_diagnostics *diagnostics)
{
	conf_warning(diagnostics, conf->file, 0, "systemd passed in more than "
	    "one socket '%.*s', of which the first is served: give each a name "
	    "(FileDescriptorName=) and an address of its own; this one is at "
	    "%s", TEXT_ARG(name), at);
}

/* An address that a listener can have too is named. */
static void
warn_of_unused(const struct conf *conf, struct text name, const char *at,
    bool can_be_named, struct conf_diagnostics *diagnostics)
{
	conf_warning(diagnostics, conf->file, 0, "systemd passed in a socket "
	    "that no listener serves: give one the address %s%s%s\"fd:%.*s\","
	    " or take it out of its socket unit", can_be_named ? "\"" : "",
	    can_be_named ? at : "", can_be_named ? "\" or " : "",
	    TEXT_ARG(name));
}

static void
check_use(const struct conf *conf, size_t i,
    struct conf_diagnostics *diagnostics)
{
	char at[ADDR_TEXT] = "no address";
	const char *fault, *why;
	struct addr bound, same;
	struct text name;
	enum use use = use_of(conf, i);

	if (use == USE_SERVED || !inherited_name(i, &name))
		return;
	fault = inherited_fault(i);
	if (inherited_bound(i, &bound))
		addr_format(&bound, at);
	if (fault != NULL)
		conf_warning(diagnostics, conf->file, 0, "what systemd passed "
		    "in as \"fd:%.*s\" can be served by no listener: it %s",
		    TEXT_ARG(name), fault);
	else if (use == USE_DOUBLE)
		warn_of_double(conf, name, at, diagnostics);
	else
		warn_of_unused(conf, name, at, addr_parse(at, &same, &why) &&
		    inherited_suits(i, &same), diagnostics);
}

void
inheritance_check(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < count_listeners(conf); i++)
		check_listener(conf, i, diagnostics);
	for (size_t i = 0; i < inherited_count(); i++)
		check_use(conf, i, diagnostics);
}

/* -- what is in the way of others -- */

static bool
is_in_the_way(size_t i, const struct addr *bound, const struct addr *a)
{
	return inherited_fault(i) == NULL && (holder_overlaps(bound, a) ||
	    (takes_ipv4(i, bound) && addr_port(bound) == addr_port(a)));
}

bool
inheritance_explain(const struct addr *a, char *why, size_t why_size)
{
	char text[ADDR_TEXT], at[ADDR_TEXT];
	struct addr bound;

	if (a->kind != ADDR_INET || inherited_find(a) != -1)
		return false;
	for (size_t i = 0; i < inherited_count(); i++) {
		if (!inherited_bound(i, &bound) ||
		    !is_in_the_way(i, &bound, a))
			continue;
		addr_format(a, text);
		addr_format(&bound, at);
		(void)snprintf(why, why_size, "%s: the socket that systemd "
		    "passed in, at %s, is in its way: let the listener and the "
		    "socket unit have the same address", text, at);
		return true;
	}
	return false;
}

/*
 * The first checks of a client and its request; see guard.h.  Knows no route
 * and no key.  Called by the steps of an exchange and by `explain`.
 */
#include "policy/guard.h"

#include "base/buf.h"
#include "http/rules.h"
#include "policy/certificate_name.h"

/* The client is one of the users, or in one of the groups. */
static bool
user_is_listed(const struct conf_listener *l, const struct principal *who)
{
	if (!who->has_user)
		return false;
	if (conf_ids_have(&l->users, who->uid))
		return true;
	for (size_t i = 0; i < who->n_groups; i++) {
		if (conf_ids_have(&l->groups, who->groups[i]))
			return true;
	}
	return false;
}

/*
 * Why the certificate, or that there is none, keeps the client out; or NULL.
 * Where no rule is about names, whoever has a certificate may come.
 */
static const char *
refused_certificate(const struct conf_listener *l, const struct principal *who)
{
	const struct cert_names *names = who->certificate;

	if (l->certificate.n != 0 && names == NULL)
		return "the client has no certificate";
	if (l->certificate.n != 0)
		return certificate_names_match(&l->certificate, names) ? NULL :
		    "no name in the client's certificate is listed in "
		    "certificate";
	if (names == NULL || l->certificate_rules.n == 0 ||
	    certificate_names_match(&l->certificate_rules, names))
		return NULL;
	return "no route knows a name in the client's certificate";
}

enum fault
guard_client(const struct conf_listener *l, const struct principal *who,
    const char **detail)
{
	bool anybody = l->users.n == 0 && l->groups.n == 0;

	if (!anybody && !user_is_listed(l, who)) {
		*detail = "the client's user and groups are not listed";
		return FAULT_CLIENT_REFUSED;
	}
	if (l->n_from != 0 &&
	    !cidr_any_contains(l->from, l->n_from, &who->ip)) {
		*detail = "the client's address is not listed in from";
		return FAULT_CLIENT_REFUSED;
	}
	*detail = refused_certificate(l, who);
	return *detail == NULL ? FAULT_NONE : FAULT_CLIENT_REFUSED;
}

/*
 * Fields by which some servers let a request mean another method or target
 * than its first line says.
 */
static bool
field_overrides(const struct field *f)
{
	static const char *const names[] = {
		"x-http-method-override", "x-http-method",
		"x-method-override", "x-original-url", "x-rewrite-url",
	};

	if (f->id != FIELD_OTHER || f->name.n < 2 ||
	    ascii_lower(f->name.p[0]) != 'x')
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (field_names_are_alike(f->name, text_of(names[i])))
			return true;
	}
	return false;
}

/* "websocket" is among the protocols of Upgrade, "name" or "name/version". */
static bool
offers_websocket(struct text protocols)
{
	struct text protocol, name;

	while (text_split(&protocols, ',', &protocol)) {
		(void)text_split(&protocol, '/', &name);
		if (text_eq_nocase(text_trim(name), TEXT("websocket")))
			return true;
	}
	return false;
}

/*
 * Offers of another protocol are ignored, as RFC 9110 section 7.8 allows, and
 * not passed on.  Only for a WebSocket an ordinary response would be of no use.
 * HTTP/1.0 has no such offers.
 */
static const char *
refused_field(const struct head *head)
{
	const struct fields *fields = &head->fields;

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		if (f->id == FIELD_UPGRADE && head->version != 10 &&
		    offers_websocket(f->value))
			return "Upgrade asks for a WebSocket, and there are "
			       "none here";
		if (field_overrides(f))
			return "a field overrides method or target";
	}
	return NULL;
}

/* The fault of the request by itself, or NULL. */
static const char *
ambiguity(const struct head *head)
{
	if (text_eq_nocase(head->method, TEXT("CONNECT")) ||
	    text_eq_nocase(head->method, TEXT("TRACE")))
		return "CONNECT and TRACE are refused";
	return refused_field(head);
}

static bool
host_is_listed(const struct conf_texts *hosts, struct text written)
{
	struct authority host, accepted;
	unsigned port;

	if (!authority_parse(written, &host))
		return false;
	port = host.port != 0 ? host.port : 80;
	for (size_t i = 0; i < hosts->n; i++) {
		if (!authority_parse(text_of(hosts->v[i]), &accepted)) {
			if (cidr_text_has(hosts->v[i], host.host))
				return true;
		} else if (text_eq_nocase(accepted.host, host.host) &&
		    (accepted.port == 0 || accepted.port == port)) {
			return true;
		}
	}
	return false;
}

/* The fault of the Host, or FAULT_NONE. */
static enum fault
judge_host(const struct conf_listener *l, const struct principal *who,
    const struct head *head, const char **detail)
{
	bool any = l->any_host && who->has_user;

	if (any && !head->absolute)
		return FAULT_NONE;
	if (host_is_listed(any ? &l->upstream_hosts : &l->hosts,
	    head->authority))
		return FAULT_NONE;
	if (head->authority.n == 0) {
		bool empty = fields_find(&head->fields, FIELD_HOST) != NULL;

		*detail = empty ? "Host is empty" : "there is no Host";
		return empty && !who->has_user ? FAULT_BAD_REQUEST :
		    FAULT_HOST_REFUSED;
	}
	*detail = any ? "the target names no host of the listener's "
	    "upstreams" : "Host is not among the listener's hosts";
	return FAULT_HOST_REFUSED;
}

static bool
name_begins(const struct field *f, struct text prefix)
{
	return f->name.n >= prefix.n && text_eq_nocase(
	    (struct text){ .p = f->name.p, .n = prefix.n }, prefix);
}

/*
 * A field that requests of web pages have and those of programs have not.
 * Values do not matter: an Origin of "null" is a page, too.
 */
static const char *
browser_sign(const struct field *f)
{
	switch (ascii_lower(f->name.n != 0 ? f->name.p[0] : '\0')) {
	case 'o':
		return f->id == FIELD_ORIGIN ? "Origin" : NULL;
	case 'a':
		return name_begins(f, TEXT("access-control-request-")) ?
		    "a preflight" : NULL;
	case 's':
		if (name_begins(f, TEXT("sec-websocket-")))
			return "a WebSocket";
		if (f->id != FIELD_SEC_FETCH_SITE ||
		    text_eq_nocase(f->value, TEXT("none")) ||
		    text_eq_nocase(f->value, TEXT("same-origin")))
			return NULL;
		return "Sec-Fetch-Site";
	default:
		return NULL;
	}
}

enum fault
guard_request(const struct conf_listener *l, const struct principal *who,
    const struct head *head, const char **detail)
{
	const char *why = ambiguity(head);
	enum fault f;

	if (why != NULL) {
		*detail = why;
		return FAULT_BAD_REQUEST;
	}
	f = judge_host(l, who, head, detail);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; !l->browsers && i < head->fields.n; i++) {
		why = browser_sign(&head->fields.v[i]);
		if (why != NULL) {
			*detail = why;
			return FAULT_BROWSER_REFUSED;
		}
	}
	return FAULT_NONE;
}

/* No DNS name is longer. */
#define MAX_HOST	255

/* The codec has refused bytes that cannot be in a host. */
const char *
guard_name_host(const struct head *head, const char *detail,
    struct arena *arena)
{
	const struct text host = {
		.p = head->authority.p,
		.n = head->authority.n < MAX_HOST ? head->authority.n :
		    MAX_HOST,
	};
	const char *end = host.n < head->authority.n ? "...\"" : "\"";
	struct buf text;
	char *out;

	if (host.n == 0)
		return detail;
	buf_init(&text, NULL);
	buf_printf(&text, "%s: \"%.*s%s", detail, TEXT_ARG(host), end);
	out = arena_cstr(arena, buf_text(&text));
	buf_release(&text);
	return out;
}

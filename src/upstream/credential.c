/*
 * The fields of a head that pass; see credential.h.  Called by the half that
 * holds the keys, for every request it sends and every response it takes.
 *
 * Decided here:
 *
 * Via is neither added nor removed.  RFC 9110 section 7.6.3 asks gateways to
 * add it; but servers in wide use stop compressing for requests that carry it,
 * and the loops it would show cannot occur: upstreams are fixed by the
 * configuration and reached by TLS, which we never accept.
 *
 * Forwarded, X-Forwarded-*, X-Real-IP pass as they came: they are end-to-end
 * fields like any other, and nothing is added to them.
 *
 * TE and Trailer of requests are removed, since their trailers are dropped
 * and not every client can be given the response's.  Trailer of responses
 * passes (RFC 9110 section 6.6.2: it is not for one hop only).  Expect passes,
 * but not of HTTP/1.0 clients (section 10.1.1).
 */
#include "upstream/credential.h"

#include <stdint.h>
#include <string.h>

#include "http/rules.h"

/* Longer names are not in the lists, folded or not. */
#define MAX_NAME	64

/* -- hop by hop -- */

static const uint64_t hop_by_hop = FIELD_BIT(CONNECTION) |
    FIELD_BIT(CONTENT_LENGTH) |		/* framing is the codec's */
    FIELD_BIT(HTTP2_SETTINGS) | FIELD_BIT(KEEP_ALIVE) |
    FIELD_BIT(PROXY_AUTHENTICATE) | FIELD_BIT(PROXY_AUTHENTICATION_INFO) |
    FIELD_BIT(PROXY_AUTHORIZATION) | FIELD_BIT(PROXY_CONNECTION) |
    FIELD_BIT(TE) | FIELD_BIT(TRANSFER_ENCODING) | FIELD_BIT(UPGRADE);

static const uint64_t of_the_client = FIELD_BIT(AUTHORIZATION) |
    FIELD_BIT(COOKIE) | FIELD_BIT(ES_SECONDARY_AUTHORIZATION) |
    FIELD_BIT(ES_SECURITY_RUNAS_USER) | FIELD_BIT(HOST) |
    FIELD_BIT(TRAILER) | FIELD_BIT(X_FOUND_CLUSTER) |
    FIELD_BIT(X_MANAGEMENT_REQUEST);

static bool
is_in(enum field_id id, uint64_t set)
{
	return (UINT64_C(1) << id & set) != 0;
}

/* Whether Connection has more than "close" and "keep-alive", which is rare. */
static bool
connection_names_fields(const struct fields *fields)
{
	struct field_cursor at = { .next = 0 };
	struct text member;

	while (fields_next_member(fields, FIELD_CONNECTION, &at, &member)) {
		if (!text_eq_nocase(member, TEXT("close")) &&
		    !text_eq_nocase(member, TEXT("keep-alive")))
			return true;
	}
	return false;
}

/* -- of requests -- */

/* Credentials that only we know of. */
static bool
is_credential(struct text name)
{
	static const char *const names[] = {
		"cookie2", "es-client-authentication",
		"es-secondary-x-client-authentication",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (text_eq_nocase(name, text_of(names[i])))
			return true;
	}
	return false;
}

/* The fields of one request that stay here. */
struct choice {
	uint64_t named;			/* those with these names */
	uint64_t alike;			/* those whose names fold to these */
	struct text key;		/* and names like this one */
	bool old;			/* HTTP/1.0 */
};

static struct choice
choose(const struct head *head, const struct credential_use *use)
{
	struct choice c = {
		.named = hop_by_hop | of_the_client,
		.key = text_of(conf_key_field(use->key)),
		.old = head->version == 10,
	};
	const struct conf_passed *pass = &use->route->pass;

	if (use->upstream->accept_encoding == CONF_ENCODING_IDENTITY)
		c.named |= FIELD_BIT(ACCEPT_ENCODING);
	c.alike = c.named;
	for (size_t i = 0; i < pass->n; i++)
		c.named &= ~(UINT64_C(1) << pass->v[i]);
	return c;
}

/*
 * Gateways in other languages read "_" and "." in names as "-", and some read
 * "authorization_" as "Authorization"; so a name that folds to one of those
 * that stay here stays here, too.
 */
static bool
other_stays_here(const struct choice *c, struct text name)
{
	char buf[MAX_NAME];
	struct text folded = field_name_fold(name, buf, sizeof(buf));

	return is_credential(folded) || is_in(field_id_of(folded), c->alike);
}

static bool
request_field_passes(const struct choice *c, const struct field *f)
{
	if (f->id == FIELD_OTHER && other_stays_here(c, f->name))
		return false;
	if (is_in(f->id, c->named) || (f->id == FIELD_EXPECT && c->old))
		return false;
	return !field_names_are_alike(f->name, c->key);
}

void
credential_request_fields(const struct head *head,
    const struct credential_use *use, struct fields *out)
{
	const struct choice c = choose(head, use);
	bool named = connection_names_fields(&head->fields);

	for (size_t i = 0; i < head->fields.n; i++) {
		const struct field *f = &head->fields.v[i];

		if (!request_field_passes(&c, f))
			continue;
		if (named && fields_have_token(&head->fields,
		    FIELD_CONNECTION, f->name))
			continue;
		fields_add(out, f->id, f->name, f->value);
	}
	if (use->upstream->accept_encoding == CONF_ENCODING_IDENTITY)
		fields_add(out, FIELD_ACCEPT_ENCODING,
		    TEXT("Accept-Encoding"), TEXT("identity"));
}

/* -- of responses -- */

void
credential_response_fields(const struct head *head, struct fields *out)
{
	bool named = connection_names_fields(&head->fields);

	for (size_t i = 0; i < head->fields.n; i++) {
		const struct field *f = &head->fields.v[i];

		if ((UINT64_C(1) << f->id & hop_by_hop) != 0)
			continue;
		if (named && fields_have_token(&head->fields,
		    FIELD_CONNECTION, f->name))
			continue;
		fields_add(out, f->id, f->name, f->value);
	}
}

/* -- ours -- */

char *
credential_value(const struct conf_key *key, struct arena *arena, size_t *n)
{
	const char *scheme = conf_key_scheme(key);
	size_t before = strlen(scheme), len = secret_len(key->value);
	char *value = arena_alloc(arena, before + 1 + len);

	memcpy(value, scheme, before);
	if (before != 0)
		value[before++] = ' ';
	memcpy(value + before, secret_read(key->value), len);
	*n = before + len;
	return value;
}

void
credential_add(const struct conf_key *key, struct text value,
    struct fields *out)
{
	fields_add_sensitive(out, key->field != NULL ? FIELD_OTHER :
	    FIELD_AUTHORIZATION, text_of(conf_key_field(key)), value);
}

/*
 * Routes; see route.h.
 */
#include "policy/route.h"

#include <string.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/secret.h"
#include "http/rules.h"
#include "policy/certificate_name.h"

/* No client has a longer token. */
#define MAX_TOKEN	1024

/* A shorter one can be in texts by chance. */
#define MIN_SECRET	8

/* The token that the client presents as its key, decoded at first use. */
struct presented {
	bool read, hashed;
	char token[MAX_TOKEN];
	size_t n;
	uint8_t sha256[DIGEST_SIZE];
};

struct request {
	const struct conf *conf;
	size_t listener;
	const struct principal *who;
	const struct head *head;
	struct readings *readings;	/* of the head's target */
	struct text host;		/* without port and brackets */
	enum readings_match match;	/* of the path checked last */
	struct reading_prefix prefix;
	struct presented presented;
};

/* -- the token -- */

/* The password of "user:password" in base64 (RFC 7617 section 2). */
static void
read_basic(struct presented *p, struct text encoded)
{
	uint8_t plain[BASE64_ROOM(MAX_TOKEN)];
	struct text rest = { .p = (char *)plain, .n = sizeof(plain) }, user;

	if (encoded.n <= MAX_TOKEN &&
	    base64_decode_padded(encoded, plain, &rest.n) &&
	    text_split(&rest, ':', &user) && rest.p != NULL && rest.n != 0) {
		memcpy(p->token, rest.p, rest.n);
		p->n = rest.n;
	}
	explicit_bzero(plain, sizeof(plain));
}

static void
read_token(struct presented *p, const struct fields *fields)
{
	const struct field *f = fields_find(fields, FIELD_AUTHORIZATION);
	struct text scheme, token;

	p->read = true;
	if (f == NULL || fields_count(fields, FIELD_AUTHORIZATION) != 1)
		return;
	token = f->value;
	if (!text_split(&token, ' ', &scheme) || token.p == NULL)
		return;
	token = text_trim(token);
	if (text_eq_nocase(scheme, TEXT("Basic"))) {
		read_basic(p, token);
	} else if ((text_eq_nocase(scheme, TEXT("ApiKey")) ||
	    text_eq_nocase(scheme, TEXT("Bearer"))) &&
	    token.n <= sizeof(p->token)) {
		memcpy(p->token, token.p, token.n);
		p->n = token.n;
	}
}

static struct text
token_of(struct request *r)
{
	struct presented *p = &r->presented;

	if (!p->read)
		read_token(p, &r->head->fields);
	return (struct text){ .p = p->token, .n = p->n };
}

/* The digest of the token, which is not empty; NULL if hashing fails. */
static const uint8_t *
sha256_of(struct request *r)
{
	struct presented *p = &r->presented;

	if (!p->hashed)
		p->hashed = digest_sha256(p->token, p->n, p->sha256);
	return p->hashed ? p->sha256 : NULL;
}

static bool
client_is(struct request *r, const struct conf_client *client)
{
	struct text token = token_of(r);
	size_t n = strlen(client->name);
	const uint8_t *sha256;

	if (token.n == 0)
		return false;
	if (client->bare)
		return token.n == n && secret_same(token.p, client->name, n);
	sha256 = sha256_of(r);
	return sha256 != NULL &&
	    secret_same(sha256, client->sha256, DIGEST_SIZE);
}

/* -- the conditions -- */

static bool
host_holds(const struct conf_route *route, struct text host)
{
	return route->host == NULL || text_eq_nocase(host,
	    route_index_host(text_of(route->host)));
}

/* The path holds in at least one reading. */
static bool
path_may_hold(const struct conf_route *route, struct request *r)
{
	r->match = READINGS_ALWAYS;
	r->prefix = (struct reading_prefix){ .n = 0 };
	if (route->path != NULL)
		r->match = readings_begin_with(r->readings,
		    text_of(route->path), &r->prefix);
	return r->match != READINGS_NEVER;
}

static bool
method_holds(const struct conf_route *route, struct text method)
{
	for (size_t i = 0; i < route->methods.n; i++) {
		if (text_eq(method, text_of(route->methods.v[i])))
			return true;
	}
	return route->methods.n == 0;
}

static bool
user_holds(const struct conf_route *route, const struct principal *who)
{
	return route->users.n == 0 ||
	    (who->has_user && conf_ids_have(&route->users, who->uid));
}

static bool
group_holds(const struct conf_route *route, const struct principal *who)
{
	for (size_t i = 0; who->has_user && i < who->n_groups; i++) {
		if (conf_ids_have(&route->groups, who->groups[i]))
			return true;
	}
	return route->groups.n == 0;
}

static bool
address_holds(const struct conf_route *route, const struct principal *who)
{
	return route->n_from == 0 ||
	    cidr_any_contains(route->from, route->n_from, &who->ip);
}

static bool
certificate_holds(const struct conf_route *route, const struct principal *who)
{
	return route->certificate.n == 0 || (who->certificate != NULL &&
	    certificate_names_match(&route->certificate, who->certificate));
}

/* The cheap conditions first. */
static const char *
unmet(const struct conf_route *route, struct request *r)
{
	if (!conf_route_is_on(route, r->listener))
		return "listener";
	if (!host_holds(route, r->host))
		return "host";
	if (!path_may_hold(route, r))
		return "path";
	if (!method_holds(route, r->head->method))
		return "methods";
	if (!user_holds(route, r->who))
		return "users";
	if (!group_holds(route, r->who))
		return "groups";
	if (!address_holds(route, r->who))
		return "from";
	if (!certificate_holds(route, r->who))
		return "certificate";
	if (route->client != CONF_NONE &&
	    !client_is(r, &r->conf->clients[route->client]))
		return "client_key";
	return NULL;
}

static void
request_init(struct request *r, const struct conf *conf, size_t listener,
    const struct principal *who, const struct head *head,
    struct readings *readings)
{
	struct authority authority;

	*r = (struct request){
		.conf = conf, .listener = listener, .who = who, .head = head,
		.readings = readings,
	};
	if (authority_parse(head->authority, &authority))
		r->host = route_index_host(authority.host);
}

static void
request_wipe(struct request *r)
{
	explicit_bzero(r->presented.token, r->presented.n);
}

static enum route_doubt
doubt_of(const struct conf_route *route, const struct request *r)
{
	if (r->match != READINGS_ALWAYS)
		return ROUTE_DIFFERS;
	return route->strip && r->prefix.several ? ROUTE_PREFIX_DIFFERS :
	    ROUTE_CERTAIN;
}

/* A request, and the findings so far. */
struct finding {
	struct request r;
	struct route_found found;
};

static bool
try_route(void *ctx, size_t i)
{
	struct finding *f = ctx;
	const struct conf_route *route = &f->r.conf->routes[i];

	if (unmet(route, &f->r) != NULL)
		return false;
	f->found = (struct route_found){
		.route = route, .prefix = f->r.prefix.n,
		.doubt = doubt_of(route, &f->r),
	};
	return true;
}

static void
try_indexed(struct finding *f, const struct route_index *index)
{
	struct request *r = &f->r;
	struct route_question q = {
		.listener = r->listener, .host = r->host,
		.readings = r->readings,
	};
	bool digests = route_index_has_digests(index);

	if (digests || route_index_has_words(index))
		q.token = token_of(r);
	if (digests && q.token.n != 0)
		q.sha256 = sha256_of(r);
	(void)route_index_first(index, &q, try_route, f);
}

/*
 * Only the first route that holds in any reading matters: if it does not hold
 * in all of them, the other readings have another route or none.
 */
struct route_found
route_find(const struct conf *conf, const struct route_index *index,
    size_t listener, const struct principal *who, const struct head *head,
    struct readings *readings)
{
	struct finding f = { .found = { .route = NULL } };

	request_init(&f.r, conf, listener, who, head, readings);
	if (index != NULL) {
		try_indexed(&f, index);
	} else {
		for (size_t i = 0; i < conf->n_routes && !try_route(&f, i);)
			i++;
	}
	request_wipe(&f.r);
	return f.found;
}

const char *
route_unmet(const struct conf *conf, size_t listener,
    const struct principal *who, const struct head *head,
    struct readings *readings, const struct conf_route *route)
{
	struct request r;
	const char *option;

	request_init(&r, conf, listener, who, head, readings);
	option = unmet(route, &r);
	request_wipe(&r);
	return option;
}

bool
route_token_is_secret(const struct conf *conf, const struct conf_route *route)
{
	if (route != NULL)
		return route->client != CONF_NONE &&
		    !conf->clients[route->client].bare;
	for (size_t i = 0; i < conf->n_clients; i++) {
		if (!conf->clients[i].bare)
			return true;
	}
	return false;
}

bool
route_token_is_in(const struct head *head, struct text t)
{
	struct presented p;
	bool found;

	if (t.n < MIN_SECRET)
		return false;
	p.n = 0;
	read_token(&p, &head->fields);
	found = p.n >= MIN_SECRET && text_contains(t,
	    (struct text){ .p = p.token, .n = p.n });
	explicit_bzero(p.token, p.n);
	return found;
}

struct text
route_target(const struct route_found *found, struct text target,
    struct arena *arena)
{
	struct text rest;
	char *with_slash;

	if (!found->route->strip || found->prefix == 0)
		return target;
	rest = (struct text){
		.p = target.p + found->prefix, .n = target.n - found->prefix,
	};
	if (rest.n != 0 && rest.p[0] == '/')
		return rest;
	with_slash = arena_alloc(arena, rest.n + 1);
	with_slash[0] = '/';
	if (rest.n != 0)
		memcpy(with_slash + 1, rest.p, rest.n);
	return (struct text){ .p = with_slash, .n = rest.n + 1 };
}

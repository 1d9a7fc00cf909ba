/*
 * The configuration as plain, validated data: conf_load() makes it of the
 * files, and all other modules read it.  No runtime objects.  It never changes
 * once made, but for the ends of what was renewed (renew.h).  Indices refer to
 * the arrays of the same struct conf.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "cert/span.h"
#include "http/fields.h"

/* The place where something was written, for messages. */
struct conf_where {
	const char *file;
	unsigned line;
};

/* Unix users and groups, resolved. */
struct conf_ids {
	uint32_t *v;
	size_t n;
};

/* One of them is id. */
static inline bool
conf_ids_have(const struct conf_ids *ids, uint32_t id)
{
	for (size_t i = 0; i < ids->n; i++) {
		if (ids->v[i] == id)
			return true;
	}
	return false;
}

struct conf_texts {
	char **v;
	size_t n;
};

#define CONF_NONE	SIZE_MAX	/* an index that refers to nothing */
#define CONF_NO_ID	UINT32_MAX	/* a user or group that was not given */
#define CONF_NO_TIME	INT64_MIN	/* a time that is not known */

enum conf_tls_file { CONF_TLS_CERTIFICATE, CONF_TLS_KEY, CONF_TLS_CLIENT_CA,
    CONF_TLS_CLIENT_CRL, CONF_TLS_FILES };

/* Where a file is, and the option that says so; .path NULL: not given. */
struct conf_file {
	char *path;
	struct conf_where where;
};

/* What a listener of TLS has; PEM. */
struct conf_listener_tls {
	struct text certificate;	/* a chain; .p NULL: the listener speaks
					   plain HTTP */
	struct secret *certificate_key;
	struct text client_ca;		/* .p NULL: no client is asked who it
					   is */
	struct text client_crl;		/* .p NULL: revocation is not checked */
	bool required;			/* a client must have a certificate */
	bool watch;			/* the files, for what is renewed */
	struct conf_file files[CONF_TLS_FILES];
};

struct conf_listener {
	struct conf_where where;
	char *name;
	struct addr address;
	char *address_text;
	bool nonlocal;
	uint32_t mode;			/* of a Unix socket, 0777 bits */
	uint32_t owner, group;		/* of a Unix socket or CONF_NO_ID */
	struct conf_texts hosts;	/* accepted Host values, lower case,
					   with a port or (any port) without;
					   defaults already put in */
	bool any_host;			/* hosts was not given, and clients on a
					   Unix socket may send any */
	struct conf_texts upstream_hosts; /* those of its routes: with any_host,
					   absolute targets must name one */
	struct conf_ids users, groups;	/* who may connect; both empty: all */
	struct cidr *from;		/* none: all */
	size_t n_from;
	struct cidr *from_proxies;	/* who connects is one of these, and
					   says by PROXY protocol whose
					   connection it is; none: clients
					   connect themselves */
	size_t n_from_proxies;
	struct conf_listener_tls tls;
	struct conf_texts certificate;	/* who may connect, by names of their
					   certificates; none: all */
	struct conf_texts certificate_rules; /* those of its routes, each
					   once */
	bool browsers;
	uint32_t clients;		/* connections per worker; 0: no own
					   limit */
};

enum conf_sandbox { CONF_SANDBOX_OFF, CONF_SANDBOX_TRY,
    CONF_SANDBOX_REQUIRED };
enum conf_locking { CONF_LOCKING_TRY, CONF_LOCKING_REQUIRED };
enum conf_http { CONF_HTTP_AUTO, CONF_HTTP_1_1, CONF_HTTP_2 };
enum conf_accept_encoding { CONF_ENCODING_PASS, CONF_ENCODING_IDENTITY };
enum conf_quota_use { CONF_QUOTA_OFF, CONF_QUOTA_WAIT };
enum conf_tls { CONF_TLS_1_2, CONF_TLS_1_3 };

/* Milliseconds. */
struct conf_upstream_timeouts {
	int64_t connect;	/* name look-up and TCP */
	int64_t tunnel;		/* what a proxy answers to CONNECT */
	int64_t handshake;	/* TLS */
	int64_t response;	/* until the response head, all in all */
	int64_t body;		/* without progress of a body, and how far
				   one may fall behind body_rate */
	int64_t idle;		/* how long an unused connection is kept */
};

struct conf_pin {
	uint8_t sha256[32];	/* of the SubjectPublicKeyInfo */
};

/* Through which an upstream is reached, by CONNECT. */
struct conf_proxy {
	char *url;		/* as written */
	char *host;		/* lower case, IPv6 without []; NULL: none */
	uint16_t port;
	bool tls;		/* it is spoken to in TLS of its own */
	struct text roots;	/* for that: PEM; .p NULL: the system's */
	size_t key;		/* what it is sent, or CONF_NONE */
};

struct conf_upstream {
	struct conf_where where;
	char *name;
	char *url;
	char *host;		/* of the URL, lower case, IPv6 without [] */
	uint16_t port;
	char *authority;	/* the value of Host: no port where it is 443 */
	struct text roots;	/* PEM; .p NULL: the system's */
	struct text crls;	/* PEM; .p NULL: revocation is not checked */
	struct text certificate;	/* PEM, a chain; .p NULL: none */
	struct secret *certificate_key;	/* PEM; NULL: none */
	char *connect_host;	/* host, unless connect_to names another */
	uint16_t connect_port;
	struct conf_proxy proxy;
	enum conf_http http;
	enum conf_tls min_tls;
	struct conf_pin *pins;	/* none: any verified key */
	size_t n_pins;
	uint32_t max_connections;	/* per worker and key */
	int64_t max_age;		/* of a connection that gets a request,
					   milliseconds */
	uint64_t body_rate;		/* bytes per second of a body, either
					   way; 0: no limit of responses */
	struct conf_upstream_timeouts timeouts;
	char *probe_path;	/* target of all requests that try keys */
	enum conf_accept_encoding accept_encoding;
	enum conf_quota_use quota;	/* what a spent one of a key means */
	bool foreign_use;		/* tell when others use a key */
};

struct conf_key {
	struct conf_where where;
	char *name;
	struct secret *value;
	char *field;			/* NULL: Authorization */
	char *scheme;			/* NULL: as conf_key_scheme() says */
	struct conf_texts hosts;	/* lower case */
	bool plain;			/* may go to a proxy without TLS */
	/*
	 * By sealed files, seconds since 1970 or NO_TIME; of the value: all of
	 * its names have the same.
	 */
	int64_t expires, created;
	char *note;			/* may be NULL */
};

/*
 * The scheme before a blank and the value, for a field and a scheme that may be
 * NULL; "" where the value is alone.
 */
static inline const char *
conf_scheme(const char *field, const char *scheme)
{
	if (scheme != NULL)
		return scheme;
	return field != NULL ? "" : "ApiKey";
}

static inline const char *
conf_key_scheme(const struct conf_key *key)
{
	return conf_scheme(key->field, key->scheme);
}

/* The key is sent like those of Elastic Cloud, Elasticsearch and ECE. */
static inline bool
conf_is_of_elastic(const char *field, const char *scheme)
{
	return field == NULL && text_eq_nocase(
	    text_of(conf_scheme(field, scheme)), TEXT("ApiKey"));
}

static inline const char *
conf_key_field(const struct conf_key *key)
{
	return key->field != NULL ? key->field : "Authorization";
}

/* Fields of clients that are passed upstream, though not by default. */
struct conf_passed {
	enum field_id *v;
	size_t n;
};

/*
 * A token that a client presents: the bare word, or the text with this digest.
 */
struct conf_client {
	struct conf_where where;
	char *name;
	bool bare;
	uint8_t sha256[32];
};

/* So many in so many seconds. */
struct conf_rate {
	uint32_t count;			/* 0: without limit */
	uint32_t seconds;
};

/* How much may be asked; 0 of each: without limit. */
struct conf_quota {
	struct conf_rate rate;
	uint32_t burst;			/* how many at once; 0: .rate.count */
	uint32_t concurrency;		/* exchanges that run at a time */
};

struct conf_route {
	struct conf_where where;
	char *name;
	/* Conditions; an empty list or NULL holds always. */
	size_t *listeners;
	size_t n_listeners;
	char *host;			/* lower case, no port */
	char *path;			/* "/billing": no slash at its end */
	struct conf_texts methods;
	size_t client;			/* into clients, or CONF_NONE */
	struct conf_ids users, groups;
	struct cidr *from;
	size_t n_from;
	struct conf_texts certificate;	/* names of clients' certificates; see
					   value_certificate_name() */
	/* What the route gives to the exchange. */
	size_t upstream;
	size_t *keys;			/* at least one: current, next, ... */
	size_t n_keys;
	bool strip;
	bool allow_minting;
	bool trace;			/* a request without a traceparent gets
					   one */
	struct conf_passed pass;
	struct conf_quota quota;	/* of all clients together */
	struct conf_quota client_quota;	/* of each, see policy/client_id.h */
	bool limited;			/* by one of the two */
};

/* The route is for clients of this listener. */
static inline bool
conf_route_is_on(const struct conf_route *route, size_t listener)
{
	for (size_t i = 0; i < route->n_listeners; i++) {
		if (route->listeners[i] == listener)
			return true;
	}
	return route->n_listeners == 0;
}

/*
 * A list or certificate that expires, with a warning in time
 * (policy/due_warning.h); seconds since 1970.
 */
enum conf_due_kind {
	CONF_DUE_CRL,
	CONF_DUE_CERTIFICATE,		/* ours, for an upstream */
	CONF_DUE_LISTENER,		/* ours, for clients */
	CONF_DUE_CLIENT_CA,		/* of those for clients the first */
	CONF_DUE_CA,			/* of those for a server the last */
	CONF_DUE_KINDS,
};

struct conf_due {
	struct conf_where where;
	const char *what;	/* "option 'crl_file': /etc/api.crl" */
	enum conf_due_kind kind;
	size_t listener, upstream;	/* whose it is; the other: CONF_NONE */
	bool watched;			/* a newer one is taken by itself */
	int64_t from, until;		/* INT64_MAX: never */
	char subject[CERT_NAME];	/* of an authority; else "" */
};

/*
 * When to warn of the end of a key or certificate: so long before, or at that
 * part of its life before.
 */
struct conf_threshold {
	const char *text;		/* as written, "10%" */
	int64_t before;			/* seconds; 0: a part */
	uint32_t part, of;		/* less than half */
};

struct conf_thresholds {
	struct conf_threshold *v;
	size_t n;
};

/* What it means that the API rejects a key that a reload brings. */
enum conf_try { CONF_TRY_REFUSE, CONF_TRY_WARN, CONF_TRY_OFF };

struct conf_expiry {
	struct conf_thresholds warn;
	enum conf_try try_new;
	int64_t probe;		/* keys nobody used for so long are tried,
				   milliseconds; 0: none */
	char *probe_path;	/* of the upstreams that have none of their
				   own */
};

enum conf_on_failure { CONF_ON_FAILURE_LOSE, CONF_ON_FAILURE_REFUSE };

struct conf_log {
	char *access;		/* a path, "stdout" or "none" */
	enum log_level level;
	enum log_format format;
	bool query;		/* log queries, too */
	enum conf_on_failure on_failure;
};

/* Timeouts of clients, milliseconds. */
struct conf_client_timeouts {
	int64_t head;		/* from its first byte to its last */
	int64_t body;		/* without progress of a body */
	int64_t idle;		/* between exchanges */
	int64_t send;		/* without progress of the response; a client
				   may fall behind body_rate by this and body */
};

struct conf_limits {
	uint64_t head, target, trailers, body, replay;	/* bytes */
	uint64_t body_rate;	/* bytes per second, sent and taken; 0: no
				   limit */
	uint32_t fields, interim;
	uint32_t clients;	/* connections per worker */
};

struct conf {
	struct conf_memory *memory;	/* holds everything that is pointed
					   to */
	char *file;
	struct conf_texts files;	/* all that were read, in order */
	char *identity;			/* a path */
	struct conf_texts sealed;	/* patterns as written */
	uint32_t workers;		/* at least 1 */
	enum conf_locking locking;	/* option memory */
	struct conf_where locking_where;	/* line 0: none */
	enum conf_sandbox sandbox;
	struct conf_where sandbox_where;	/* line 0: none */
	char *user;			/* root becomes this user; NULL: none */
	struct conf_where user_where;	/* or of the group; line 0: neither */
	char *group;			/* as it was given; NULL: it was not */
	uint32_t uid, gid;		/* or CONF_NO_ID */
	char *state_dir;		/* a path; NULL: none */
	struct conf_where state_dir_where;
	struct conf_expiry expiry;
	struct conf_log log;
	struct conf_where log_where;	/* of log.access; line 0: none */
	struct conf_client_timeouts timeouts;
	struct conf_limits limits;
	struct conf_listener *listeners;
	size_t n_listeners;
	struct conf_listener *admin;	/* where the daemon itself is asked */
	size_t n_admin;
	struct conf_upstream *upstreams;
	size_t n_upstreams;
	struct conf_route *routes;
	size_t n_routes;
	struct conf_key *keys;		/* with .elsewhere, without those that
					   only systemd can open; routes do not
					   list them either */
	size_t n_keys;
	struct conf_client *clients;
	size_t n_clients;
	struct conf_due *dues;
	size_t n_dues;
};

/* Wipes the keys; NULL is fine. */
void	conf_free(struct conf *);

/*
 * What is wrong with a listener at that address, of clients or of the admin
 * process, which others can reach without TLS; to be freed.  NULL: nothing.
 */
char	*conf_listener_exposed(const struct conf_listener *,
	    const struct addr *) __attribute__((warn_unused_result));

struct conf_diagnostics;

/*
 * Adds warnings of what is right and most likely not meant: keys that no route
 * lists, hosts of keys that no upstream has, and keys whose end is not known.
 */
void	conf_advise(const struct conf *, struct conf_diagnostics *);

/*
 * Every error found, in the order of the files, as "FILE:LINE: text"; line 0
 * means the file as a whole, and 1 is printed.  Warnings are among them and are
 * no reason to refuse the configuration.
 */
struct conf_diagnostic {
	char *file;
	unsigned line;
	char *text;
	bool warning;
};
struct conf_diagnostics {
	struct conf_diagnostic *v;
	size_t n, cap;
	size_t n_errors;		/* those that are not warnings */
};
void	conf_error(struct conf_diagnostics *, const char *file, unsigned line,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void	conf_warning(struct conf_diagnostics *, const char *file, unsigned line,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void	conf_diagnostics_free(struct conf_diagnostics *);

/* This very diagnostic is among them. */
bool	conf_diagnostics_have(const struct conf_diagnostics *, const char *file,
	    unsigned line, const char *text);

/* "FILE:LINE: text" and "FILE:LINE: warning: text", one per line. */
void	conf_diagnostics_print(const struct conf_diagnostics *, FILE *);

/* Prints and frees them, so that there are none.  True: none is an error. */
bool	conf_diagnostics_pass(struct conf_diagnostics *, FILE *);

/* By the order in which files were read, then by line; stable. */
void	conf_diagnostics_sort(struct conf_diagnostics *,
	    const struct conf_texts *files);

struct passphrase_memo;

/* How to open a configuration, besides what its own files say. */
struct conf_opening {
	bool reading_only;	/* nothing will be served: whether log and
				   sockets can be made is not checked */
	bool elsewhere;		/* it will be run by another process, to which
				   systemd may pass the credential that we lack:
				   that is a warning, and its keys are not
				   known */
	const char *identity;	/* a file with the identity for a sealed main
				   file, and for the others unless the
				   configuration names one; NULL: systemd's
				   credential */
	/*
	 * The passphrase of a file, an identity or one that was sealed with it;
	 * each is asked for once at most.  The loader owns the secret; NULL
	 * where none is given.  .ask NULL: nobody can be asked.
	 */
	struct secret *(*ask)(void *ctx, const char *file);
	void (*tried)(void *ctx);	/* the last one was tried; or NULL */
	const struct passphrase_memo *memo;	/* of what was derived from
						   them; or NULL */
	void *ctx;
};

/*
 * Reads the configuration, the identity and the sealed files it names and
 * checks all of it.  NULL when there was an error; all of them are listed.
 * With a result the list may still hold warnings.  Start with a list that is
 * all zero; conf_diagnostics_free() it in either case.  Nothing is connected,
 * bound or written; an address in use is no error: the daemon may be running.
 * The caller owns the result.  Without an opening nobody is asked, and the
 * files are opened by what they say themselves.
 */
struct conf	*conf_load(const char *file, const struct conf_opening *,
		    struct conf_diagnostics *);

#endif

/*
 * Converters; see convert.h.  value.h and others parse texts; this stores the
 * values.
 */
#include "conf/convert.h"

#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "conf/accounts.h"
#include "conf/draft.h"
#include "conf/essu.h"
#include "conf/field_rules.h"
#include "conf/value.h"

/* Texts that are kept as they are. */

const char *
convert_string(const struct written *w, struct text t, void *at)
{
	*(char **)at = arena_cstr(w->r->memory, t);
	return NULL;
}

const char *
convert_method(const struct written *w, struct text t, void *at)
{
	const char *why = value_method(t);

	return why != NULL ? why : convert_string(w, t, at);
}

const char *
convert_scheme(const struct written *w, struct text t, void *at)
{
	const char *why = value_token(t);

	return why != NULL ? why : convert_string(w, t, at);
}

/* Authorization is the default, and stored as NULL. */
const char *
convert_key_field(const struct written *w, struct text t, void *at)
{
	const char *why = field_rules_of_key(t);

	if (why == NULL && field_id_of(t) != FIELD_AUTHORIZATION)
		return convert_string(w, t, at);
	return why;
}

const char *
convert_path(const struct written *w, struct text t, void *at)
{
	if (t.n == 0)
		return "is empty";
	*(char **)at = reader_path(w->r, t.p);
	return NULL;
}

/* Names for outputs that other programs use. */
static const char *
explain_output(struct text t)
{
	static const struct {
		const char *said, *hint;
	} guesses[] = {
		{ "-", "standard output is \"stdout\"" },
		{ "stdout", "standard output is \"stdout\"" },
		{ "journal", "the journal gets what goes to \"stdout\"" },
		{ "syslog", "the journal gets what goes to \"stdout\"" },
		{ "stderr", "the daemon's own messages are there; say "
		    "\"stdout\"" },
		{ "none", "no access log is \"none\"" },
		{ "off", "no access log is \"none\"" },
		{ "no", "no access log is \"none\"" },
		{ "false", "no access log is \"none\"" },
		{ "null", "no access log is \"none\"" },
	};

	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		if (strcasecmp(t.p, guesses[i].said) == 0)
			return guesses[i].hint;
	}
	return "is neither \"stdout\" nor \"none\", and a path has a '/', as "
	    "\"./access.ndjson\" has";
}

/* A path that is written to; a word would make a file of that name. */
const char *
convert_output(const struct written *w, struct text t, void *at)
{
	if (option_find_word(w->o, t).found)
		return convert_string(w, t, at);
	return memchr(t.p, '/', t.n) != NULL ? convert_path(w, t, at) :
	    explain_output(t);
}

const char *
convert_prefix(const struct written *w, struct text t, void *at)
{
	struct text prefix;
	const char *why = value_prefix(t, &prefix);

	if (why == NULL)
		*(char **)at = prefix.n != 0 ?
		    arena_cstr(w->r->memory, prefix) : NULL;
	return why;
}

const char *
convert_target(const struct written *w, struct text t, void *at)
{
	struct text prefix;
	const char *why = value_prefix(t, &prefix);

	if (why == NULL)
		*(char **)at = arena_cstr(w->r->memory, t);
	return why;
}

/* Words with the place where they were written. */

const char *
convert_ref(const struct written *w, struct text t, void *at)
{
	if (t.n == 0)
		return "is empty";
	*(struct word *)at = (struct word){
		.text = arena_cstr(w->r->memory, t),
		.where = reader_where(w->r, w->s),
	};
	return NULL;
}

const char *
convert_name(const struct written *w, struct text t, void *at)
{
	const char *why = value_name(t);

	return why != NULL ? why : convert_ref(w, t, at);
}

const char *
convert_client_key(const struct written *w, struct text t, void *at)
{
	const char *why = value_token68(t);

	if (text_starts_with(t, ESSU_PREFIX))
		why = "looks like a real key: it must be a made-up word";
	return why != NULL ? why : convert_ref(w, t, at);
}

/* Fields. */

const char *
convert_passed(const struct written *w, struct text t, void *at)
{
	const char *why = NULL;

	(void)w;
	*(enum field_id *)at = field_rules_passable(t, &why);
	return why;
}

/* Hosts and addresses. */

const char *
convert_address(const struct written *w, struct text t, void *at)
{
	const char *why;

	(void)w;
	return addr_parse(t.p, at, &why) ? NULL : why;
}

const char *
convert_range(const struct written *w, struct text t, void *at)
{
	const char *why;

	(void)w;
	return cidr_parse(t.p, at, &why) ? NULL : why;
}

const char *
convert_host(const struct written *w, struct text t, void *at)
{
	char host[VALUE_HOST];
	const char *why = value_host(t, host);

	return why != NULL ? why : convert_string(w, text_of(host), at);
}

/* What has a slash, and looks like an address before it, means a range. */
static bool
means_range(struct text t)
{
	struct text before;

	return text_split(&t, '/', &before) && t.n != 0 && before.n != 0 &&
	    (ascii_is_digit(before.p[0]) ||
	    memmem(before.p, before.n, "::", 2) != NULL);
}

const char *
convert_listed_host(const struct written *w, struct text t, void *at)
{
	char host[VALUE_HOST];
	const char *why;
	uint16_t port = 0;
	struct cidr range;

	if (means_range(t))
		return cidr_parse(t.p, &range, &why) ?
		    convert_string(w, t, at) : why;
	why = value_host_port(t, host, &port);
	if (why == NULL)
		*(char **)at = reader_authority(w->r, host, port);
	return why;
}

const char *
convert_host_port(const struct written *w, struct text t, void *at)
{
	char host[VALUE_HOST];
	uint16_t port = 0;
	const char *why = value_host_port(t, host, &port);

	if (why == NULL && port == 0)
		why = "a port is missing";
	if (why == NULL)
		*(struct host_port *)at = (struct host_port){
			.host = arena_cstr(w->r->memory, text_of(host)),
			.port = port,
		};
	return why;
}

const char *
convert_url(const struct written *w, struct text t, void *at)
{
	char host[VALUE_HOST];
	uint16_t port;
	const char *why = value_url(t, host, &port);

	if (why == NULL)
		*(struct url *)at = (struct url){
			.text = arena_cstr(w->r->memory, t),
			.host = arena_cstr(w->r->memory, text_of(host)),
			.authority = reader_authority(w->r, host,
			    port == 443 ? 0 : port),
			.port = port,
		};
	return why;
}

const char *
convert_proxy(const struct written *w, struct text t, void *at)
{
	char host[VALUE_HOST];
	uint16_t port;
	bool tls;
	const char *why = value_proxy(t, host, &port, &tls);

	if (why == NULL)
		*(struct url *)at = (struct url){
			.text = arena_cstr(w->r->memory, t),
			.host = arena_cstr(w->r->memory, text_of(host)),
			.authority = reader_authority(w->r, host, port),
			.port = port,
			.tls = tls,
		};
	return why;
}

/* Names of DNS have no case; those of SPIFFE have one spelling. */
const char *
convert_certificate_name(const struct written *w, struct text t, void *at)
{
	const char *why = value_certificate_name(t);

	if (why != NULL)
		return why;
	(void)convert_string(w, t, at);
	for (char *p = *(char **)at; text_starts_with(t, TEXT("dns:")) &&
	    *p != '\0'; p++)
		*p = ascii_lower(*p);
	return NULL;
}

/* Users and groups. */

const char *
convert_user(const struct written *w, struct text t, void *at)
{
	(void)w;
	return account_find_user(t.p, at, NULL) ? NULL :
	    "there is no such user";
}

const char *
convert_group(const struct written *w, struct text t, void *at)
{
	(void)w;
	return account_find_group(t.p, at) ? NULL : "there is no such group";
}

/* Numbers and bytes. */

const char *
convert_mode(const struct written *w, struct text t, void *at)
{
	(void)w;
	return value_mode(t, at);
}

const char *
convert_date(const struct written *w, struct text t, void *at)
{
	(void)w;
	return value_date(t, at);
}

const char *
convert_time(const struct written *w, struct text t, void *at)
{
	(void)w;
	return value_time(t, at);
}

const char *
convert_threshold(const struct written *w, struct text t, void *at)
{
	struct conf_threshold *threshold = at;
	const char *why = value_threshold(t, threshold);

	if (why == NULL)
		threshold->text = arena_cstr(w->r->memory, t);
	return why;
}

const char *
convert_size(const struct written *w, struct text t, void *at)
{
	(void)w;
	return value_size(t, at);
}

const char *
convert_rate(const struct written *w, struct text t, void *at)
{
	struct conf_rate *rate = at;

	(void)w;
	return value_rate(t, &rate->count, &rate->seconds);
}

const char *
convert_pin(const struct written *w, struct text t, void *at)
{
	struct conf_pin *pin = at;

	(void)w;
	return value_pin(t, pin->sha256);
}

const char *
convert_digest(const struct written *w, struct text t, void *at)
{
	struct conf_pin *digest = at;

	(void)w;
	return value_hex(t, digest->sha256, sizeof(digest->sha256));
}

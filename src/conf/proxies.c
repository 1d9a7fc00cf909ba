/*
 * The checks of proxies, and of the keys that they are sent.
 */
#include <string.h>

#include "conf/check.h"
#include "conf/key_look.h"
#include "conf/names.h"

/* NULL, or what keeps a key of that scheme from being sent to a proxy. */
static const char *
scheme_fault(const struct draft_key *k)
{
	const char *scheme = k->out.scheme;
	struct text value;

	if (k->out.field != NULL)
		return "has a field of its own: a proxy is told who calls in "
		    "Proxy-Authorization";
	if (scheme == NULL)
		return "has no scheme: a proxy takes \"Basic\", with the value "
		    "USER:PASSWORD, or \"Bearer\"";
	if (text_eq_nocase(text_of(scheme), TEXT("Bearer")))
		return NULL;
	if (!text_eq_nocase(text_of(scheme), TEXT("Basic")))
		return "has a scheme that is not for proxies: they take "
		    "\"Basic\", with the value USER:PASSWORD, or \"Bearer\"";
	if (k->out.value == NULL)
		return NULL;
	value = secret_text(k->out.value);
	return text_contains(value, TEXT(":")) || key_look_is_pair(value) ?
	    NULL : "has the scheme Basic, and its value is neither "
	    "USER:PASSWORD nor the base64 of that";
}

static bool
is_sealed_for(const struct draft_key *k, const char *host)
{
	for (size_t i = 0; i < k->out.hosts.n; i++) {
		if (strcmp(k->out.hosts.v[i], host) == 0)
			return true;
	}
	return false;
}

static void
check_key(struct reader *r, const struct draft_upstream *u,
    const struct draft_key *k)
{
	const struct given *given = &k->given;
	struct conf_where at = u->proxy_key.where;
	const char *fault = scheme_fault(k);

	if (given->valid[OPTION_KEY_hosts] &&
	    !is_sealed_for(k, u->proxy.host))
		reader_error_at(r, at, "key '%s' is not sealed for '%s', the "
		    "host of 'proxy': its 'hosts', at %s:%u, do not name it",
		    k->name.text, u->proxy.host,
		    given->option[OPTION_KEY_hosts].file,
		    given->option[OPTION_KEY_hosts].line);
	if (!k->out.plain && !u->proxy.tls)
		reader_error_at(r, at, "key '%s' would go to the proxy in the "
		    "clear: it does not say plain = true, at %s:%u",
		    k->name.text, given->at.file, given->at.line);
	if (fault != NULL)
		reader_error_at(r, at, "key '%s', at %s:%u, %s", k->name.text,
		    given->at.file, given->at.line, fault);
}

static void
check_authorities(struct reader *r, const struct draft_upstream *u)
{
	if (u->proxy_ca_file != NULL && !u->proxy.tls &&
	    (u->proxy.host != NULL ||
	    !was_given(&u->given, OPTION_UPSTREAM_proxy)))
		reader_error_at(r,
		    u->given.option[OPTION_UPSTREAM_proxy_ca_file],
		    "option 'proxy_ca_file' needs a 'proxy' that begins with "
		    "https://");
}

static void
check_proxy(struct reader *r, const struct draft *d, struct draft_upstream *u)
{
	size_t key;

	check_authorities(r, u);
	if (u->proxy_key.text == NULL)
		return;
	if (!was_given(&u->given, OPTION_UPSTREAM_proxy)) {
		reader_error_at(r, u->given.option[OPTION_UPSTREAM_proxy_key],
		    "option 'proxy_key' needs 'proxy'");
		return;
	}
	key = names_resolve(r, &d->keys, GROUP_KEY, &u->proxy_key);
	u->out.proxy.key = key;
	if (key != CONF_NONE && u->proxy.host != NULL)
		check_key(r, u, draft_key(d, key));
}

void
check_proxies(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->upstreams.n; i++)
		check_proxy(r, d, draft_upstream(d, i));
}

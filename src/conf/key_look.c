/*
 * The look of keys; see key_look.h.
 */
#include "conf/key_look.h"

#include <string.h>

#include "base/base64.h"
#include "base/secret.h"
#include "conf/essu.h"

#define SHORTEST	20	/* of the known kinds */

/* The parts of Elasticsearch's keys, both in base64 for URLs. */
#define ID_LENGTH	20
#define SECRET_LENGTH	22

static bool
is_visible(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] <= ' ' || t.p[i] > '~')
			return false;
	}
	return true;
}

/* Base64 of characters with ":" among them. */
static bool
is_encoded_pair(struct text t, bool visible)
{
	struct secret *plain;
	struct text inside;
	size_t n;
	bool yes;

	t = base64_without_padding(t);
	n = BASE64_ROOM(t.n);
	plain = secret_new(n);
	yes = base64_decode(t, secret_bytes(plain), &n);
	inside = (struct text){ .p = (const char *)secret_read(plain),
		.n = n };
	yes = yes && (!visible || is_visible(inside)) &&
	    text_contains(inside, TEXT(":"));
	secret_free(plain);
	return yes;
}

bool
key_look_is_pair(struct text t)
{
	return is_encoded_pair(t, false);
}

bool
key_look_is_known(struct text t)
{
	if (t.n < SHORTEST || !is_visible(t))
		return false;
	return text_starts_with(t, ESSU_PREFIX) || is_encoded_pair(t, true);
}

static bool
is_plain_pair(struct text t)
{
	return t.n == ID_LENGTH + 1 + SECRET_LENGTH &&
	    t.p[ID_LENGTH] == ':' &&
	    text_is_made_of((struct text){ .p = t.p, .n = ID_LENGTH }, "-_") &&
	    text_is_made_of(text_range(t.p + ID_LENGTH + 1, t.p + t.n), "-_");
}

static bool
is_quoted(struct text t)
{
	return t.n >= 2 && t.p[0] == t.p[t.n - 1] &&
	    ascii_is_one_of(t.p[0], "\"'`");
}

const char *
key_look_remark(struct text t, bool of_elastic)
{
	if (!essu_is_plausible(t))
		return "looks mistyped: the check sum inside does not match; "
		    "is part of it missing?";
	if (is_quoted(t))
		return "has quotes around its value, and they are sent with "
		    "it";
	if (!text_starts_with(t, ESSU_PREFIX) && text_contains(t, ESSU_PREFIX))
		return "has something before \"essu_\" in its value, and that "
		    "is sent with it";
	if (!of_elastic || text_starts_with(t, ESSU_PREFIX) ||
	    key_look_is_known(t))
		return NULL;
	if (is_plain_pair(t))
		return "seems to be ID:SECRET, of which Elasticsearch takes "
		    "the base64 only: its answer calls that \"encoded\"";
	return "does not look like a key of Elastic Cloud (\"essu_...\") or of "
	    "Elasticsearch (base64 of ID:SECRET)";
}

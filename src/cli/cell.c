/*
 * Looking at cells; see cell.h.
 */
#include "cli/cell.h"

#include <string.h>

#include "base/secret.h"
#include "conf/essu.h"
#include "seal/base64.h"

#define LABEL_MAX	24
#define SHORTEST_KEY	20

/* Headings without case, space and signs. */
static const struct {
	const char *text;
	enum cell_label label;
} labels[] = {
	{ "apikey", CELL_KEY },
	{ "apikeysecret", CELL_KEY },
	{ "apikeyvalue", CELL_KEY },
	{ "apitoken", CELL_KEY },
	{ "credential", CELL_KEY },
	{ "credentials", CELL_KEY },
	{ "encoded", CELL_KEY },
	{ "encodedkey", CELL_KEY },
	{ "key", CELL_KEY },
	{ "keysecret", CELL_KEY },
	{ "keyvalue", CELL_KEY },
	{ "secret", CELL_KEY },
	{ "secretkey", CELL_KEY },
	{ "token", CELL_KEY },
	{ "value", CELL_KEY },
	{ "apikeyname", CELL_NAME },
	{ "description", CELL_NAME },
	{ "keyname", CELL_NAME },
	{ "label", CELL_NAME },
	{ "name", CELL_NAME },
	{ "expiration", CELL_EXPIRES },
	{ "expirationdate", CELL_EXPIRES },
	{ "expirationtime", CELL_EXPIRES },
	{ "expires", CELL_EXPIRES },
	{ "expiresat", CELL_EXPIRES },
	{ "expireson", CELL_EXPIRES },
	{ "expiry", CELL_EXPIRES },
	{ "expirydate", CELL_EXPIRES },
	{ "validuntil", CELL_EXPIRES },
};

enum cell_label
cell_label(struct text t)
{
	char plain[LABEL_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]))
			continue;
		if (n == LABEL_MAX)
			return CELL_NO_LABEL;
		plain[n++] = ascii_lower(t.p[i]);
	}
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (strcmp(labels[i].text, plain) == 0)
			return labels[i].label;
	}
	return CELL_NO_LABEL;
}

static bool
is_visible(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] <= ' ' || t.p[i] > '~')
			return false;
	}
	return true;
}

/* Base64 of visible characters with ":" among them. */
static bool
is_pair(struct text t)
{
	struct secret *plain;
	struct text inside;
	size_t n;
	bool yes;

	for (int i = 0; i < 2 && text_ends_with(t, TEXT("=")); i++)
		t.n--;
	n = BASE64_ROOM(t.n);
	plain = secret_new(n);
	yes = base64_decode(t, secret_bytes(plain), &n);
	inside = (struct text){ .p = (const char *)secret_read(plain),
		.n = n };
	yes = yes && is_visible(inside) && text_contains(inside, TEXT(":"));
	secret_free(plain);
	return yes;
}

bool
cell_looks_like_key(struct text t)
{
	if (t.n < SHORTEST_KEY || !is_visible(t))
		return false;
	return text_starts_with(t, TEXT("essu_")) || is_pair(t);
}

bool
cell_may_be_key(struct text t)
{
	return text_starts_with(t, TEXT("essu_")) || cell_looks_like_key(t);
}

/* Letters of one case, or of the other behind the first of them. */
static bool
is_word(struct text t)
{
	bool small = false, capital = false;

	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]) || ascii_is_digit(t.p[i]))
			return false;
		if (ascii_lower(t.p[i]) == t.p[i])
			small = true;
		else if (i != 0)
			capital = true;
	}
	return t.n != 0 && !(small && capital);
}

bool
cell_is_wordy(struct text t)
{
	struct text word;

	if (t.n > LABEL_MAX || text_starts_with(t, TEXT("essu")))
		return false;
	while (text_split(&t, ' ', &word)) {
		if (!is_word(word))
			return false;
	}
	return true;
}

/* Letters and what joins them: nothing is hidden between those. */
bool
cell_may_be_shown(struct text t)
{
	if (t.n > LABEL_MAX * 2 || cell_label(t) == CELL_NO_LABEL)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]) && !ascii_is_one_of(t.p[i], " _-."))
			return false;
	}
	return true;
}

bool
cell_is_damaged(struct text key)
{
	struct secret *copy = secret_copy(key.p, key.n);
	bool damaged = !essu_is_plausible(copy);

	secret_free(copy);
	return damaged;
}

void
cell_make_name(struct text t, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t.n && n < CELL_NAME_SIZE - 1; i++) {
		if (ascii_is_alnum(t.p[i]) || t.p[i] == '.' || t.p[i] == '_')
			out[n++] = t.p[i];
		else if (n != 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n != 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
}

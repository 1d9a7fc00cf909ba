/*
 * Headings; see label.h.
 */
#include "keyfile/label.h"

#include <string.h>

/* Headings in small letters, without spaces and punctuation. */
static const struct {
	const char *text;
	enum label label;
} labels[] = {
	{ "apikey", LABEL_KEY },
	{ "apikeysecret", LABEL_KEY },
	{ "apikeyvalue", LABEL_KEY },
	{ "apitoken", LABEL_KEY },
	{ "credential", LABEL_KEY },
	{ "credentials", LABEL_KEY },
	{ "encoded", LABEL_KEY },
	{ "encodedkey", LABEL_KEY },
	{ "key", LABEL_KEY },
	{ "keysecret", LABEL_KEY },
	{ "keyvalue", LABEL_KEY },
	{ "secret", LABEL_KEY },
	{ "secretkey", LABEL_KEY },
	{ "token", LABEL_KEY },
	{ "value", LABEL_KEY },
	{ "created", LABEL_CREATED },
	{ "createdat", LABEL_CREATED },
	{ "createdon", LABEL_CREATED },
	{ "creation", LABEL_CREATED },
	{ "creationdate", LABEL_CREATED },
	{ "creationtime", LABEL_CREATED },
	{ "apikeyname", LABEL_NAME },
	{ "description", LABEL_NAME },
	{ "keyname", LABEL_NAME },
	{ "label", LABEL_NAME },
	{ "name", LABEL_NAME },
	{ "expiration", LABEL_EXPIRES },
	{ "expirationdate", LABEL_EXPIRES },
	{ "expirationtime", LABEL_EXPIRES },
	{ "expires", LABEL_EXPIRES },
	{ "expiresat", LABEL_EXPIRES },
	{ "expireson", LABEL_EXPIRES },
	{ "expiry", LABEL_EXPIRES },
	{ "expirydate", LABEL_EXPIRES },
	{ "validuntil", LABEL_EXPIRES },
};

enum label
label_of(struct text t)
{
	char plain[LABEL_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]))
			continue;
		if (n == LABEL_MAX)
			return LABEL_NONE;
		plain[n++] = ascii_lower(t.p[i]);
	}
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (strcmp(labels[i].text, plain) == 0)
			return labels[i].label;
	}
	return LABEL_NONE;
}

/*
 * Telling foreign keys by their beginnings; see foreign.h.  It knows none of
 * their formats.  Called where identities and recipients are parsed.
 */
#include "seal/foreign.h"

#include <stdbool.h>
#include <stddef.h>

#include "seal/bech32.h"

/* The length of "age1..." with a point of X25519 in it. */
#define OURS	BECH32_LEN(3, 32)

struct beginning {
	struct text text;
	enum status status;
};

/* The beginnings of lines found in place of identities or recipients. */
static const struct beginning beginnings[] = {
	{ { "-----BEGIN OPENSSH PRIVATE KEY", 30 }, STATUS_SSH_IDENTITY },
	{ { "-----BEGIN RSA PRIVATE KEY", 26 }, STATUS_SSH_IDENTITY },
	{ { "-----BEGIN ", 11 }, STATUS_PEM },
	{ { "PuTTY-User-Key-File", 19 }, STATUS_SSH_IDENTITY },
	{ { "ssh-", 4 }, STATUS_SSH_RECIPIENT },
	{ { "sk-ssh-", 7 }, STATUS_SSH_RECIPIENT },
	{ { "ecdsa-sha2-", 11 }, STATUS_SSH_RECIPIENT },
	{ { "sk-ecdsa-sha2-", 14 }, STATUS_SSH_RECIPIENT },
	{ { "AGE-PLUGIN-", 11 }, STATUS_PLUGIN_IDENTITY },
};

static enum status
find(struct text line, enum status unknown)
{
	size_t n = sizeof(beginnings) / sizeof(beginnings[0]);

	for (size_t i = 0; i < n; i++) {
		if (text_starts_with(line, beginnings[i].text))
			return beginnings[i].status;
	}
	return unknown;
}

/*
 * "age1NAME1...": the last "1" ends the name, for the data has none; our
 * recipients have no name.  One as long as ours is a mistyped one of ours.
 */
static bool
is_of_plugin(struct text t)
{
	static const struct text prefix = { .p = "age1", .n = 4 };
	struct text name = t;

	if (!text_starts_with(t, prefix) || t.n == OURS ||
	    text_starts_with(t, TEXT("age1pq1")))
		return false;
	while (name.p[name.n - 1] != '1')
		name.n--;
	return name.n > prefix.n + 1;
}

enum status
foreign_identity(struct text line)
{
	if (text_starts_with(line, TEXT("age1")))
		return is_of_plugin(line) ? STATUS_PLUGIN_RECIPIENT :
		    STATUS_IS_RECIPIENT;
	return find(line, STATUS_BAD_IDENTITY);
}

enum status
foreign_recipient(struct text line)
{
	if (text_starts_with(line, TEXT("AGE-SECRET-KEY-")))
		return STATUS_IS_IDENTITY;
	return is_of_plugin(line) ? STATUS_PLUGIN_RECIPIENT :
	    find(line, STATUS_BAD_RECIPIENT);
}

/*
 * New keys; see key_new.h.
 */
#include "keyfile/key_new.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/digest.h"
#include "conf/field_rules.h"
#include "conf/value.h"
#include "keyfile/key_list.h"
#include "keyfile/key_value.h"

/* fault is NULL where the value is good. */
static bool
is_good(const char *what, const char *value, const char *fault,
    struct reasons *why)
{
	if (fault == NULL)
		return true;
	if (value_may_be_secret(text_of(value)))
		return reasons_fail(why, "%s: %s", what, fault);
	return reasons_fail(why, "%s '%s': %s", what, value, fault);
}

/* Notes are shown on terminals. */
static bool
is_good_note(const char *note, struct reasons *why)
{
	return note == NULL || !text_has_control(text_of(note)) ||
	    reasons_fail(why, "--note: holds a control character");
}

bool
key_new_check(const struct key_new *k, struct reasons *why)
{
	char host[VALUE_HOST];

	if (k->name != NULL &&
	    !is_good("name", k->name, value_name(text_of(k->name)),
	    why))
		return false;
	for (size_t i = 0; i < k->n_hosts; i++) {
		if (!is_good("--host", k->hosts[i],
		    value_host(text_of(k->hosts[i]), host), why))
			return false;
	}
	if (k->field != NULL && !is_good("--field", k->field,
	    field_rules_of_key(text_of(k->field)), why))
		return false;
	if (k->scheme != NULL && !is_good("--scheme", k->scheme,
	    value_token(text_of(k->scheme)), why))
		return false;
	return is_good_note(k->note, why);
}

struct secret *
key_new_take_value(const struct key_new *k, struct text given,
    struct reasons *why)
{
	char *key = k->name != NULL ? xasprintf("key '%s'", k->name) :
	    xstrdup("the key");
	struct key_value v;
	struct secret *value;

	key_value_read(&v, given, k->field, k->scheme);
	if (v.value == NULL)
		(void)reasons_fail(why, "%s: its value %s", key, v.refused);
	for (size_t i = 0; i < v.n_remarks; i++)
		reasons_warn(why, "%s %s", key, v.remarks[i]);
	free(key);
	value = v.value;
	v.value = NULL;
	key_value_free(&v);
	return value;
}

static struct text
optional(const char *s)
{
	return s != NULL ? text_of(s) : TEXT("");
}

/*
 * Reads the new text back: it must have these keys more, and all else the same.
 */
static bool
is_as_meant(const struct keyfile *v, const struct contents *before,
    struct text text, const struct key_entry *keys, size_t n)
{
	size_t old = contents_count(before);
	struct contents after;
	bool good = keyfile_read_keys(v, text, &after);

	good = good && contents_count(&after) == old + n &&
	    contents_begins_with(&after, before);
	for (size_t i = 0; i < n && good; i++)
		good = text_eq(keys[i].name,
		    text_of(contents_name(&after, old + i))) &&
		    secret_equal_bytes(contents_key(&after, old + i)->value,
		    keys[i].value.p, keys[i].value.n);
	contents_free(&after);
	return good;
}

static bool
is_free(const struct keyfile *v, const struct contents *before,
    const char *name)
{
	return contents_find(before, name) == SIZE_MAX ||
	    reasons_fail(v->why, "%s: has a key '%s' already: choose another "
	    "name, or remove that first", v->path, name);
}

/* A main file whose keys are in a file that it includes gets no key itself. */
static bool
is_their_place(const struct keyfile *v, const struct contents *keys,
    struct unlock *u)
{
	char *other = NULL;

	if (contents_count(keys) == 0 &&
	    text_contains(v->body, TEXT("@include")))
		other = unlock_find_keys(u, v->path);
	if (other == NULL)
		return true;
	(void)reasons_fail(v->why, "%s: the keys are in %s, which it "
	    "includes: add to that, with --to %s", v->path, other, other);
	free(other);
	return false;
}

bool
key_new_may_join(const struct keyfile *v, const char *name, struct unlock *u)
{
	struct contents keys;
	bool good = keyfile_read_keys(v, v->body, &keys) &&
	    is_their_place(v, &keys, u) &&
	    (name == NULL || is_free(v, &keys, name));

	contents_free(&keys);
	return good;
}

/* If one of two such keys expires or is disabled, the other is, too. */
static void
warn_of_twin(const struct keyfile *v, const struct key_entry *keys, size_t i,
    const struct contents *before)
{
	struct text twin = TEXT("");

	for (size_t j = 0; twin.n == 0 && j < contents_count(before); j++) {
		if (secret_equal_bytes(contents_key(before, j)->value,
		    keys[i].value.p, keys[i].value.n))
			twin = text_of(contents_name(before, j));
	}
	for (size_t j = 0; twin.n == 0 && j < i; j++) {
		if (text_eq(keys[j].value, keys[i].value))
			twin = keys[j].name;
	}
	if (twin.n != 0)
		reasons_warn(v->why, "key '%.*s' has the same value as key "
		    "'%.*s'", TEXT_ARG(keys[i].name), TEXT_ARG(twin));
}

/* Empty where the time is not known. */
static struct text
format_time(char text[CLOCK_TEXT], int64_t seconds)
{
	if (seconds == CONF_NO_TIME)
		return TEXT("");
	return (struct text){ .p = text, .n = clock_format_s(text, seconds) };
}

static int64_t
created(const struct key_new *k)
{
	int64_t now = clock_wall() / NS_PER_S;

	if (k->created != CONF_NO_TIME)
		return k->created;
	return k->expires == CONF_NO_TIME || k->expires > now ? now :
	    CONF_NO_TIME;
}

static struct secret *
write_keys(const struct key_new *k, struct secret *const *values, size_t n,
    const struct keyfile *v, struct text body, const struct contents *before)
{
	struct key_entry *keys = xcalloc(n, sizeof(*keys));
	char (*times)[2][CLOCK_TEXT] = xcalloc(n, sizeof(*times));
	struct secret *text = NULL;
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		good = good && is_free(v, before, k[i].name);
		keys[i] = (struct key_entry){
			.name = text_of(k[i].name),
			.value = secret_text(values[i]),
			.hosts = k[i].hosts, .n_hosts = k[i].n_hosts,
			.field = optional(k[i].field),
			.scheme = optional(k[i].scheme),
			.plain = k[i].plain,
			.expires = format_time(times[i][0], k[i].expires),
			.created = format_time(times[i][1], created(&k[i])),
			.note = optional(k[i].note),
		};
		if (good)
			warn_of_twin(v, keys, i, before);
	}
	if (good && (key_list_add(body, keys, n, &text) != KEY_LIST_OK ||
	    !is_as_meant(v, before, secret_text(text), keys, n))) {
		secret_free(text);
		text = NULL;
		(void)keyfile_refuse_odd(v);
	}
	free(times);
	free(keys);
	return text;
}

struct secret *
key_new_write(const struct key_new *k, struct secret *const *values, size_t n,
    const struct keyfile *v, struct text body)
{
	struct secret *text = NULL;
	struct contents before;

	if (keyfile_read_keys(v, body, &before))
		text = write_keys(k, values, n, v, body, &before);
	contents_free(&before);
	return text;
}

void
key_new_fingerprint(const struct secret *value, char *out)
{
	uint8_t digest[DIGEST_SIZE];

	if (!digest_sha256(secret_read(value), secret_len(value), digest)) {
		strcpy(out, "?");
		return;
	}
	for (int i = 0; i < 4; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

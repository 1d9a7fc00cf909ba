/*
 * Understanding tables of keys; see import.h.
 */
#include "cli/import.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/secret.h"
#include "conf/essu.h"
#include "seal/base64.h"

#define LABEL_MAX	24
#define SHORTEST_KEY	20

enum label {
	LABEL_NONE,
	LABEL_KEY,
	LABEL_NAME,
	LABEL_EXPIRES,
};

/* Headings without case, space and signs. */
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

static enum label
find_label(struct text t)
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
import_looks_like_key(struct text t)
{
	if (t.n < SHORTEST_KEY || !is_visible(t))
		return false;
	return text_starts_with(t, TEXT("essu_")) || is_pair(t);
}

bool
import_may_be_key(struct text t)
{
	return text_starts_with(t, TEXT("essu_")) || import_looks_like_key(t);
}

/* "Name,terraform" and "API key,essu_..." below each other. */
static bool
is_upright(const struct csv *c)
{
	bool key = false;

	for (size_t r = 0; r < c->n_rows; r++) {
		enum label left, right;

		if (csv_width(c, r) != 2)
			return false;
		left = find_label(csv_cell(c, r, 0));
		right = find_label(csv_cell(c, r, 1));
		/* A key that is called so. */
		if (left != LABEL_KEY && import_may_be_key(csv_cell(c, r, 1)))
			return false;
		key = key || (left == LABEL_KEY && right != LABEL_NAME &&
		    right != LABEL_EXPIRES);
	}
	/* "API key,Name" above "essu_...,terraform" is not. */
	return key && c->n_rows >= 2 &&
	    !import_may_be_key(csv_cell(c, 1, 0));
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

/* Short words: no key is like that, nor much of one. */
static bool
is_wordy(struct text t)
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

static bool
column_may_be_key(const struct csv *c, size_t column, size_t from)
{
	for (size_t r = from; r < c->n_rows; r++) {
		if (import_may_be_key(csv_cell(c, r, column)))
			return true;
	}
	return false;
}

/*
 * The first row names the columns: it says so with a word that is known, or
 * is made of nothing but words above a key.  What stands above a key must be
 * either, since it may be another key, cut short.
 */
static bool
has_headings(const struct csv *c)
{
	bool known = false, words = true, keys = false;

	for (size_t i = 0; c->n_rows > 1 && i < csv_width(c, 0); i++) {
		struct text cell = csv_cell(c, 0, i);
		bool label = find_label(cell) != LABEL_NONE;
		bool above_key = column_may_be_key(c, i, 1);

		if (import_may_be_key(cell) || (above_key && cell.n != 0 &&
		    !label && !is_wordy(cell)))
			return false;
		known = known || label;
		words = words && (cell.n == 0 || label || is_wordy(cell));
		keys = keys || (above_key && cell.n != 0);
	}
	return known || (words && keys);
}

size_t
import_first_row(const struct import *m)
{
	return m->headings ? 1 : 0;
}

static void
consider(struct import *m, const struct csv *c, size_t width, bool by_name,
    bool by_look)
{
	if (m->n_keys != 0)
		return;
	for (size_t i = 0; i < width; i++) {
		bool named = m->headings &&
		    find_label(csv_cell(c, 0, i)) == LABEL_KEY;

		if ((!by_name || named) && (!by_look ||
		    column_may_be_key(c, i, import_first_row(m))))
			m->keys[m->n_keys++] = i;
	}
}

static size_t
find_labelled(const struct import *m, const struct csv *c, enum label label)
{
	for (size_t i = 0; m->headings && i < csv_width(c, 0); i++) {
		if (find_label(csv_cell(c, 0, i)) == label)
			return i;
	}
	return IMPORT_NO_COLUMN;
}

void
import_understand(struct import *m, struct csv *c)
{
	size_t width = 0;

	*m = (struct import){ .name = IMPORT_NO_COLUMN,
		.expires = IMPORT_NO_COLUMN };
	if (is_upright(c))
		csv_transpose(c);
	for (size_t r = 0; r < c->n_rows; r++) {
		if (csv_width(c, r) > width)
			width = csv_width(c, r);
	}
	m->keys = xcalloc(width + 1, sizeof(*m->keys));
	if (c->n_rows == 0)
		return;
	m->headings = has_headings(c);
	/* The best evidence first. */
	consider(m, c, width, true, true);
	consider(m, c, width, false, true);
	consider(m, c, width, true, false);
	if (m->n_keys != 0)
		import_choose(m, c, m->keys[0]);
	m->name = find_labelled(m, c, LABEL_NAME);
	m->expires = find_labelled(m, c, LABEL_EXPIRES);
}

void
import_choose(struct import *m, const struct csv *c, size_t column)
{
	m->key = column;
	m->by_look = column_may_be_key(c, column, import_first_row(m));
}

void
import_free(struct import *m)
{
	free(m->keys);
	*m = (struct import){ .n_keys = 0 };
}

size_t
import_find_column(const struct import *m, const struct csv *c, struct text t)
{
	uint64_t number;

	for (size_t i = 0; m->headings && i < csv_width(c, 0); i++) {
		if (text_eq_nocase(csv_cell(c, 0, i), t))
			return i;
	}
	if (c->n_rows != 0 &&
	    text_parse_u64(t, csv_width(c, c->n_rows - 1), &number) &&
	    number > 0)
		return (size_t)number - 1;
	return IMPORT_NO_COLUMN;
}

/* Letters and what joins them: nothing is hidden in such a label. */
static bool
is_plain(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]) && !ascii_is_one_of(t.p[i], " _-."))
			return false;
	}
	return t.n <= LABEL_MAX * 2;
}

struct text
import_heading(const struct import *m, const struct csv *c, size_t column)
{
	struct text cell = m->headings ? csv_cell(c, 0, column) : TEXT("");

	return find_label(cell) != LABEL_NONE && is_plain(cell) ? cell :
	    TEXT("");
}

char *
import_headings(const struct import *m, const struct csv *c)
{
	struct buf all;
	char *text;

	if (!m->headings)
		return NULL;
	buf_init(&all, NULL);
	for (size_t i = 0; i < csv_width(c, 0); i++) {
		struct text heading = import_heading(m, c, i);

		buf_printf(&all, "%s%.*s", i != 0 ? ", " : "",
		    TEXT_ARG(heading.n != 0 ? heading : TEXT("?")));
	}
	text = xstrndup((const char *)buf_data(&all), buf_len(&all));
	buf_release(&all);
	return text;
}

static bool
row_may_have_key(const struct csv *c, size_t row)
{
	for (size_t i = 0; i < csv_width(c, row); i++) {
		if (import_may_be_key(csv_cell(c, row, i)))
			return true;
	}
	return false;
}

static bool
is_damaged(struct text key)
{
	struct secret *copy = secret_new(key.n);
	bool damaged;

	memcpy(secret_bytes(copy), key.p, key.n);
	damaged = !essu_is_plausible(copy);
	secret_free(copy);
	return damaged;
}

enum import_key
import_judge(const struct import *m, const struct csv *c, size_t row)
{
	struct text key = csv_cell(c, row, m->key);

	if (key.n == 0)
		return row_may_have_key(c, row) ? IMPORT_KEY_ELSEWHERE :
		    IMPORT_KEY_NONE;
	if (is_damaged(key))
		return IMPORT_KEY_DAMAGED;
	return m->by_look && !import_may_be_key(key) ? IMPORT_KEY_UNLIKE :
	    IMPORT_KEY_GOOD;
}

void
import_make_name(struct text t, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t.n && n < IMPORT_NAME - 1; i++) {
		if (ascii_is_alnum(t.p[i]) || t.p[i] == '.' || t.p[i] == '_')
			out[n++] = t.p[i];
		else if (n != 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n != 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
}

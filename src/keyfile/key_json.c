/*
 * Keys in JSON; see key_json.h.  Strings stay where they are, with their
 * escapes, until one of them is taken.
 */
#include "keyfile/key_json.h"

#include "base/base64.h"
#include "conf/key_look.h"
#include "keyfile/label.h"

#define MAX_DEPTH	16

struct reader {
	const char *p, *end;
	unsigned depth;
	struct secret *value;		/* the first that was found */
	bool joined, many;
};

/* Evidence that a member of an object is the key; the greatest counts. */
enum rank {
	RANK_NONE,
	RANK_NAME,			/* "key", "token" */
	RANK_LOOK,			/* looks like a key */
	RANK_ENCODED,			/* "encoded" */
};

struct object {
	enum rank rank;
	struct text best, id;
	bool api_key;			/* the best member is called
					   "api_key" */
	bool many;			/* several members of that rank */
};

/* Characters. */

static bool
is_space(char c)
{
	return ascii_is_one_of(c, " \t\r\n");
}

/* The next character that is no space; NUL at the end. */
static char
peek(struct reader *r)
{
	while (r->p < r->end && is_space(*r->p))
		r->p++;
	return r->p < r->end ? *r->p : '\0';
}

static bool
accept(struct reader *r, char c)
{
	if (peek(r) != c || c == '\0')
		return false;
	r->p++;
	return true;
}

/* A string, without its quotes. */
static bool
read_string(struct reader *r, struct text *t)
{
	const char *from;

	if (!accept(r, '"'))
		return false;
	for (from = r->p; r->p < r->end; r->p++) {
		if (*r->p == '"') {
			*t = text_range(from, r->p++);
			return true;
		}
		if (*r->p == '\\' && ++r->p == r->end)
			return false;
	}
	return false;
}

/* true, null, 1e+3: their values do not matter. */
static bool
skip_literal(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && (ascii_is_alnum(*r->p) ||
	    ascii_is_one_of(*r->p, "+-.")))
		r->p++;
	return r->p > from;
}

/* Escapes of visible ASCII; any other escaped character is in no key. */
static char
read_escape(struct text *t)
{
	uint64_t v = '?';

	if (t->p[0] != 'u') {
		v = (uint8_t)t->p[0];
		*t = text_range(t->p + 1, t->p + t->n);
		return ascii_is_one_of((char)v, "\"\\/") ? (char)v : '\n';
	}
	if (t->n < 5 || !text_parse_hex((struct text){ .p = t->p + 1,
	    .n = 4 }, '~', &v))
		v = '\n';
	*t = text_range(t->p + (t->n < 5 ? t->n : 5), t->p + t->n);
	return (char)v;
}

static struct secret *
unescape(struct text t)
{
	struct secret *s = secret_new(t.n);
	uint8_t *out = secret_bytes(s);
	size_t n = 0;

	while (t.n != 0) {
		char c = t.p[0];

		t = text_range(t.p + 1, t.p + t.n);
		out[n++] = (uint8_t)(c == '\\' && t.n != 0 ? read_escape(&t) :
		    c);
	}
	secret_truncate(s, n);
	return s;
}

/* Keys. */

static struct secret *
join(struct text id, struct text api_key)
{
	const struct text parts[] = { id, TEXT(":"), api_key };
	struct secret *plain = secret_join(parts, 3);
	size_t n = secret_len(plain);
	struct secret *encoded = secret_new(BASE64_PADDED_LEN(n));

	base64_encode_padded(secret_read(plain), n,
	    (char *)secret_bytes(encoded));
	secret_free(plain);
	return encoded;
}

static void
found(struct reader *r, struct secret *value, bool joined)
{
	if (r->value == NULL) {
		r->value = value;
		r->joined = joined;
		return;
	}
	r->many = r->many || !secret_equal(r->value, value);
	secret_free(value);
}

static void
note(struct object *o, struct text name, struct text value)
{
	enum rank rank = RANK_NONE;

	if (text_eq(name, TEXT("id")))
		o->id = value;
	if (text_eq(name, TEXT("encoded")))
		rank = RANK_ENCODED;
	else if (key_look_is_known(value))
		rank = RANK_LOOK;
	else if (label_of(name) == LABEL_KEY)
		rank = RANK_NAME;
	if (rank == RANK_NONE || rank < o->rank || value.n == 0)
		return;
	o->many = rank == o->rank && (o->many || !text_eq(value, o->best));
	o->rank = rank;
	o->best = value;
	o->api_key = rank == RANK_NAME && text_eq(name, TEXT("api_key"));
}

static void
conclude(struct reader *r, const struct object *o)
{
	if (o->rank == RANK_NONE)
		return;
	r->many = r->many || o->many;
	if (o->api_key && o->id.n != 0)
		found(r, join(o->id, o->best), true);
	else
		found(r, unescape(o->best), false);
}

/* Values. */

static bool	skip_value(struct reader *);

static bool
read_member(struct reader *r, struct object *o)
{
	struct text name, value;

	if (!read_string(r, &name) || !accept(r, ':'))
		return false;
	if (peek(r) != '"')
		return skip_value(r);
	if (!read_string(r, &value))
		return false;
	note(o, name, value);
	return true;
}

static bool
read_object(struct reader *r)
{
	struct object o = { .rank = RANK_NONE };

	if (accept(r, '}'))
		return true;
	do {
		if (!read_member(r, &o))
			return false;
	} while (accept(r, ','));
	conclude(r, &o);
	return accept(r, '}');
}

static bool
read_list(struct reader *r)
{
	struct text t;

	if (accept(r, ']'))
		return true;
	do {
		if (peek(r) != '"') {
			if (!skip_value(r))
				return false;
			continue;
		}
		if (!read_string(r, &t))
			return false;
		if (key_look_is_known(t))
			found(r, unescape(t), false);
	} while (accept(r, ','));
	return accept(r, ']');
}

static bool
skip_value(struct reader *r)
{
	const char first = peek(r);
	struct text ignored;
	bool good;

	if (first == '"')
		return read_string(r, &ignored);
	if (first != '{' && first != '[')
		return skip_literal(r);
	if (++r->depth > MAX_DEPTH)
		return false;
	good = accept(r, '{') ? read_object(r) : accept(r, '[') &&
	    read_list(r);
	r->depth--;
	return good;
}

enum key_json
key_json_find(struct text t, struct secret **value, bool *joined)
{
	struct reader r = { .p = t.p, .end = t.p + t.n };
	char first = peek(&r);
	bool good = (first == '{' || first == '[') && skip_value(&r) &&
	    peek(&r) == '\0' && r.p == r.end;
	enum key_json result = !good ? KEY_JSON_OTHER : r.value == NULL ?
	    KEY_JSON_NONE : r.many ? KEY_JSON_MANY : KEY_JSON_FOUND;

	*joined = r.joined;
	if (result == KEY_JSON_FOUND)
		*value = r.value;
	else
		secret_free(r.value);
	return result;
}

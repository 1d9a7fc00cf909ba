/*
 * Reading why a request was refused; see refusal.h.
 */
#include "upstream/refusal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/json_read.h"
#include "upstream/gunzip.h"

enum kind {
	KIND_CREDENTIAL,
	KIND_OTHER,
};

enum where {
	WHERE_CODE,
	WHERE_PART,
	WHERE_TYPE,
	WHERE_SPENT,
	WHERE_ANY,
};

struct row {
	unsigned status;
	enum kind kind;
	enum where where;
	struct text text;
	const char *words;
};

static const struct row rows[REFUSAL_COUNT] = {
#define REFUSAL(name, st, k, w, t, source, words_) \
	[REFUSAL_##name] = { .status = st, .kind = KIND_##k, \
	    .where = WHERE_##w, .text = { .p = t, .n = sizeof(t) - 1 }, \
	    .words = words_ },
#include "upstream/refusal.tbl"
#undef REFUSAL
};

/* A text of a response that may be the one of a row. */
struct said {
	enum where where;
	struct text text;
};

static bool
fits(const struct row *row, unsigned status, struct said said)
{
	if (row->status != status || row->where != said.where)
		return false;
	if (row->where == WHERE_PART)
		return text_contains(said.text, row->text);
	return text_eq(said.text, row->text);
}

/* Keeps the first row of those that fit what was said so far. */
static void
try(enum refusal *found, unsigned status, enum where where, struct text text)
{
	const struct said said = { .where = where, .text = text };

	for (enum refusal r = REFUSAL_NONE + 1; r < *found; r++) {
		if (fits(&rows[r], status, said)) {
			*found = r;
			return;
		}
	}
}

/* -- the head -- */

static bool
refuses(unsigned status)
{
	return status == 401 || status == 403 || status == 429;
}

/* The row of a status that fits always; it is the last one. */
static enum refusal
any_of(unsigned status)
{
	enum refusal found = REFUSAL_COUNT;

	try(&found, status, WHERE_ANY, TEXT(""));
	return found;
}

static bool
is_named(const struct field *f, struct text name)
{
	return text_eq_nocase(f->name, name);
}

static struct text
value_of(const struct head *head, struct text name)
{
	for (size_t i = 0; i < head->fields.n; i++) {
		if (is_named(&head->fields.v[i], name))
			return head->fields.v[i].value;
	}
	return TEXT("");
}

/* The codes in fields X-Cloud-Error-Codes; false: there are none. */
static bool
read_codes(const struct head *head, enum refusal *found)
{
	bool any = false;

	for (size_t i = 0; i < head->fields.n; i++) {
		struct text rest = head->fields.v[i].value, code;

		if (!is_named(&head->fields.v[i],
		    TEXT("x-cloud-error-codes")))
			continue;
		while (text_split(&rest, ',', &code)) {
			code = text_trim(code);
			any |= code.n != 0;
			try(found, head->status, WHERE_CODE, code);
		}
	}
	return any;
}

bool
refusal_of_head(const struct head *head, enum refusal *refusal)
{
	*refusal = REFUSAL_NONE;
	if (!refuses(head->status))
		return true;
	*refusal = any_of(head->status);
	if (read_codes(head, refusal))
		return true;
	if (text_eq(value_of(head, TEXT("x-ratelimit-remaining")), TEXT("0")))
		try(refusal, head->status, WHERE_SPENT, TEXT(""));
	return rows[*refusal].where != WHERE_ANY;
}

/* -- the body -- */

/* Elastic Cloud: {"errors":[{"code":"..."}]} */
static void
read_errors(const struct json_value *body, unsigned status,
    enum refusal *found)
{
	const struct json_value *errors = json_member(body, "errors");

	if (errors == NULL || errors->kind != JSON_ARRAY)
		return;
	for (const struct json_value *e = errors->first; e != NULL;
	    e = e->next)
		try(found, status, WHERE_CODE,
		    json_string(json_member(e, "code")));
}

/* A string, or a list of them. */
static void
read_part(const struct json_value *v, unsigned status, enum refusal *found)
{
	if (v == NULL)
		return;
	if (v->kind == JSON_STRING)
		try(found, status, WHERE_PART, v->text);
	if (v->kind != JSON_ARRAY)
		return;
	for (v = v->first; v != NULL; v = v->next)
		try(found, status, WHERE_PART, json_string(v));
}

static bool
is_security_exception(const struct json_value *e)
{
	return text_eq(json_string(json_member(e, "type")),
	    TEXT("security_exception"));
}

static void
read_parts(const struct json_value *e, unsigned status, enum refusal *found)
{
	read_part(json_member(e, "reason"), status, found);
	read_part(json_member(e, "additional_unsuccessful_credentials"),
	    status, found);
	read_part(json_member(e, "authentication_error_code"), status, found);
}

/*
 * Elasticsearch: {"error":{"type":"...","reason":"...","caused_by":{...}}}; its
 * causes lie within each other, no deeper than JSON is read.
 */
static void
read_exception(const struct json_value *body, unsigned status,
    enum refusal *found)
{
	const struct json_value *error = json_member(body, "error");

	try(found, status, WHERE_TYPE,
	    json_string(json_member(error, "type")));
	if (!is_security_exception(error))
		return;
	for (const struct json_value *e = error; e != NULL;
	    e = json_member(e, "caused_by"))
		read_parts(e, status, found);
}

/* Bytes that are read of what a body compressed by gzip holds. */
#define UNPACKED	(4 * REFUSAL_BODY)

static bool
is_packed(const struct head *head)
{
	struct text coding = value_of(head, TEXT("content-encoding"));

	return text_eq_nocase(coding, TEXT("gzip")) ||
	    text_eq_nocase(coding, TEXT("x-gzip"));
}

static enum refusal
read_plain(struct text body, unsigned status, enum refusal found,
    struct blocks *blocks)
{
	const struct json_value *v;
	struct arena arena;

	arena_init(&arena, blocks);
	v = json_read(&arena, body);
	read_errors(v, status, &found);
	read_exception(v, status, &found);
	arena_release(&arena);
	return found;
}

enum refusal
refusal_of(const struct head *head, struct text body, struct blocks *blocks)
{
	char *plain;
	enum refusal found;

	if (refusal_of_head(head, &found))
		return found;
	if (body.n > REFUSAL_BODY)
		body.n = REFUSAL_BODY;
	if (!is_packed(head))
		return read_plain(body, head->status, found, blocks);
	plain = xmalloc(UNPACKED);
	body = (struct text){ .p = plain,
		.n = gunzip(body, plain, UNPACKED) };
	found = read_plain(body, head->status, found, blocks);
	explicit_bzero(plain, UNPACKED);
	free(plain);
	return found;
}

/* -- what it means -- */

bool
refusal_has_a_reason(enum refusal r)
{
	return r > REFUSAL_NONE && r < REFUSAL_COUNT &&
	    rows[r].where != WHERE_ANY;
}

bool
refusal_is_of_key(enum refusal r)
{
	return r > REFUSAL_NONE && r < REFUSAL_COUNT &&
	    rows[r].kind == KIND_CREDENTIAL;
}

const char *
refusal_words(enum refusal r)
{
	return r > REFUSAL_NONE && r < REFUSAL_COUNT ? rows[r].words : NULL;
}

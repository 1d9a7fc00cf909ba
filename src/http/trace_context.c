/*
 * W3C Trace Context; see trace_context.h.  Knows the syntax, not what becomes
 * of a request.
 */
#include "http/trace_context.h"

/* "00-" trace id "-" parent id "-" flags */
#define TRACE_AT	3
#define TRACE_LEN	32
#define PARENT_AT	36
#define PARENT_LEN	16
#define FLAGS_AT	53

#define MEMBERS		32
#define KEY_LEN		256
#define TENANT_LEN	241		/* before "@" */
#define SYSTEM_LEN	14		/* behind it */
#define VALUE_LEN	256

/* -- traceparent -- */

static bool
is_hex(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool
has_form(struct text t)
{
	for (size_t i = 0; i < TRACE_CONTEXT_TEXT; i++) {
		bool dash = i == TRACE_AT - 1 || i == PARENT_AT - 1 ||
		    i == FLAGS_AT - 1;

		if (dash ? t.p[i] != '-' : !is_hex(t.p[i]))
			return false;
	}
	return true;
}

static bool
is_zero(struct text id)
{
	for (size_t i = 0; i < id.n; i++) {
		if (id.p[i] != '0')
			return false;
	}
	return true;
}

struct text
trace_context_trace_id(struct text parent)
{
	return (struct text){ .p = parent.p + TRACE_AT, .n = TRACE_LEN };
}

struct text
trace_context_parent_id(struct text parent)
{
	return (struct text){ .p = parent.p + PARENT_AT, .n = PARENT_LEN };
}

/* What is wrong with a traceparent; NULL: nothing. */
static const char *
parent_fault(struct text t)
{
	if (t.n < TRACE_CONTEXT_TEXT)
		return "traceparent is shorter than 55 characters";
	if (!has_form(t))
		return "traceparent is not VERSION-TRACE-PARENT-FLAGS in "
		    "lower-case hexadecimal digits";
	if (text_starts_with(t, TEXT("ff")))
		return "traceparent has version ff";
	if (t.n > TRACE_CONTEXT_TEXT && text_starts_with(t, TEXT("00")))
		return "traceparent of version 00 is longer than 55 "
		    "characters";
	if (t.n > TRACE_CONTEXT_TEXT && t.p[TRACE_CONTEXT_TEXT] != '-')
		return "traceparent has flags of more than two digits";
	if (is_zero(trace_context_trace_id(t)))
		return "the trace id of traceparent is all zero";
	if (is_zero(trace_context_parent_id(t)))
		return "the parent id of traceparent is all zero";
	return NULL;
}

/* -- tracestate -- */

static bool
is_key_part(struct text t, size_t max, bool digit_first)
{
	if (t.n == 0 || t.n > max)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool letter = c >= 'a' && c <= 'z';

		if (letter || (ascii_is_digit(c) && (i != 0 || digit_first)))
			continue;
		if (i == 0 || !(ascii_is_digit(c) || ascii_is_one_of(c,
		    "_-*/")))
			return false;
	}
	return true;
}

static bool
is_key(struct text key)
{
	struct text rest = key, tenant;

	(void)text_split(&rest, '@', &tenant);
	if (rest.p == NULL)
		return is_key_part(key, KEY_LEN, false);
	return is_key_part(tenant, TENANT_LEN, true) &&
	    is_key_part(rest, SYSTEM_LEN, false);
}

/* Printable ASCII but "="; "," ends members, and blanks at ends are gone. */
static bool
is_value(struct text value)
{
	if (value.n == 0 || value.n > VALUE_LEN)
		return false;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < ' ' || value.p[i] > '~' || value.p[i] == '=')
			return false;
	}
	return true;
}

static bool
is_member(struct text member)
{
	struct text value = member, key;

	(void)text_split(&value, '=', &key);
	return value.p != NULL && is_key(key) && is_value(value);
}

static const char *
state_fault(const struct fields *fields)
{
	struct field_cursor at = { .next = 0 };
	struct text member;
	size_t n = 0;

	while (fields_next_member(fields, FIELD_TRACESTATE, &at, &member)) {
		if (++n > MEMBERS)
			return "tracestate has more than 32 members";
		if (!is_member(member))
			return "tracestate has a member that is not KEY=VALUE";
	}
	return NULL;
}

/* -- both -- */

/* Whether it is not the only one of its id. */
static bool
has_twin(const struct fields *fields, const struct field *first)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		if (f->id == first->id && f != first)
			return true;
	}
	return false;
}

static const char *
read_parent(const struct fields *fields)
{
	const struct field *parent = fields_find(fields, FIELD_TRACEPARENT);

	if (parent == NULL)
		return "tracestate is there without traceparent";
	if (fields_have_token(fields, FIELD_CONNECTION, TEXT("traceparent")))
		return "Connection names traceparent";
	if (has_twin(fields, parent))
		return "traceparent is there twice";
	return parent_fault(parent->value);
}

static const char *
read_state(const struct fields *fields)
{
	if (fields_have_token(fields, FIELD_CONNECTION, TEXT("tracestate")))
		return "Connection names tracestate";
	return state_fault(fields);
}

void
trace_context_read(const struct fields *fields, struct trace_context *c)
{
	const struct field *parent = fields_find(fields, FIELD_TRACEPARENT);

	*c = (struct trace_context){ .trace_id = TEXT(""),
		.parent_id = TEXT("") };
	if (parent == NULL && fields_find(fields, FIELD_TRACESTATE) == NULL)
		return;
	c->fault = read_parent(fields);
	if (c->fault != NULL) {
		c->bad = FIELD_BIT(TRACEPARENT) | FIELD_BIT(TRACESTATE);
		return;
	}
	c->trace_id = trace_context_trace_id(parent->value);
	c->parent_id = trace_context_parent_id(parent->value);
	if (fields_find(fields, FIELD_TRACESTATE) == NULL)
		return;
	c->fault = read_state(fields);
	if (c->fault != NULL)
		c->bad = FIELD_BIT(TRACESTATE);
}

/* -- ours -- */

/* An id of zeros alone would be none. */
static char *
write_id(const uint8_t *id, size_t n, char *p)
{
	static const char digits[] = "0123456789abcdef";
	char *from = p;

	for (size_t i = 0; i < n; i++) {
		*p++ = digits[id[i] >> 4];
		*p++ = digits[id[i] & 0xf];
	}
	if (is_zero(text_range(from, p)))
		p[-1] = '1';
	return p;
}

void
trace_context_write(const uint8_t ids[TRACE_CONTEXT_RANDOM],
    char text[TRACE_CONTEXT_TEXT])
{
	memcpy(text, "00-", TRACE_AT);
	write_id(ids, TRACE_LEN / 2, text + TRACE_AT)[0] = '-';
	memcpy(write_id(ids + TRACE_LEN / 2, PARENT_LEN / 2, text + PARENT_AT),
	    "-01", 3);
}

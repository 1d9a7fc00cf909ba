/*
 * The strict predicates of the protocol; see rules.h.
 */
#include "http/rules.h"

#include <arpa/inet.h>
#include <string.h>

#define IS_DIGIT(c)	((c) >= '0' && (c) <= '9')
#define IS_ALPHA(c)	((((c) | 0x20) >= 'a') && (((c) | 0x20) <= 'z'))
#define IS_ALNUM(c)	(IS_DIGIT(c) || IS_ALPHA(c))
#define IS_HEX(c)	(IS_DIGIT(c) || \
	((((c) | 0x20) >= 'a') && (((c) | 0x20) <= 'f')))
#define IS_TOKEN(c)	(IS_ALNUM(c) || (c) == '!' || (c) == '#' || \
	(c) == '$' || (c) == '%' || (c) == '&' || (c) == '\'' || \
	(c) == '*' || (c) == '+' || (c) == '-' || (c) == '.' || \
	(c) == '^' || (c) == '_' || (c) == '`' || (c) == '|' || (c) == '~')
#define IS_FIELD(c)	((c) == '\t' || ((c) >= 0x20 && (c) != 0x7f))
#define IS_UNRESERVED(c) (IS_ALNUM(c) || (c) == '-' || (c) == '.' || \
	(c) == '_' || (c) == '~')
#define IS_SUB_DELIM(c)	((c) == '!' || (c) == '$' || (c) == '&' || \
	(c) == '\'' || (c) == '(' || (c) == ')' || (c) == '*' || \
	(c) == '+' || (c) == ',' || (c) == ';' || (c) == '=')
#define IS_TARGET(c)	(IS_UNRESERVED(c) || IS_SUB_DELIM(c) || \
	(c) == ':' || (c) == '@' || (c) == '/')
#define IS_HOST(c)	(IS_UNRESERVED(c) || (IS_SUB_DELIM(c) && (c) != ','))

#define IS_RAW(c)	((c) == '{' || (c) == '}' || (c) == '[' || \
	(c) == ']' || (c) == '|' || (c) == '^' || (c) == '`' || \
	(c) == '"' || (c) == '<' || (c) == '>' || (c) == '\\')

#define CLASS(c)	( \
	(IS_TOKEN(c) ? CHAR_TOKEN : 0) | \
	(IS_FIELD(c) ? CHAR_FIELD : 0) | \
	(IS_TARGET(c) ? CHAR_TARGET : 0) | \
	(IS_HOST(c) ? CHAR_HOST : 0) | \
	(IS_HEX(c) ? CHAR_HEX : 0) | \
	(IS_DIGIT(c) ? CHAR_DIGIT : 0) | \
	((c) == '_' || (c) == '.' ? CHAR_FOLD : 0) | \
	(IS_RAW(c) ? CHAR_RAW : 0))
#define FOUR(c)		CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define ROW(c)		FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)

const uint8_t rules_chars[256] = {
	ROW(0x00), ROW(0x10), ROW(0x20), ROW(0x30),
	ROW(0x40), ROW(0x50), ROW(0x60), ROW(0x70),
	ROW(0x80), ROW(0x90), ROW(0xa0), ROW(0xb0),
	ROW(0xc0), ROW(0xd0), ROW(0xe0), ROW(0xf0),
};

/* A character of a name as a gateway in another language may read it. */
#define FOLDED(c)	(char)((c) == '_' || (c) == '.' ? '-' : \
	(c) >= 'A' && (c) <= 'Z' ? (c) | 0x20 : (c))
#define FOLDED_4(c)	FOLDED(c), FOLDED((c) + 1), FOLDED((c) + 2), \
	FOLDED((c) + 3)
#define FOLDED_ROW(c)	FOLDED_4(c), FOLDED_4((c) + 4), FOLDED_4((c) + 8), \
	FOLDED_4((c) + 12)

static const char folded[256] = {
	FOLDED_ROW(0x00), FOLDED_ROW(0x10), FOLDED_ROW(0x20), FOLDED_ROW(0x30),
	FOLDED_ROW(0x40), FOLDED_ROW(0x50), FOLDED_ROW(0x60), FOLDED_ROW(0x70),
	FOLDED_ROW(0x80), FOLDED_ROW(0x90), FOLDED_ROW(0xa0), FOLDED_ROW(0xb0),
	FOLDED_ROW(0xc0), FOLDED_ROW(0xd0), FOLDED_ROW(0xe0), FOLDED_ROW(0xf0),
};

size_t
rules_span(struct text t, enum rules_class class)
{
	size_t n = 0;

	while (n < t.n && (rules_chars[(uint8_t)t.p[n]] & class) != 0)
		n++;
	return n;
}

const char *
rules_skip(const char *p, enum rules_class class)
{
	while ((rules_chars[(uint8_t)*p] & class) != 0)
		p++;
	return p;
}

struct text
rules_take(const char **at, enum rules_class class)
{
	const char *p = *at;

	while ((rules_chars[(uint8_t)**at] & class) != 0)
		(*at)++;
	return (struct text){ .p = p, .n = (size_t)(*at - p) };
}

bool
token_is_valid(struct text t)
{
	return t.n != 0 && rules_span(t, CHAR_TOKEN) == t.n;
}

static bool
fold_to_the_same(struct text a, struct text b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (folded[(uint8_t)a.p[i]] != folded[(uint8_t)b.p[i]])
			return false;
	}
	return true;
}

/* The text without the characters at its ends that fold to "-". */
static struct text
trim_folds(struct text t)
{
	while (t.n != 0 && folded[(uint8_t)t.p[t.n - 1]] == '-')
		t.n--;
	while (t.n != 0 && folded[(uint8_t)t.p[0]] == '-')
		t = text_from(t, 1);
	return t;
}

struct text
field_name_fold(struct text name, char *buf, size_t size)
{
	struct text t = trim_folds(name);

	if (t.n > size)
		return TEXT("");
	for (size_t i = 0; i < t.n; i++)
		buf[i] = folded[(uint8_t)t.p[i]];
	return (struct text){ .p = buf, .n = t.n };
}

bool
field_names_are_alike(struct text a, struct text b)
{
	return fold_to_the_same(trim_folds(a), trim_folds(b));
}

bool
field_name_is_disguised(struct text name)
{
	static const enum field_id guarded[] = {
		FIELD_AUTHORIZATION, FIELD_CONTENT_LENGTH,
		FIELD_TRANSFER_ENCODING, FIELD_HOST, FIELD_CONNECTION,
	};

	for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
		struct text plain = field_name(guarded[i]);

		if (fold_to_the_same(name, plain))
			return !text_eq_nocase(name, plain);
	}
	return false;
}

bool
connection_option_is_refused(struct text option)
{
	enum field_id id = field_id_of(option);

	return !token_is_valid(option) || id == FIELD_HOST ||
	    id == FIELD_CONTENT_LENGTH || id == FIELD_TRANSFER_ENCODING ||
	    id == FIELD_AUTHORIZATION;
}

bool
trailer_is_refused(enum field_id id)
{
	return id == FIELD_CONTENT_LENGTH || id == FIELD_TRANSFER_ENCODING;
}

bool
content_length_parse(struct text t, uint64_t *value)
{
	return text_parse_u64(t, INT64_MAX, value);
}

bool
transfer_encoding_is_chunked(struct text t)
{
	return text_eq_nocase(t, TEXT("chunked"));
}

bool
chunk_size_parse(struct text t, uint64_t *value)
{
	return t.n <= 16 && text_parse_hex(t, INT64_MAX, value);
}

static struct text
skip_ows(struct text t)
{
	size_t n = 0;

	while (n < t.n && (t.p[n] == ' ' || t.p[n] == '\t'))
		n++;
	return text_from(t, n);
}

/* Takes a quoted-string (RFC 9110 section 5.6.4) off the start. */
static bool
take_quoted(struct text *t)
{
	for (size_t i = 1; i < t->n; i++) {
		if (t->p[i] == '"') {
			*t = text_from(*t, i + 1);
			return true;
		}
		if (t->p[i] == '\\')
			i++;
		if (i == t->n || !char_is(t->p[i], CHAR_FIELD))
			return false;
	}
	return false;
}

static bool
take_token(struct text *t)
{
	size_t n = rules_span(*t, CHAR_TOKEN);

	*t = text_from(*t, n);
	return n != 0;
}

/* BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] */
static bool
take_extension(struct text *t)
{
	struct text value;

	*t = skip_ows(*t);
	if (t->n == 0 || t->p[0] != ';')
		return false;
	*t = skip_ows(text_from(*t, 1));
	if (!take_token(t))
		return false;
	value = skip_ows(*t);
	if (value.n == 0 || value.p[0] != '=')
		return true;
	*t = skip_ows(text_from(value, 1));
	if (t->n != 0 && t->p[0] == '"')
		return take_quoted(t);
	return take_token(t);
}

bool
chunk_extensions_are_valid(struct text t)
{
	while (t.n != 0) {
		if (!take_extension(&t))
			return false;
	}
	return true;
}

/* "[" IPv6address "]", without a zone. */
static size_t
span_ipv6(struct text t)
{
	const char *close = memchr(t.p, ']', t.n);
	char address[INET6_ADDRSTRLEN];
	struct in6_addr unused;
	size_t n;

	if (close == NULL)
		return 0;
	n = (size_t)(close - t.p) - 1;
	if (n >= sizeof(address) || memchr(t.p + 1, '\0', n) != NULL)
		return 0;
	memcpy(address, t.p + 1, n);
	address[n] = '\0';
	return inet_pton(AF_INET6, address, &unused) == 1 ? n + 2 : 0;
}

/* A reg-name without comma, and no empty label but the last. */
static size_t
span_name(struct text t)
{
	size_t n;

	for (n = 0; n < t.n; n++) {
		if (t.p[n] == '.' && (n == 0 || t.p[n - 1] == '.'))
			return 0;
		if ((rules_chars[(uint8_t)t.p[n]] & CHAR_HOST) != 0)
			continue;
		if (t.p[n] != '%')
			break;
		if (t.n - n < 3 || !char_is(t.p[n + 1], CHAR_HEX) ||
		    !char_is(t.p[n + 2], CHAR_HEX))
			return 0;
		n += 2;
	}
	return n;
}

bool
authority_parse(struct text t, struct authority *a)
{
	uint64_t port = 0;
	size_t n;

	if (t.n == 0)
		return false;
	n = t.p[0] == '[' ? span_ipv6(t) : span_name(t);
	if (n == 0)
		return false;
	a->host = (struct text){ .p = t.p, .n = n };
	a->port = 0;
	if (n == t.n)
		return true;
	t = text_from(t, n);
	if (t.p[0] != ':')
		return false;
	if (t.n > 1 && (t.n > 6 ||
	    !text_parse_u64(text_from(t, 1), 65535, &port) || port == 0))
		return false;
	a->port = (unsigned)port;
	return true;
}

bool
authority_agrees(const struct authority *a, const struct authority *b,
    unsigned default_port)
{
	return text_eq_nocase(a->host, b->host) &&
	    (a->port != 0 ? a->port : default_port) ==
	    (b->port != 0 ? b->port : default_port);
}

bool
target_takes_raw(char c, bool in_query)
{
	if (!char_is(c, CHAR_RAW))
		return false;
	return in_query || (c != '"' && c != '<' && c != '>' && c != '\\');
}

const char *
target_end(const char *p)
{
	bool in_query = false;

	for (;; p++) {
		p = rules_skip(p, CHAR_TARGET);
		if (*p == '%') {
			if (!char_is(p[1], CHAR_HEX) ||
			    !char_is(p[2], CHAR_HEX))
				return NULL;
			p += 2;
			continue;
		}
		if (*p == '?')
			in_query = true;
		else if (!target_takes_raw(*p, in_query))
			return p;
	}
}

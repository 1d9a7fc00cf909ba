/*
 * Names, words of HTTP and the look of secrets; see value.h.
 */
#include "conf/value.h"

#include "conf/essu.h"

/* Shorter texts that look like base64 are mostly words. */
#define SECRET_MIN	40

bool
value_may_be_secret(struct text t)
{
	bool upper = false, lower = false, digit = false;

	if (text_starts_with(t, ESSU_PREFIX))
		return true;
	if (!text_is_made_of(t, "+/=_-"))
		return false;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];

		upper = upper || (c >= 'A' && c <= 'Z');
		lower = lower || (c >= 'a' && c <= 'z');
		digit = digit || ascii_is_digit(c);
	}
	return t.n >= SECRET_MIN && upper && lower && digit;
}

const char *
value_name(struct text t)
{
	if (value_may_be_secret(t))
		return "looks like a key itself, not like the name of one";
	if (t.n == 0 || t.n > VALUE_NAME_MAX)
		return "a name has 1 to 64 characters";
	return text_is_made_of(t, "._-") ? NULL :
	    "a name is made of letters, digits, '.', '_' and '-'";
}

const char *
value_token68(struct text t)
{
	size_t n = t.n;

	while (n > 0 && t.p[n - 1] == '=')
		n--;
	if (n == 0 || t.n > 512)
		return "must have 1 to 512 characters";
	return text_is_made_of(text_range(t.p, t.p + n), "-._~+/") ? NULL :
	    "must be made of letters, digits and -._~+/ (and = at its end)";
}

const char *
value_token(struct text t)
{
	if (value_may_be_secret(t))
		return "looks like a key itself";
	if (t.n == 0)
		return "must not be empty";
	return text_is_made_of(t, "!#$%&'*+-.^_`|~") ? NULL :
	    "must be one word, of letters, digits and !#$%&'*+-.^_`|~";
}

const char *
value_method(struct text t)
{
	const char *why = value_token(t);

	if (why != NULL)
		return why;
	if (text_eq(t, TEXT("*")))
		return "is no method; leave 'methods' out where all are meant";
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] >= 'a' && t.p[i] <= 'z')
			return "methods are written in upper case";
	}
	if (text_eq(t, TEXT("CONNECT")) || text_eq(t, TEXT("TRACE")))
		return "this method is always refused";
	return NULL;
}

const char *
value_prefix(struct text t, struct text *prefix)
{
	struct text rest, segment;

	if (t.n == 0 || t.p[0] != '/')
		return "must begin with '/'";
	if (t.n > 0 && t.p[t.n - 1] == '/')
		t.n--;
	*prefix = t;
	if (t.n == 0)
		return NULL;
	if (memchr(t.p, ';', t.n) != NULL)
		return "holds ';', from which on some servers cut a segment "
		       "off, so that it could be read in two ways";
	if (!text_is_made_of(t, "/-._~!$&'()*+,=:@"))
		return "must be a path without query, blanks and anything "
		       "encoded: letters, digits and /-._~!$&'()*+,=:@";
	rest = text_range(t.p + 1, t.p + t.n);
	while (text_split(&rest, '/', &segment)) {
		if (segment.n == 0 || text_eq(segment, TEXT(".")) ||
		    text_eq(segment, TEXT("..")))
			return "must not hold an empty segment, '.' or '..'";
	}
	return NULL;
}

const char *
value_secret(struct text t)
{
	if (t.n == 0)
		return "is empty";
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c == '\r' || c == '\n')
			return "holds the end of a line";
		if (c == ' ' || c == '\t')
			return "holds a space";
		if (c >= 0x80)
			return "holds a byte that is not ASCII";
		if (c < ' ' || c == 0x7f)
			return "holds a NUL or another control character";
	}
	return NULL;
}

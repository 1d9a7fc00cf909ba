/*
 * The grammar of single lines of HTTP/1.1; see h1_line.h.
 *
 * A section that h1_find_end() found ends in CR LF, and no class of bytes holds
 * CR or LF.  So a loop over a class, or a look at the byte behind a CR, cannot
 * leave the section, and needs no test for its end.
 */
#include "http/h1_line.h"

#include <assert.h>

#include "http/rules.h"

static bool
is_of_request(enum h1_section section)
{
	return section == H1_REQUEST || section == H1_REQUEST_TRAILERS;
}

static bool
is_crlf(const char *p)
{
	return p[0] == '\r' && p[1] == '\n';
}

/* p is behind the token that begins the line, the name of a field. */
static enum h1_result
check_colon(const char *start, const char *p, struct h1_why *why)
{
	if (*p == ':' && p != start)
		return H1_OK;
	if (*p == ':')
		return h1_bad(why, p, NULL, "is empty");
	if (is_crlf(p))
		return h1_bad(why, p, NULL, "has no colon behind it");
	return h1_bad_byte(why, p);
}

/* Name ":" OWS value OWS CRLF.  Moves *at behind the line. */
enum h1_result
h1_line_field(enum h1_section section, const char **at, struct field *f,
    struct h1_why *why)
{
	const char *p = *at, *start = p;
	unsigned classes = 0, class;

	while (((class = rules_chars[(unsigned char)*p]) & CHAR_TOKEN) != 0) {
		classes |= class;
		p++;
	}
	if (p == start || *p != ':')
		return check_colon(start, p, why);
	f->name = (struct text){ .p = start, .n = (size_t)(p - start) };
	if ((classes & CHAR_FOLD) != 0 && is_of_request(section) &&
	    field_name_is_disguised(f->name))
		return h1_bad(why, start, NULL, "can be read as another one");
	f->id = field_id_of(f->name);
	if (h1_is_trailers(section) && trailer_is_refused(f->id))
		return h1_bad(why, start, NULL, "has no place in trailers");
	for (p++; *p == ' ' || *p == '\t'; p++)
		;
	f->value = rules_take(&p, CHAR_FIELD);
	if (p[0] != '\r' || p[1] != '\n')
		return h1_bad_byte(why, p);
	*at = p + 2;
	while (f->value.n != 0 && (f->value.p[f->value.n - 1] == ' ' ||
	    f->value.p[f->value.n - 1] == '\t'))
		f->value.n--;
	return H1_OK;
}

enum h1_result
h1_line_fields(enum h1_section section, const char *p, const char *end,
    unsigned max, struct fields *list, struct h1_why *why)
{
	struct field f;
	enum h1_result r;

	while (p[0] != '\r' || p[1] != '\n') {
		if ((r = h1_line_field(section, &p, &f, why)) != H1_OK)
			return r;
		if (list->n == max)
			return H1_TOO_LARGE;
		fields_add(list, f.id, f.name, f.value);
	}
	assert(p + 2 == end);
	return H1_OK;
}

/* 10 for "HTTP/1.0", 11 for "HTTP/1.1", otherwise 0. */
uint8_t
h1_line_version(const char *p, const char *end)
{
	if (end - p < 8 || memcmp(p, "HTTP/1.", 7) != 0)
		return 0;
	if (p[7] != '0' && p[7] != '1')
		return 0;
	return p[7] == '1' ? 11 : 10;
}

/* The byte behind "http://" or "https://", or NULL. */
static const char *
skip_scheme(struct text target)
{
	static const struct text schemes[] = {
		{ "http://", 7 }, { "https://", 8 },
	};

	for (size_t i = 0; i < 2; i++) {
		if (text_starts_with_nocase(target, schemes[i]))
			return target.p + schemes[i].n;
	}
	return NULL;
}

/*
 * absolute-form (RFC 9112 section 3.2.2), http and https only: takes the
 * authority off, which leaves the origin form.
 */
static enum h1_result
split_absolute(struct head *h, struct h1_why *why)
{
	const char *end = h->target.p + h->target.n;
	const char *authority = skip_scheme(h->target), *path;

	if (authority == NULL)
		return h1_bad(why, h->target.p, "the target", "begins neither "
		    "with \"/\" nor with \"http://\" or \"https://\"");
	for (path = authority; path < end && *path != '/'; path++) {
		if (*path == '?')
			return h1_bad(why, path, "the target",
			    "has a query without a path");
	}
	h->absolute = true;
	h->authority = text_range(authority, path);
	h->target = text_range(path, end);
	if (path == end)
		h->target = text_eq(h->method, TEXT("OPTIONS")) ?
		    TEXT("*") : TEXT("/");
	return H1_OK;
}

/* One of the forms of RFC 9112 section 3.2, but not the authority form. */
enum h1_result
h1_line_check_form(struct head *h, struct h1_why *why)
{
	if (h->target.p[0] == '/')
		return H1_OK;
	if (text_eq(h->method, TEXT("CONNECT")))
		return h1_bad(why, NULL, NULL,
		    "CONNECT is refused: there are no tunnels here");
	if (h->target.p[0] != '*')
		return split_absolute(h, why);
	if (h->target.n == 1 && text_eq(h->method, TEXT("OPTIONS")))
		return H1_OK;
	return h1_bad(why, h->target.p, "the target",
	    "begins with \"*\", which stands alone and with OPTIONS");
}

/* p is where the valid part of a target ends; NULL: a "%" in it is bad. */
static enum h1_result
refuse_target(const char *start, const char *p, struct h1_why *why)
{
	if (p == NULL) {
		for (p = start; *p != '%' || (char_is(p[1], CHAR_HEX) &&
		    char_is(p[2], CHAR_HEX)); p++)
			;
		return h1_bad(why, p, NULL,
		    "holds a \"%\" without two hexadecimal digits");
	}
	if (is_crlf(p))
		return h1_bad(why, p, p == start ? "the target" : "the version",
		    "is missing");
	return h1_bad_byte(why, p);
}

/*
 * Expects version CRLF at p; space is the blank before, where the target ended.
 */
static enum h1_result
refuse_version(const struct head *h, const char *space, const char *p,
    const char *end, struct h1_why *why)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	if (text_eq(h->method, TEXT("PRI")) &&
	    text_eq(h->target, TEXT("*")))
		return h1_bad(why, NULL, NULL,
		    "this is HTTP/2, and this port speaks HTTP/1.1");
	if (memmem(p, (size_t)(lf - p), " HTTP/", 6) != NULL)
		return h1_bad_byte(why, space);
	if (h->version == 0)
		return h1_bad(why, p, "the version", is_crlf(p) ? "is missing" :
		    "is neither HTTP/1.1 nor HTTP/1.0");
	return h1_bad(why, p + 8, "the version", NULL);
}

/* method SP target SP version CRLF.  Moves *at behind it. */
enum h1_result
h1_line_request(const char **at, const char *end, size_t max_target,
    struct head *h, struct h1_why *why)
{
	const char *p = *at, *start;

	h->method = rules_take(&p, CHAR_TOKEN);
	if (h->method.n == 0 || *p != ' ')
		return h->method.n != 0 && is_crlf(p) ?
		    h1_bad(why, p, "the target", "is missing") :
		    h1_bad_byte(why, p);
	start = ++p;
	p = target_end(p);
	if (p == NULL || p == start || *p != ' ')
		return refuse_target(start, p, why);
	h->target = text_range(start, p);
	h->version = h1_line_version(++p, end);
	if (h->version == 0 || p[8] != '\r' || p[9] != '\n')
		return refuse_version(h, p - 1, p, end, why);
	*at = p + 10;
	if (h->target.n > max_target)
		return H1_TARGET_TOO_LONG;
	return h1_line_check_form(h, why);
}

/* version SP 3DIGIT [ SP [ reason ] ] CRLF.  Moves *at behind it. */
enum h1_result
h1_line_status(const char **at, const char *end, struct head *h,
    struct h1_why *why)
{
	const char *p = *at;

	h->version = h1_line_version(p, end);
	if (h->version == 0 || end - p < 14 || p[8] != ' ')
		return h1_bad(why, p, NULL, "does not begin with HTTP/1.1 or "
		    "HTTP/1.0 and a blank");
	for (p += 9; *p >= '0' && *p <= '9' && p - *at < 13; p++)
		h->status = (uint16_t)(h->status * 10 + (*p - '0'));
	if (p - *at != 12 || h->status < 100)
		return h1_bad(why, p, NULL, "has no status of three digits");
	if (*p == ' ')
		p = rules_skip(p, CHAR_FIELD);
	if (p[0] != '\r' || p[1] != '\n')
		return h1_bad_byte(why, p);
	*at = p + 2;
	return H1_OK;
}

/*
 * The syntax of HTTP/1.1 messages; see h1_parse.h.
 *
 * A section that h1_find_end() found ends in CR LF, and no class of bytes
 * holds CR or LF.  So no loop over a class, and no look at the next byte
 * behind a CR, can leave the section: they need no test for its end.
 */
#include "http/h1_parse.h"

#include <assert.h>

#include "http/rules.h"

static bool
is_of_request(enum h1_section section)
{
	return section == H1_REQUEST || section == H1_REQUEST_TRAILERS;
}

static bool
is_trailers(enum h1_section section)
{
	return section == H1_REQUEST_TRAILERS ||
	    section == H1_RESPONSE_TRAILERS;
}

/* The byte there does not belong. */
static enum h1_result
bad_byte(struct h1_why *why, const char *at)
{
	*why = (struct h1_why){ .at = at };
	return H1_BAD;
}

static enum h1_result
bad(struct h1_why *why, const char *at, const char *part, const char *what)
{
	*why = (struct h1_why){ .at = at, .part = part, .what = what };
	return H1_BAD;
}

static bool
is_crlf(const char *p)
{
	return p[0] == '\r' && p[1] == '\n';
}

/* Behind the token that begins a line and is the name of a field. */
static enum h1_result
check_colon(const char *start, const char *p, struct h1_why *why)
{
	if (*p == ':' && p != start)
		return H1_OK;
	if (*p == ':')
		return bad(why, p, NULL, "is empty");
	if (is_crlf(p))
		return bad(why, p, NULL, "has no colon behind it");
	return bad_byte(why, p);
}

/* Name ":" OWS value OWS CRLF.  Moves *at behind the line. */
static enum h1_result
parse_field(enum h1_section section, const char **at, struct field *f,
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
	f->name = text_range(start, p);
	if ((classes & CHAR_FOLD) != 0 && is_of_request(section) &&
	    field_name_is_disguised(f->name))
		return bad(why, start, NULL, "can be read as another one");
	f->id = field_id_of(f->name);
	if (is_trailers(section) && trailer_is_refused(f->id))
		return bad(why, start, NULL, "has no place in trailers");
	for (p++; *p == ' ' || *p == '\t'; p++)
		;
	start = p;
	while (char_is(*p, CHAR_FIELD))
		p++;
	if (!is_crlf(p))
		return bad_byte(why, p);
	*at = p + 2;
	while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	f->value = text_range(start, p);
	return H1_OK;
}

static enum h1_result
parse_fields(enum h1_section section, const char *p, const char *end,
    unsigned max, struct fields *list, struct h1_why *why)
{
	struct field f;
	enum h1_result r;

	while (p[0] != '\r' || p[1] != '\n') {
		if ((r = parse_field(section, &p, &f, why)) != H1_OK)
			return r;
		if (list->n == max)
			return H1_TOO_LARGE;
		fields_add(list, f.id, f.name, f.value);
	}
	assert(p + 2 == end);
	return H1_OK;
}

/* "HTTP/1.0" or "HTTP/1.1"; 0 where it is anything else. */
static uint8_t
parse_version(const char *p, const char *end)
{
	if (end - p < 8 || memcmp(p, "HTTP/1.", 7) != 0)
		return 0;
	if (p[7] != '0' && p[7] != '1')
		return 0;
	return p[7] == '1' ? 11 : 10;
}

/* Behind "http://" or "https://", or NULL. */
static const char *
skip_scheme(struct text target)
{
	static const struct text schemes[] = {
		{ "http://", 7 }, { "https://", 8 },
	};

	for (size_t i = 0; i < 2; i++) {
		size_t n = schemes[i].n;

		if (target.n >= n && text_eq_nocase(schemes[i],
		    (struct text){ target.p, n }))
			return target.p + n;
	}
	return NULL;
}

/*
 * absolute-form (RFC 9112 section 3.2.2), http and https only: the authority
 * is taken off, and what is left is the origin form.
 */
static enum h1_result
split_absolute(struct head *h, struct h1_why *why)
{
	const char *end = h->target.p + h->target.n;
	const char *authority = skip_scheme(h->target), *path;

	if (authority == NULL)
		return bad(why, h->target.p, "the target", "begins neither "
		    "with \"/\" nor with \"http://\" or \"https://\"");
	for (path = authority; path < end && *path != '/'; path++) {
		if (*path == '?')
			return bad(why, path, "the target",
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
static enum h1_result
check_form(struct head *h, struct h1_why *why)
{
	if (h->target.p[0] == '/')
		return H1_OK;
	if (text_eq(h->method, TEXT("CONNECT")))
		return bad(why, NULL, NULL, "CONNECT is refused: there are no "
		    "tunnels here");
	if (h->target.p[0] != '*')
		return split_absolute(h, why);
	if (h->target.n == 1 && text_eq(h->method, TEXT("OPTIONS")))
		return H1_OK;
	return bad(why, h->target.p, "the target", "begins with \"*\", which "
	    "stands alone and with OPTIONS");
}

/* Behind a target, or what of it there is (NULL: nowhere). */
static enum h1_result
refuse_target(const char *start, const char *p, struct h1_why *why)
{
	if (p == NULL) {
		for (p = start; *p != '%' || (char_is(p[1], CHAR_HEX) &&
		    char_is(p[2], CHAR_HEX)); p++)
			;
		return bad(why, p, NULL,
		    "holds a \"%\" without two hexadecimal digits");
	}
	if (is_crlf(p))
		return bad(why, p, p == start ? "the target" : "the version",
		    "is missing");
	return bad_byte(why, p);
}

/* version CRLF at p; space is the blank before it, where the target ended. */
static enum h1_result
refuse_version(const struct head *h, const char *space, const char *p,
    const char *end, struct h1_why *why)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	if (text_eq(h->method, TEXT("PRI")) &&
	    text_eq(h->target, TEXT("*")))
		return bad(why, NULL, NULL,
		    "this is HTTP/2, and this port speaks HTTP/1.1");
	if (memmem(p, (size_t)(lf - p), " HTTP/", 6) != NULL)
		return bad_byte(why, space);
	if (h->version == 0)
		return bad(why, p, "the version", is_crlf(p) ? "is missing" :
		    "is neither HTTP/1.1 nor HTTP/1.0");
	return bad(why, p + 8, "the version", NULL);
}

/* method SP target SP version CRLF.  Moves *at behind it. */
static enum h1_result
parse_request_line(const char **at, const char *end, size_t max_target,
    struct head *h, struct h1_why *why)
{
	const char *p = *at, *start = p;

	while (char_is(*p, CHAR_TOKEN))
		p++;
	if (p != start && is_crlf(p))
		return bad(why, p, "the target", "is missing");
	if (p == start || *p != ' ')
		return bad_byte(why, p);
	h->method = text_range(start, p);
	start = ++p;
	p = target_end(p);
	if (p == NULL || p == start || *p != ' ')
		return refuse_target(start, p, why);
	h->target = text_range(start, p);
	h->version = parse_version(++p, end);
	if (h->version == 0 || !is_crlf(p + 8))
		return refuse_version(h, p - 1, p, end, why);
	*at = p + 10;
	if (h->target.n > max_target)
		return H1_TARGET_TOO_LONG;
	return check_form(h, why);
}

/* version SP 3DIGIT [ SP [ reason ] ] CRLF.  Moves *at behind it. */
static enum h1_result
parse_status_line(const char **at, const char *end, struct head *h,
    struct h1_why *why)
{
	const char *p = *at;

	h->version = parse_version(p, end);
	if (h->version == 0 || end - p < 14 || p[8] != ' ')
		return bad(why, p, NULL, "does not begin with HTTP/1.1 or "
		    "HTTP/1.0 and a blank");
	for (p += 9; char_is(*p, CHAR_DIGIT) && p - *at < 13; p++)
		h->status = (uint16_t)(h->status * 10 + (*p - '0'));
	if (p - *at != 12 || h->status < 100)
		return bad(why, p, NULL, "has no status of three digits");
	if (*p == ' ') {
		while (char_is(*p, CHAR_FIELD))
			p++;
	}
	if (!is_crlf(p))
		return bad_byte(why, p);
	*at = p + 2;
	return H1_OK;
}

enum h1_result
h1_parse_request(const char *p, size_t n, const struct codec_limits *limits,
    struct fields *list, struct head *h, struct h1_why *why)
{
	const char *end = p + n;
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_REQUEST };
	fields_clear(list);
	r = parse_request_line(&p, end, limits->target, h, why);
	if (r == H1_OK)
		r = parse_fields(H1_REQUEST, p, end, limits->fields, list,
		    why);
	h->fields = *list;
	return r;
}

enum h1_result
h1_parse_response(const char *p, size_t n, const struct codec_limits *limits,
    struct fields *list, struct head *h, struct h1_why *why)
{
	const char *end = p + n;
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_RESPONSE };
	fields_clear(list);
	r = parse_status_line(&p, end, h, why);
	if (h->status < 200)
		h->kind = HEAD_INTERIM;
	if (r == H1_OK)
		r = parse_fields(H1_RESPONSE, p, end, limits->fields, list,
		    why);
	h->fields = *list;
	return r;
}

enum h1_result
h1_parse_trailers(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct fields *list, struct head *h,
    struct h1_why *why)
{
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_TRAILERS, .version = 11 };
	fields_clear(list);
	r = parse_fields(section, p, p + n, limits->fields, list, why);
	h->fields = *list;
	return r;
}

/* Bytes of targets only; target_end() needs one behind them that is not. */
static bool
may_be_target(const char *p, const char *end)
{
	while (p < end && (char_is(*p, CHAR_TARGET | CHAR_RAW) ||
	    *p == '%' || *p == '?'))
		p++;
	return p == end;
}

/* Where a word ends for certain, or NULL where end comes first. */
static const char *
end_of_word(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != '\r' && *p != '\n')
		p++;
	return p < end ? p : NULL;
}

/*
 * The target from *at on.  Moves *at behind it; false where its end did not
 * come or is not what it looks like.
 */
static bool
start_target(const char **at, const char *end,
    const struct codec_limits *limits, struct head *h)
{
	const char *p = *at, *stop = end_of_word(p, end);
	struct h1_why unused;

	if (!may_be_target(p, stop != NULL ? stop : end))
		return false;
	if (stop == NULL) {
		/* So long that it need not have ended. */
		if ((size_t)(end - p) > limits->target && *p == '/')
			h->target = text_range(p, end);
		return false;
	}
	*at = stop;
	h->target = text_range(p, stop);
	if (p == stop || target_end(p) != stop ||
	    check_form(h, &unused) != H1_OK)
		h->target = TEXT("");
	h->authority = TEXT("");
	h->absolute = false;
	return true;
}

void
h1_parse_start(const char *p, size_t n, const struct codec_limits *limits,
    struct head *h)
{
	const char *end = p + (n < limits->head ? n : limits->head);
	const char *stop = end_of_word(p, end);

	*h = (struct head){ .kind = HEAD_REQUEST };
	if (stop == NULL || *stop != ' ' ||
	    !token_is_valid(text_range(p, stop)))
		return;
	h->method = text_range(p, stop);
	p = stop + 1;
	if (start_target(&p, end, limits, h) && end - p > 9 && *p == ' ' &&
	    (p[9] == '\r' || p[9] == '\n'))
		h->version = parse_version(p + 1, end);
}

/* A finished line of a section that is not finished, or never will be. */
static enum h1_result
check_line(enum h1_section section, const char *p, const char *end,
    const struct codec_limits *limits, struct h1_scan *scan,
    struct h1_why *why)
{
	const bool first = scan->checked == 0;
	struct head h = { .kind = HEAD_REQUEST };
	struct field f;
	enum h1_result r;

	if (first && section == H1_REQUEST)
		return parse_request_line(&p, end, limits->target, &h, why);
	if (first && section == H1_RESPONSE)
		return parse_status_line(&p, end, &h, why);
	if ((r = parse_field(section, &p, &f, why)) != H1_OK)
		return r;
	return scan->fields++ == limits->fields ? H1_TOO_LARGE : H1_OK;
}

/*
 * The new bytes of an unfinished line: there is no LF among them, so a CR can
 * only be the last.
 */
static enum h1_result
check_rest(enum h1_section section, const char *p, size_t n,
    const struct h1_scan *scan, struct h1_why *why)
{
	size_t at = scan->seen;

	if (at > scan->line)
		at--;
	else
		at = scan->line;
	for (; at < n; at++) {
		if (!char_is(p[at], CHAR_FIELD) &&
		    (p[at] != '\r' || at != n - 1))
			return bad_byte(why, p + at);
	}
	if (section == H1_RESPONSE && scan->line == 0 &&
	    memcmp(p, "HTTP/1.", n < 7 ? n : 7) != 0)
		return bad(why, p, NULL, "does not begin with HTTP/1.1 or "
		    "HTTP/1.0 and a blank");
	return H1_OK;
}

/*
 * Everything that was not checked yet in n bytes of a section whose end is
 * not among them, line by line as the parser will or would have done: where
 * the bytes were cut must not decide what is said about them.
 */
static enum h1_result
check_unfinished(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct h1_scan *scan,
    struct h1_why *why)
{
	enum h1_result r;

	while (scan->checked < scan->line) {
		const char *line = p + scan->checked;
		const char *lf = memchr(line, '\n', scan->line - scan->checked);

		r = check_line(section, line, lf + 1, limits, scan, why);
		if (r != H1_OK)
			return r;
		scan->checked = (size_t)(lf + 1 - p);
	}
	return check_rest(section, p, n, scan, why);
}

/* In its first line a request is so for its target, or it is none. */
static enum h1_result
too_large(enum h1_section section, const char *p, size_t max,
    const struct codec_limits *limits, struct h1_scan *scan,
    struct h1_why *why)
{
	enum h1_result r = check_unfinished(section, p, max, limits, scan,
	    why);

	if (r != H1_OK)
		return r;
	if (section != H1_REQUEST || scan->line != 0)
		return H1_TOO_LARGE;
	return memchr(p, ' ', max) != NULL ? H1_TARGET_TOO_LONG :
	    bad(why, p, "the method", "is too long");
}

enum h1_result
h1_find_end(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct h1_scan *scan, size_t *len,
    struct h1_why *why)
{
	const size_t max = is_trailers(section) ? limits->trailers :
	    limits->head;
	size_t at = scan->seen;
	enum h1_result r;
	const char *lf;

	while (at < n && (lf = memchr(p + at, '\n', n - at)) != NULL) {
		const char *line = p + scan->line;

		at = (size_t)(lf + 1 - p);
		if (at > max)
			return too_large(section, p, max, limits, scan, why);
		if (lf == line || lf[-1] != '\r') {
			r = check_unfinished(section, p, scan->line, limits,
			    scan, why);
			return r == H1_OK ? bad_byte(why, lf) : r;
		}
		if (lf - line == 1) {
			*len = at;
			return H1_OK;
		}
		scan->line = at;
	}
	if (n > max)
		return too_large(section, p, max, limits, scan, why);
	r = check_unfinished(section, p, n, limits, scan, why);
	scan->seen = n;
	return r == H1_OK ? H1_MORE : r;
}

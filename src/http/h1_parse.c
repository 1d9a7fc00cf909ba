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

/* Name ":" OWS value OWS CRLF.  Moves *at behind the line. */
static enum h1_result
parse_field(enum h1_section section, const char **at, struct field *f)
{
	const char *p = *at, *start = p;
	unsigned classes = 0, class;

	while (((class = rules_chars[(unsigned char)*p]) & CHAR_TOKEN) != 0) {
		classes |= class;
		p++;
	}
	if (p == start || *p != ':')
		return H1_BAD;
	f->name = text_range(start, p);
	if ((classes & CHAR_FOLD) != 0 && is_of_request(section) &&
	    field_name_is_disguised(f->name))
		return H1_BAD;
	f->id = field_id_of(f->name);
	if (is_trailers(section) && trailer_is_refused(f->id))
		return H1_BAD;
	for (p++; *p == ' ' || *p == '\t'; p++)
		;
	start = p;
	while (char_is(*p, CHAR_FIELD))
		p++;
	if (p[0] != '\r' || p[1] != '\n')
		return H1_BAD;
	*at = p + 2;
	while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	f->value = text_range(start, p);
	return H1_OK;
}

static enum h1_result
parse_fields(enum h1_section section, const char *p, const char *end,
    unsigned max, struct fields *list)
{
	struct field f;
	enum h1_result r;

	while (p[0] != '\r' || p[1] != '\n') {
		if ((r = parse_field(section, &p, &f)) != H1_OK)
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
split_absolute(struct head *h)
{
	const char *end = h->target.p + h->target.n;
	const char *authority = skip_scheme(h->target), *path;

	if (authority == NULL)
		return H1_BAD;
	for (path = authority; path < end && *path != '/'; path++) {
		if (*path == '?')
			return H1_BAD;
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
check_form(struct head *h)
{
	if (h->target.p[0] == '/')
		return H1_OK;
	if (h->target.p[0] == '*')
		return h->target.n == 1 &&
		    text_eq(h->method, TEXT("OPTIONS")) ? H1_OK : H1_BAD;
	return split_absolute(h);
}

/* method SP target SP version CRLF.  Moves *at behind it. */
static enum h1_result
parse_request_line(const char **at, const char *end, size_t max_target,
    struct head *h)
{
	const char *p = *at, *start = p;

	while (char_is(*p, CHAR_TOKEN))
		p++;
	if (p == start || *p != ' ')
		return H1_BAD;
	h->method = text_range(start, p);
	start = ++p;
	p = target_end(p);
	if (p == NULL || p == start || *p != ' ')
		return H1_BAD;
	h->target = text_range(start, p);
	h->version = parse_version(++p, end);
	if (h->version == 0 || p[8] != '\r' || p[9] != '\n')
		return H1_BAD;
	*at = p + 10;
	if (h->target.n > max_target)
		return H1_TARGET_TOO_LONG;
	return check_form(h);
}

/* version SP 3DIGIT [ SP [ reason ] ] CRLF.  Moves *at behind it. */
static enum h1_result
parse_status_line(const char **at, const char *end, struct head *h)
{
	const char *p = *at;

	h->version = parse_version(p, end);
	if (h->version == 0 || end - p < 14 || p[8] != ' ')
		return H1_BAD;
	for (p += 9; char_is(*p, CHAR_DIGIT); p++) {
		h->status = (uint16_t)(h->status * 10 + (*p - '0'));
		if (h->status > 999)
			return H1_BAD;
	}
	if (p - *at != 12 || h->status < 100)
		return H1_BAD;
	if (*p == ' ') {
		while (char_is(*p, CHAR_FIELD))
			p++;
	}
	if (p[0] != '\r' || p[1] != '\n')
		return H1_BAD;
	*at = p + 2;
	return H1_OK;
}

enum h1_result
h1_parse_request(const char *p, size_t n, const struct codec_limits *limits,
    struct fields *list, struct head *h)
{
	const char *end = p + n;
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_REQUEST };
	fields_clear(list);
	r = parse_request_line(&p, end, limits->target, h);
	if (r == H1_OK)
		r = parse_fields(H1_REQUEST, p, end, limits->fields, list);
	h->fields = *list;
	return r;
}

enum h1_result
h1_parse_response(const char *p, size_t n, const struct codec_limits *limits,
    struct fields *list, struct head *h)
{
	const char *end = p + n;
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_RESPONSE };
	fields_clear(list);
	r = parse_status_line(&p, end, h);
	if (h->status < 200)
		h->kind = HEAD_INTERIM;
	if (r == H1_OK)
		r = parse_fields(H1_RESPONSE, p, end, limits->fields, list);
	h->fields = *list;
	return r;
}

enum h1_result
h1_parse_trailers(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct fields *list, struct head *h)
{
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_TRAILERS, .version = 11 };
	fields_clear(list);
	r = parse_fields(section, p, p + n, limits->fields, list);
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
	    check_form(h) != H1_OK)
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
    const struct codec_limits *limits, struct h1_scan *scan)
{
	const bool first = scan->checked == 0;
	struct head h = { .kind = HEAD_REQUEST };
	struct field f;
	enum h1_result r;

	if (first && section == H1_REQUEST)
		return parse_request_line(&p, end, limits->target, &h);
	if (first && section == H1_RESPONSE)
		return parse_status_line(&p, end, &h);
	if ((r = parse_field(section, &p, &f)) != H1_OK)
		return r;
	return scan->fields++ == limits->fields ? H1_TOO_LARGE : H1_OK;
}

/*
 * The new bytes of an unfinished line: there is no LF among them, so a CR can
 * only be the last.
 */
static enum h1_result
check_rest(enum h1_section section, const char *p, size_t n,
    const struct h1_scan *scan)
{
	size_t at = scan->seen;

	if (at > scan->line)
		at--;
	else
		at = scan->line;
	for (; at < n; at++) {
		if (!char_is(p[at], CHAR_FIELD) &&
		    (p[at] != '\r' || at != n - 1))
			return H1_BAD;
	}
	if (section == H1_RESPONSE && scan->line == 0 &&
	    memcmp(p, "HTTP/1.", n < 7 ? n : 7) != 0)
		return H1_BAD;
	return H1_OK;
}

/*
 * Everything that was not checked yet in n bytes of a section whose end is
 * not among them, line by line as the parser will or would have done: where
 * the bytes were cut must not decide what is said about them.
 */
static enum h1_result
check_unfinished(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct h1_scan *scan)
{
	enum h1_result r;

	while (scan->checked < scan->line) {
		const char *line = p + scan->checked;
		const char *lf = memchr(line, '\n', scan->line - scan->checked);

		r = check_line(section, line, lf + 1, limits, scan);
		if (r != H1_OK)
			return r;
		scan->checked = (size_t)(lf + 1 - p);
	}
	return check_rest(section, p, n, scan);
}

/* In its first line a request is so for its target, or it is none. */
static enum h1_result
too_large(enum h1_section section, const char *p, size_t max,
    const struct codec_limits *limits, struct h1_scan *scan)
{
	enum h1_result r = check_unfinished(section, p, max, limits, scan);

	if (r != H1_OK)
		return r;
	if (section != H1_REQUEST || scan->line != 0)
		return H1_TOO_LARGE;
	return memchr(p, ' ', max) != NULL ? H1_TARGET_TOO_LONG : H1_BAD;
}

enum h1_result
h1_find_end(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct h1_scan *scan, size_t *len)
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
			return too_large(section, p, max, limits, scan);
		if (lf == line || lf[-1] != '\r') {
			r = check_unfinished(section, p, scan->line, limits,
			    scan);
			return r == H1_OK ? H1_BAD : r;
		}
		if (lf - line == 1) {
			*len = at;
			return H1_OK;
		}
		scan->line = at;
	}
	if (n > max)
		return too_large(section, p, max, limits, scan);
	r = check_unfinished(section, p, n, limits, scan);
	scan->seen = n;
	return r == H1_OK ? H1_MORE : r;
}

/* Where the size's digits end. */
static size_t
span_hex(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && char_is(p[i], CHAR_HEX))
		i++;
	return i;
}

static bool
may_follow_size(struct text t, size_t padding)
{
	return (t.n <= padding && text_trim(t).n == 0) ||
	    chunk_extensions_are_valid(t);
}

enum h1_result
h1_parse_chunk(const char *p, size_t n, size_t padding, uint64_t *size,
    size_t *len)
{
	size_t digits = span_hex(p, n), end = digits;

	if ((n != 0 && digits == 0) || digits > 16)
		return H1_BAD;
	while (end < n && char_is(p[end], CHAR_FIELD))
		end++;
	if (end + 2 > H1_CHUNK_LINE)
		return H1_BAD;
	if (end == n)
		return H1_MORE;
	if (p[end] != '\r')
		return H1_BAD;
	if (end + 1 == n)
		return H1_MORE;
	if (p[end + 1] != '\n' ||
	    !chunk_size_parse((struct text){ p, digits }, size) ||
	    !may_follow_size(text_range(p + digits, p + end), padding))
		return H1_BAD;
	*len = end + 2;
	return H1_OK;
}

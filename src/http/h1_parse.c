/*
 * Sections of HTTP/1.1 messages, whole and in pieces; see h1_parse.h.  The
 * grammar of their lines is in h1_line.h.
 */
#include "http/h1_parse.h"

#include "http/h1_line.h"
#include "http/rules.h"

enum h1_result
h1_parse_request(const char *p, size_t n, const struct codec_limits *limits,
    struct fields *list, struct head *h, struct h1_why *why)
{
	const char *end = p + n;
	enum h1_result r;

	*h = (struct head){ .kind = HEAD_REQUEST };
	fields_clear(list);
	r = h1_line_request(&p, end, limits->target, h, why);
	if (r == H1_OK)
		r = h1_line_fields(H1_REQUEST, p, end, limits->fields, list,
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
	r = h1_line_status(&p, end, h, why);
	if (h->status < 200)
		h->kind = HEAD_INTERIM;
	if (r == H1_OK)
		r = h1_line_fields(H1_RESPONSE, p, end, limits->fields, list,
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
	r = h1_line_fields(section, p, p + n, limits->fields, list, why);
	h->fields = *list;
	return r;
}

/*
 * The bytes are all of targets.  Unlike target_end(), this needs no other byte
 * behind them.
 */
static bool
may_be_target(const char *p, const char *end)
{
	while (p < end && (char_is(*p, CHAR_TARGET | CHAR_RAW) ||
	    *p == '%' || *p == '?'))
		p++;
	return p == end;
}

/* The end of a word, or NULL where end comes before it. */
static const char *
end_of_word(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != '\r' && *p != '\n')
		p++;
	return p < end ? p : NULL;
}

/*
 * Reads the target at *at and moves *at behind it.  False where its end has not
 * come, or what ends there is no valid target.
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
		/* Too long already, whether or not its end has come. */
		if ((size_t)(end - p) > limits->target && *p == '/')
			h->target = text_range(p, end);
		return false;
	}
	*at = stop;
	h->target = text_range(p, stop);
	if (p == stop || target_end(p) != stop ||
	    h1_line_check_form(h, &unused) != H1_OK)
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
		h->version = h1_line_version(p + 1, end);
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
		return h1_line_request(&p, end, limits->target, &h, why);
	if (first && section == H1_RESPONSE)
		return h1_line_status(&p, end, &h, why);
	if ((r = h1_line_field(section, &p, &f, why)) != H1_OK)
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
			return h1_bad_byte(why, p + at);
	}
	if (section == H1_RESPONSE && scan->line == 0 &&
	    memcmp(p, "HTTP/1.", n < 7 ? n : 7) != 0)
		return h1_bad(why, p, NULL, "does not begin with HTTP/1.1 or "
		    "HTTP/1.0 and a blank");
	return H1_OK;
}

/*
 * Checks the rest of n bytes of a section whose end is not among them, line by
 * line as the parser does for a whole one: the place where the bytes were cut
 * must not decide what is said about them.
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

/*
 * A request that is too large within its first line has a long target, or is no
 * request.
 */
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
	    h1_bad(why, p, "the method", "is too long");
}

enum h1_result
h1_find_end(enum h1_section section, const char *p, size_t n,
    const struct codec_limits *limits, struct h1_scan *scan, size_t *len,
    struct h1_why *why)
{
	const size_t max = h1_is_trailers(section) ? limits->trailers :
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
			return r == H1_OK ? h1_bad_byte(why, lf) : r;
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

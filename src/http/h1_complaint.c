/*
 * Refused messages in words; see h1_complaint.h.  The parser says where it
 * stopped; the part of the message that this place is in is found here, where
 * time does not matter.
 */
#include "http/h1_complaint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "http/rules.h"

/* Room for the description of a part, with the name of a field. */
#define PART		96

/* Real names are hardly longer. */
#define MAX_NAME	40

/* The first byte of every TLS connection (RFC 8446 section 5.1). */
#define TLS_HANDSHAKE	0x16

/* The line that a byte is in, and its number; the first is 0. */
struct line {
	struct text text;	/* without its end */
	unsigned number;
};

static struct line
find_line(const char *p, size_t n, const char *at)
{
	struct line line = { .number = 0 };
	const char *start = p, *end, *lf;

	for (const char *q = p; q < at; q++) {
		if (*q == '\n') {
			line.number++;
			start = q + 1;
		}
	}
	end = p + n;
	lf = memchr(start, '\n', (size_t)(end - start));
	line.text = text_range(start, lf != NULL ? lf : end);
	if (text_ends_with(line.text, TEXT("\r")))
		line.text.n--;
	return line;
}

/* The beginning of the version in a request line, or NULL. */
static const char *
find_version(struct text line)
{
	const char *space = line.n != 0 ? memrchr(line.p, ' ', line.n) : NULL;

	return space != NULL && text_starts_with(
	    text_range(space + 1, line.p + line.n), TEXT("HTTP/")) ?
	    space + 1 : NULL;
}

static const char *
part_of_request_line(struct text line, const char *at)
{
	const char *target = memchr(line.p, ' ', line.n);
	const char *version = find_version(line);

	if (target == NULL || at <= target)
		return "the method";
	if (version != NULL && at >= version)
		return "the version";
	if (at == target + 1)
		return "the target";
	return memchr(target, '?', (size_t)(at - target)) != NULL ?
	    "the query" : "the path";
}

/*
 * A name in a response may be a reflected key, unless it is one of the table.
 * A name in a request cannot: clients have no key.
 */
static bool
may_be_shown(enum h1_section section, struct text name)
{
	if (section == H1_RESPONSE || section == H1_RESPONSE_TRAILERS)
		return field_id_of(name) != FIELD_OTHER;
	return name.n <= MAX_NAME && token_is_valid(name);
}

static void
name_field(enum h1_section section, const struct line *line, const char *at,
    char *part)
{
	const bool trailer = section == H1_REQUEST_TRAILERS ||
	    section == H1_RESPONSE_TRAILERS;
	const char *what = trailer ? "trailer" : "field";
	unsigned number = line->number + trailer;
	const char *colon = memchr(line->text.p, ':', line->text.n);
	struct text name;

	if (colon == NULL || at <= colon) {
		(void)snprintf(part, PART, "the name of %s %u", what, number);
		return;
	}
	name = text_range(line->text.p, colon);
	if (may_be_shown(section, name))
		(void)snprintf(part, PART, "the value of %.*s",
		    TEXT_ARG(name));
	else
		(void)snprintf(part, PART, "the value of %s %u", what,
		    number);
}

static void
name_part(enum h1_section section, const struct line *line, const char *at,
    char *part)
{
	const char *of_first = NULL;

	if (line->number == 0 && section == H1_REQUEST)
		of_first = part_of_request_line(line->text, at);
	else if (line->number == 0 && section == H1_RESPONSE)
		of_first = "the status line";
	if (of_first != NULL)
		(void)snprintf(part, PART, "%s", of_first);
	else
		name_field(section, line, at, part);
}

/* The part is of a target, where bytes can be written percent-encoded. */
static bool
is_of_target(const char *part)
{
	return strcmp(part, "the target") == 0 ||
	    strcmp(part, "the path") == 0 || strcmp(part, "the query") == 0;
}

static char *
complain_of_byte(const char *part, char c)
{
	const char *raw = is_of_target(part) ? "raw " : "";
	unsigned byte = (unsigned char)c;

	switch (c) {
	case ' ':
		return xasprintf("%s holds a %sblank", part, raw);
	case '\t':
		return xasprintf("%s holds a %stab", part, raw);
	case '\r':
		return xasprintf("%s holds a bare CR", part);
	case '\n':
		return xasprintf("%s holds a bare LF", part);
	case '\0':
		return xasprintf("%s holds a %sNUL", part, raw);
	default:
		break;
	}
	if (byte > 0x20 && byte < 0x7f)
		return xasprintf("%s holds a %s'%c'", part, raw, c);
	return xasprintf("%s holds the %sbyte 0x%02X", part, raw, byte);
}

char *
h1_complain(enum h1_section section, const char *p, size_t n,
    const struct h1_why *why)
{
	char part[PART];
	struct line line;

	if (why->at == NULL)
		return xstrdup(why->what);
	if (section == H1_REQUEST && n != 0 && *p == TLS_HANDSHAKE)
		return xstrdup("this is TLS, and this port speaks plain HTTP");
	line = find_line(p, n, why->at);
	if (why->part != NULL)
		(void)snprintf(part, sizeof(part), "%s", why->part);
	else
		name_part(section, &line, why->at, part);
	return why->what != NULL ? xasprintf("%s %s", part, why->what) :
	    complain_of_byte(part, *why->at);
}

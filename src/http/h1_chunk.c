/*
 * The first line of a chunk (RFC 9112 section 7.1); see h1_parse.h.
 */
#include "http/h1_parse.h"

#include "http/h1_line.h"
#include "http/rules.h"

/* The number of digits of the size. */
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

#define THE_SIZE	"the size of a chunk"
#define BEHIND_SIZE	"what follows the size of a chunk"

/* A whole line, without its end. */
static enum h1_result
parse_chunk_line(struct text line, size_t digits, size_t padding,
    uint64_t *size, struct h1_why *why)
{
	const char *behind = line.p + digits;

	if (!chunk_size_parse((struct text){ line.p, digits }, size))
		return h1_bad(why, line.p, THE_SIZE, "is too large");
	if (may_follow_size(text_range(behind, line.p + line.n), padding))
		return H1_OK;
	if (*behind == ';' || *behind == ' ' || *behind == '\t')
		return h1_bad(why, behind, BEHIND_SIZE,
		    "is no chunk extension");
	return h1_bad(why, behind, THE_SIZE, NULL);
}

enum h1_result
h1_parse_chunk(const char *p, size_t n, size_t padding, uint64_t *size,
    size_t *len, struct h1_why *why)
{
	size_t digits = span_hex(p, n), end = digits;

	if (n != 0 && digits == 0)
		return h1_bad(why, p, THE_SIZE,
		    *p == '\r' ? "is missing" : NULL);
	if (digits > 16)
		return h1_bad(why, p, THE_SIZE, "has more than 16 digits");
	while (end < n && char_is(p[end], CHAR_FIELD))
		end++;
	if (end + 2 > H1_CHUNK_LINE)
		return h1_bad(why, p, BEHIND_SIZE, "is too long");
	if (end == n)
		return H1_MORE;
	if (p[end] == '\r' && end + 1 == n)
		return H1_MORE;
	if (p[end] != '\r' || p[end + 1] != '\n')
		return h1_bad(why, p + end, end == digits ? THE_SIZE :
		    BEHIND_SIZE, NULL);
	*len = end + 2;
	return parse_chunk_line((struct text){ p, end }, digits, padding,
	    size, why);
}

/*
 * Characters of paths; see character.h.
 */
#include "policy/character.h"

#include "http/rules.h"

static unsigned
digit(char c)
{
	if (ascii_is_digit(c))
		return (unsigned)(c - '0');
	return (unsigned)(ascii_lower(c) - 'a' + 10);
}

static bool
is_hex(unsigned c)
{
	return c < 0x80 && char_is((char)c, CHAR_HEX);
}

const char *
character_take_once(const char *p, const char *end, struct character *c)
{
	if (*p != '%' || end - p < 3 || !char_is(p[1], CHAR_HEX) ||
	    !char_is(p[2], CHAR_HEX)) {
		*c = (struct character){ .c = (unsigned char)*p };
		return p + 1;
	}
	*c = (struct character){
		.c = digit(p[1]) << 4 | digit(p[2]), .encoded = true,
	};
	return p + 3;
}

const char *
character_take(const char *p, const char *end, bool twice, struct character *c)
{
	struct character high, low;
	const char *next = character_take_once(p, end, c), *after;

	if (!twice || c->c != '%' || next == end)
		return next;
	after = character_take_once(next, end, &high);
	if (!is_hex(high.c) || after == end)
		return next;
	after = character_take_once(after, end, &low);
	if (!is_hex(low.c))
		return next;
	*c = (struct character){
		.c = digit((char)high.c) << 4 | digit((char)low.c),
		.encoded = true,
	};
	return after;
}

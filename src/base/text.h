/*
 * Texts: a pointer and a length, not owning the bytes, with no NUL at the end.
 * Nothing here allocates and nothing depends on the locale.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *p;
	size_t n;
};

/* A text of a string literal. */
#define TEXT(literal) \
	((struct text){ .p = "" literal, .n = sizeof(literal) - 1 })

/* For printf's "%.*s". */
#define TEXT_ARG(t)	(int)(t).n, (t).p

static inline struct text
text_of(const char *s)
{
	return (struct text){ .p = s, .n = strlen(s) };
}

static inline struct text
text_range(const char *from, const char *to)
{
	return (struct text){ .p = from, .n = (size_t)(to - from) };
}

/* The rest of a text from byte number at on. */
static inline struct text
text_from(struct text t, size_t at)
{
	return (struct text){ .p = t.p + at, .n = t.n - at };
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alnum(char c)
{
	return ascii_is_digit(c) || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/* A blank between words, ends of lines included. */
static inline bool
ascii_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* strchr() for a byte that may be NUL. */
static inline bool
ascii_is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Same bytes; the second ignores the case of ASCII letters. */
bool		text_eq(struct text, struct text);
bool		text_eq_nocase(struct text, struct text);

/* As memcmp(); a text comes before a longer one that begins with it. */
int		text_compare(struct text, struct text);

bool		text_starts_with(struct text, struct text prefix);
bool		text_starts_with_nocase(struct text, struct text prefix);
bool		text_ends_with(struct text, struct text suffix);
bool		text_contains(struct text, struct text what);

/* The text has only ASCII letters, digits and these characters. */
bool		text_is_made_of(struct text, const char *others);

/* There is a control character (C0, DEL or C1), which terminals obey. */
bool		text_has_control(struct text);

/*
 * Overwrites each control character of a string with '?', but those of keep
 * ("\n", or ""): a terminal may show the result.
 */
void		text_defuse(char *, const char *keep);

/* The text is empty or has only blanks, as ascii_is_blank() says. */
bool		text_is_blank(struct text);

/* "\n" where the text does not end in one and is not empty, else nothing. */
struct text	text_line_end(struct text);

/* The text without SP and HTAB at its ends (OWS, RFC 9110 section 5.6.3). */
struct text	text_trim(struct text);

/*
 * Takes the part before the first separator off *rest.  False when *rest was
 * exhausted: "a,b" gives "a", "b"; "a," gives "a", ""; "" gives "" once.
 * Start with .p not NULL; at the end *rest has .p NULL.
 */
bool		text_split(struct text *rest, char separator,
		    struct text *part);

/* Decimal digits, written into the caller's array. */
#define TEXT_DIGITS	20
struct text	text_of_u64(uint64_t, char digits[TEXT_DIGITS]);

/*
 * Strict integers: digits only, at least one, no sign, no space, no value
 * over max.  On false *value is untouched.
 */
bool		text_parse_u64(struct text, uint64_t max, uint64_t *value);
bool		text_parse_hex(struct text, uint64_t max, uint64_t *value);

#endif

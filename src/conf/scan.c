/*
 * The look at a configuration's tokens; see scan.h.  It knows the order of
 * tokens, and no option.  It prints nothing of the text, which may be secret.
 */
#include "conf/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/status.h"
#include "conf/nesting.h"
#include "conf/token.h"
#include "conf/value.h"

struct scan {
	char *begin, *at, *end;
	unsigned line;
	char last;		/* first byte of the last token; 0: none; '@':
				   it was included, and is unknown */
	struct text word;	/* the last one */
	struct nesting nesting;
	bool sealed;
	bool readable;
	const char *file;
	struct scan_includes *includes;	/* NULL: includes are not collected */
	struct conf_diagnostics *diagnostics;
};

static bool
starts(const struct scan *s, const char *what)
{
	return text_starts_with(text_range(s->at, s->end), text_of(what));
}

static void
advance(struct scan *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s->at[i] == '\n')
			s->line++;
	}
	s->at += n;
}

static void
refuse(struct scan *s, unsigned line, const char *why)
{
	conf_error(s->diagnostics, s->file, line, "%s", why);
	s->readable = false;
}

/* A value is expected or allowed: behind "=", or in a list. */
static bool
takes_value(const struct scan *s)
{
	switch (s->last) {
	case '=':
	case ':':
	case '@':
		return true;
	case '(':
	case '[':
	case ',':
		return nesting_inside(&s->nesting) != '{';
	default:
		return false;
	}
}

/* A value is expected, and nothing else is allowed. */
static bool
needs_value(const struct scan *s)
{
	return s->last != '@' && !s->nesting.lost && takes_value(s);
}

static void
refuse_string(struct scan *s, unsigned line)
{
	if (nesting_inside(&s->nesting) == '{')
		refuse(s, line, "syntax error: no text in quotes can stand "
		    "here; is '=' missing before it?");
	else
		refuse(s, line, "syntax error: no text in quotes can stand "
		    "here; is ',' or '\"' missing before it?");
}

/* Replaces escaped NULs; see scan.h. */
static void
replace_nuls(char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		struct text rest = { .p = p + i, .n = n - i };

		if (text_starts_with_nocase(rest, TEXT("\\x00")))
			p[i + 3] = '1';
		i += token_escape(rest);
	}
}

/* A string of one or several parts. */
static void
scan_string(struct scan *s, struct token t)
{
	if (!takes_value(s) && s->last != '"' && !s->nesting.lost)
		refuse_string(s, s->line);
	if (s->last != '@')
		s->last = '"';
	if (t.open) {
		refuse(s, s->line, "this text in quotes has no end in its "
		    "line: a '\"' is missing");
		nesting_give_up(&s->nesting);
	}
	replace_nuls(s->at, t.text.n);
	advance(s, t.text.n);
}

/* All that libconfig reads as numbers, and perhaps some more. */
static bool
is_number(struct text word)
{
	size_t n_points = 0;

	if (text_starts_with(word, TEXT("0")) && word.n > 1 &&
	    ascii_is_one_of(word.p[1], "xXbBoOqQ"))
		return true;
	for (size_t i = 0; i < word.n; i++) {
		if (!ascii_is_digit(word.p[i]) &&
		    !ascii_is_one_of(word.p[i], ".eE+-L"))
			return false;
		n_points += word.p[i] == '.';
	}
	return n_points < 2 &&
	    (!ascii_is_alnum(*word.p) || ascii_is_digit(*word.p));
}

static bool
is_value(struct text word)
{
	return is_number(word) || text_eq_nocase(word, TEXT("true")) ||
	    text_eq_nocase(word, TEXT("false"));
}

/* The word is no value and no name: most likely a text without quotes. */
static bool
lacks_quotes(const struct scan *s, struct text word)
{
	const char *p = word.p + word.n;

	if (!needs_value(s) || is_value(word))
		return false;
	while (p < s->end && ascii_is_one_of(*p, " \t\r\n"))
		p++;
	return p == s->end || *p != '=';
}

/*
 * libconfig silently keeps 32 bits of a number without "L".  Nine decimal or
 * seven hexadecimal digits always fit, and no option needs more.
 */
static void
check_number(struct scan *s, struct text word)
{
	const char *at = word.p, *end = word.p + word.n;
	bool hex = starts(s, "0x") || starts(s, "0X");

	if (*at != '-' && *at != '+' && !ascii_is_digit(*at))
		return;
	at += hex ? 2 : *at == '-' || *at == '+' ? 1 : 0;
	while (end > at && *(end - 1) == 'L')
		end--;
	while (at < end && *at == '0')
		at++;
	if (end - at > (hex ? 7 : 9))
		conf_error(s->diagnostics, s->file, s->line, SCAN_TOO_LARGE);
}

/* True after an error: a name is not followed by "=". */
static bool
check_equals(struct scan *s)
{
	if (s->last != 'a' || s->nesting.lost || is_value(s->word) ||
	    nesting_inside(&s->nesting) != '{')
		return false;
	if (value_may_be_secret(s->word))
		refuse(s, s->line, "a key stands where an option is expected");
	else
		conf_error(s->diagnostics, s->file, s->line, "'=' is missing "
		    "behind '%.*s'", TEXT_ARG(s->word));
	s->readable = false;
	return true;
}

/* Refuses a value without quotes, and skips to where it may end. */
static void
refuse_word(struct scan *s)
{
	refuse(s, s->line, "this value must stand in double quotes");
	while (s->at < s->end && !ascii_is_one_of(*s->at, ";,)]}\n"))
		advance(s, 1);
	s->last = '"';
}

static void
scan_word(struct scan *s, struct text word)
{
	(void)check_equals(s);
	s->word = word;
	if (lacks_quotes(s, word)) {
		refuse_word(s);
		return;
	}
	check_number(s, word);
	advance(s, word.n);
	if (s->last != '@')
		s->last = 'a';
}

/* The character comes where a value is missing. */
static bool
lacks_value(const struct scan *s, char c)
{
	if (s->nesting.lost)
		return false;
	switch (s->last) {
	case '=':
	case ':':
		return ascii_is_one_of(c, ";,)]}");
	case '(':
	case '[':
		return c == ',';
	case ',':
		return nesting_inside(&s->nesting) != '{' &&
		    ascii_is_one_of(c, ";,)]}");
	default:
		return false;
	}
}

/* Handles brackets and separators. */
static bool
nest(struct scan *s, char c)
{
	if (lacks_value(s, c))
		refuse(s, s->line, s->last == ',' ?
		    "a value is missing here, or the ',' is too much" :
		    "a value is missing here");
	switch (c) {
	case '(':
	case '[':
	case '{':
		return nesting_open(&s->nesting, c, takes_value(s) ||
		    check_equals(s), s->line);
	case ')':
	case ']':
	case '}':
		return nesting_close(&s->nesting, c, s->line);
	case ',':
	case ';':
		return nesting_separate(&s->nesting, c, s->line);
	case '=':
	case ':':
		return s->last != 'a' ||
		    nesting_name(&s->nesting, s->word, s->line);
	default:
		return true;
	}
}

static bool
is_first(const struct scan *s)
{
	const char *p = s->at;

	while (p > s->begin && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == s->begin || p[-1] == '\n';
}

/* The token is between two options, and first in its line. */
static bool
is_alone(const struct scan *s)
{
	return s->nesting.depth == 0 && s->last != '=' && s->last != ':' &&
	    is_first(s);
}

/* The rest of the line is only space, or a comment. */
static bool
is_bare(struct text rest)
{
	while (rest.n > 0 && (*rest.p == ' ' || *rest.p == '\t' ||
	    *rest.p == '\r'))
		rest = text_range(rest.p + 1, rest.p + rest.n);
	return rest.n == 0 || *rest.p == '#' ||
	    text_starts_with(rest, TEXT("//"));
}

/*
 * @include "NAME" and nothing else; names with an escape are left to libconfig.
 */
static bool
find_name(const struct scan *s, struct text *name)
{
	const char *p = s->at + strlen("@include"), *from = p, *quote;
	const char *end = memchr(s->at, '\n', (size_t)(s->end - s->at));

	if (end == NULL)
		end = s->end;
	if (!starts(s, "@include"))
		return false;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == from || p == end || *p != '"')
		return false;
	p++;
	quote = memchr(p, '"', (size_t)(end - p));
	if (quote == NULL || memchr(p, '\\', (size_t)(quote - p)) != NULL)
		return false;
	*name = text_range(p, quote);
	return is_bare(text_range(quote + 1, end));
}

static void
take_include(struct scan *s, struct text name)
{
	struct scan_includes *in = s->includes;

	if (in->n == in->cap) {
		in->cap = in->cap != 0 ? in->cap * 2 : 8;
		in->v = xreallocarray(in->v, in->cap, sizeof(*in->v));
	}
	in->v[in->n++] = (struct scan_include){
		.name = xstrndup(name.p, name.n), .line = s->line };
	memset(s->at, ' ', (size_t)(name.p + name.n + 1 - s->at));
}

/* Handles an @include; true: it was taken out of the text. */
static bool
meet_include(struct scan *s)
{
	struct text name;

	if (s->includes != NULL && is_alone(s) && find_name(s, &name)) {
		take_include(s, name);
		return true;
	}
	if (s->sealed && s->includes == NULL)
		refuse(s, s->line, "a sealed file cannot use @include: its "
		    "content must be its own");
	else if (s->sealed)
		refuse(s, s->line, "in a sealed file, @include \"FILE\" must "
		    "be a line of its own, outside of all brackets");
	else if (starts(s, "@include") && !is_first(s))
		refuse(s, s->line, "@include must be the first in its line");
	return false;
}

static void
scan_sign(struct scan *s, char c)
{
	if (c == '@' && meet_include(s))
		return;
	if (needs_value(s) && !ascii_is_one_of(c, "()[]{},;=:@")) {
		refuse_word(s);
		return;
	}
	if (!nest(s, c))
		s->readable = false;
	advance(s, 1);
	s->last = c;
}

static void
scan_comment(struct scan *s, struct token t)
{
	if (t.open)
		refuse(s, s->line, "this comment has no end");
	advance(s, t.text.n);
}

static void
scan_next(struct scan *s)
{
	struct text rest = text_range(s->at, s->end);
	struct token t = token_next_or_comment(&rest);

	advance(s, (size_t)(t.text.p - s->at));
	switch (t.kind) {
	case TOKEN_END:
		break;
	case TOKEN_COMMENT:
		scan_comment(s, t);
		break;
	case TOKEN_WORD:
		scan_word(s, t.text);
		break;
	case TOKEN_STRING:
		scan_string(s, t);
		break;
	case TOKEN_SIGN:
		scan_sign(s, token_sign(t));
		break;
	}
}

/* Some editors write a mark before UTF-8; libconfig takes it for a word. */
static void
skip_mark(const struct scan *s)
{
	memset(s->at, ' ', encoding_mark(text_range(s->at, s->end)));
}

static bool
scan_all(struct scan *s, char inside)
{
	struct text all = text_range(s->begin, s->end);
	const char *nul = memchr(all.p, '\0', all.n);

	if (encoding_is_utf16(all)) {
		refuse(s, 1, status_text(STATUS_UTF16));
		return false;
	}
	if (nul != NULL) {
		advance(s, (size_t)(nul - all.p));
		refuse(s, s->line, "holds a NUL byte: not a text");
		return false;
	}
	skip_mark(s);
	nesting_start(&s->nesting, inside, s->file, s->diagnostics);
	while (s->at < s->end)
		scan_next(s);
	if (!nesting_end(&s->nesting))
		s->readable = false;
	nesting_free(&s->nesting);
	return s->readable;
}

bool
scan_text(char *p, size_t n, bool sealed, const char *file,
    struct scan_includes *includes, struct conf_diagnostics *diagnostics)
{
	struct scan s = { .begin = p, .at = p, .end = p + n, .line = 1,
		.sealed = sealed, .readable = true, .file = file,
		.includes = includes, .diagnostics = diagnostics };

	return scan_all(&s, '{');
}

bool
scan_fragment(char *p, size_t n, bool sealed, const char *file,
    struct conf_diagnostics *diagnostics)
{
	struct scan s = { .begin = p, .at = p, .end = p + n, .line = 1,
		.last = '@', .sealed = sealed, .readable = true,
		.file = file, .diagnostics = diagnostics };

	return scan_all(&s, NESTING_ANY);
}

void
scan_includes_free(struct scan_includes *includes)
{
	for (size_t i = 0; i < includes->n; i++) {
		char *name = includes->v[i].name;

		explicit_bzero(name, strlen(name));
		free(name);
	}
	free(includes->v);
	*includes = (struct scan_includes){ .v = NULL };
}

/*
 * Text around a value; see key_peel.h.  Each step takes one thing off and notes
 * it; they are tried until none finds anything more.
 */
#include "keyfile/key_peel.h"

#include <stdbool.h>

#include "conf/key_look.h"
#include "keyfile/label.h"

struct peeler {
	struct text t;
	const char *field, *scheme;
	struct key_peeled *out;
};

static const char *const words[N_PEELS] = {
	[PEEL_MARK] = "a byte order mark before it",
	[PEEL_BLANKS] = "blanks or line ends around it",
	[PEEL_QUOTES] = "quotes around it",
	[PEEL_COMMAND] = "a command before it",
	[PEEL_NAME] = "NAME= before it",
	[PEEL_FIELD] = "the name of a field before it",
	[PEEL_SCHEME] = "the word of a scheme before it",
	[PEEL_SIGN] = "a comma or semicolon behind it",
	[PEEL_REMARK] = "a remark behind it",
};

/* The words that stand before credentials in Authorization. */
static const char *const schemes[] = { "ApiKey", "Bearer", "Basic", "Token" };

static struct text
trim_left(struct text t)
{
	while (t.n != 0 && ascii_is_blank(t.p[0]))
		t = text_range(t.p + 1, t.p + t.n);
	return t;
}

static bool
take(struct text *t, struct text prefix)
{
	if (!text_starts_with_nocase(*t, prefix))
		return false;
	*t = text_from(*t, prefix.n);
	return true;
}

/* The same, where a blank follows the word, and text follows the blank. */
static bool
take_word(struct text *t, const char *word)
{
	struct text rest = *t;

	if (!take(&rest, text_of(word)) || rest.n == 0 ||
	    !ascii_is_blank(rest.p[0]))
		return false;
	*t = trim_left(rest);
	return t->n != 0;
}

static bool
leave(struct peeler *p, struct text rest, enum key_peel what)
{
	p->t = rest;
	p->out->seen |= 1U << what;
	return true;
}

/* The steps. */

static bool
peel_mark(struct peeler *p)
{
	struct text rest = p->t;

	return take(&rest, TEXT("\xef\xbb\xbf")) &&
	    leave(p, rest, PEEL_MARK);
}

/* Also takes off blanks that are copied from web pages. */
static bool
peel_blanks(struct peeler *p)
{
	static const struct text wide[] = {
		{ "\xc2\xa0", 2 }, { "\xe2\x80\x8b", 3 },
	};
	struct text t = trim_left(p->t);

	while (t.n != 0 && ascii_is_blank(t.p[t.n - 1]))
		t.n--;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		(void)take(&t, wide[i]);
		if (text_ends_with(t, wide[i]))
			t.n -= wide[i].n;
	}
	return t.n != p->t.n && leave(p, t, PEEL_BLANKS);
}

/* Without another quote of the pair between: that would be two texts. */
static bool
peel_quotes(struct peeler *p)
{
	static const struct text pairs[][2] = {
		{ { "\"", 1 }, { "\"", 1 } }, { { "'", 1 }, { "'", 1 } },
		{ { "`", 1 }, { "`", 1 } },
		{ { "\xe2\x80\x9c", 3 }, { "\xe2\x80\x9d", 3 } },
		{ { "\xe2\x80\x98", 3 }, { "\xe2\x80\x99", 3 } },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct text *open = &pairs[i][0], *end = &pairs[i][1];
		struct text inside;

		if (p->t.n < open->n + end->n ||
		    !text_starts_with(p->t, *open) ||
		    !text_ends_with(p->t, *end))
			continue;
		inside = text_range(p->t.p + open->n,
		    p->t.p + (p->t.n - end->n));
		if (!text_contains(inside, *open) &&
		    !text_contains(inside, *end))
			return leave(p, inside, PEEL_QUOTES);
	}
	return false;
}

static bool
peel_command(struct peeler *p)
{
	static const char *const commands[] = { "export", "set", "-H",
		"--header" };
	struct text rest = p->t;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (take_word(&rest, commands[i]))
			return leave(p, rest, PEEL_COMMAND);
	}
	return take(&rest, TEXT("$env:")) && rest.n != 0 &&
	    leave(p, rest, PEEL_COMMAND);
}

static bool
peel_field(struct peeler *p)
{
	struct text rest = p->t;

	if (!take(&rest, TEXT("Authorization")) &&
	    (p->field == NULL || !take(&rest, text_of(p->field))))
		return false;
	rest = trim_left(rest);
	return take(&rest, TEXT(":")) && rest.n != 0 &&
	    leave(p, trim_left(rest), PEEL_FIELD);
}

bool
key_peel_is_variable(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (!(t.p[i] >= 'A' && t.p[i] <= 'Z') && t.p[i] != '_' &&
		    (i == 0 || !ascii_is_digit(t.p[i])))
			return false;
	}
	return t.n >= 2;
}

/* A name, in quotes or not, at the beginning of *rest. */
static bool
take_name(struct text *rest, struct text *name)
{
	char quote = rest->n != 0 && ascii_is_one_of(rest->p[0], "\"'") ?
	    rest->p[0] : '\0';
	const char *from = rest->p + (quote != '\0'), *p = from;
	const char *end = rest->p + rest->n;

	while (p < end && (ascii_is_alnum(*p) || ascii_is_one_of(*p, "_-.")))
		p++;
	*name = text_range(from, p);
	if (quote != '\0' && (p == end || *p++ != quote))
		return false;
	*rest = trim_left(text_range(p, end));
	return name->n != 0;
}

/*
 * Base64 has "=" only at its end, so "ABC=" and "ABC==" are not names; nor is
 * "ID:SECRET" a name with a value where no blank or quote follows the colon.
 */
static bool
peel_name(struct peeler *p)
{
	struct text rest = p->t, name;
	bool colon, apart;

	if (!take_name(&rest, &name) || rest.n == 0 ||
	    !ascii_is_one_of(rest.p[0], "=:"))
		return false;
	colon = rest.p[0] == ':';
	rest = text_range(rest.p + 1, rest.p + rest.n);
	apart = rest.n != 0 && (ascii_is_blank(rest.p[0]) ||
	    ascii_is_one_of(rest.p[0], "\"'"));
	rest = trim_left(rest);
	if (rest.n == 0 || rest.p[0] == '=' || (colon && !apart))
		return false;
	if ((p->out->seen & 1U << PEEL_COMMAND) == 0 &&
	    !key_peel_is_variable(name) && label_of(name) != LABEL_KEY &&
	    !key_look_is_known(rest))
		return false;
	return leave(p, rest, PEEL_NAME);
}

static bool
peel_scheme(struct peeler *p)
{
	struct text rest = p->t;
	const char *word = NULL;

	if (p->scheme != NULL && take_word(&rest, p->scheme))
		word = p->scheme;
	for (size_t i = 0; word == NULL &&
	    i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (take_word(&rest, schemes[i]))
			word = schemes[i];
	}
	if (word == NULL)
		return false;
	p->out->scheme = word;
	return leave(p, rest, PEEL_SCHEME);
}

static bool
peel_sign(struct peeler *p)
{
	struct text t = p->t;
	const unsigned name = 1U << PEEL_NAME;

	if (t.n < 2 || !ascii_is_one_of(t.p[t.n - 1], ",;"))
		return false;
	t.n--;
	return ((p->out->seen & name) != 0 ||
	    ascii_is_one_of(t.p[t.n - 1], "\"'")) && leave(p, t, PEEL_SIGN);
}

/* As in a file of variables; the blanks before the remark go with it. */
static bool
peel_remark(struct peeler *p)
{
	struct text t = p->t;
	size_t i = 1;

	while (i < t.n && (t.p[i] != '#' || !ascii_is_blank(t.p[i - 1])))
		i++;
	if (i >= t.n)
		return false;
	while (i > 0 && ascii_is_blank(t.p[i - 1]))
		i--;
	return leave(p, (struct text){ .p = t.p, .n = i }, PEEL_REMARK);
}

static bool
is_line(struct text t)
{
	return t.n == 0 || memchr(t.p, '\n', t.n) == NULL;
}

struct key_peeled
key_peel(struct text t, const char *field, const char *scheme)
{
	static bool (*const steps[])(struct peeler *) = {
		peel_mark, peel_blanks, peel_remark, peel_quotes, peel_sign,
		peel_command, peel_field, peel_name, peel_scheme,
	};
	struct key_peeled out = { .seen = 0 };
	struct peeler p = { .t = t, .field = field, .scheme = scheme,
		.out = &out };
	size_t i = 0;

	/* Where it has more than one line, only the first two steps apply. */
	while (i < (is_line(p.t) ? sizeof(steps) / sizeof(steps[0]) : 2))
		i = steps[i](&p) ? 0 : i + 1;
	out.text = p.t;
	return out;
}

const char *
key_peel_words(enum key_peel what)
{
	return words[what];
}

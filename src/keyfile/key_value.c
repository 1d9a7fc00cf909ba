/*
 * Reading values; see key_value.h.
 */
#include "keyfile/key_value.h"

#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "conf/conf.h"
#include "conf/essu.h"
#include "conf/key_look.h"
#include "conf/value.h"
#include "keyfile/key_json.h"
#include "keyfile/key_peel.h"

/* Other text that is left out, after that which can be peeled off. */
enum left_out {
	LEFT_JSON = N_PEELS,
	LEFT_BREAKS,
	LEFT_LINES,
	LEFT_TEXT,
	N_LEFT_OUT
};

static const char *const left_words[N_LEFT_OUT - N_PEELS] = {
	[LEFT_JSON - N_PEELS] = "JSON around it",
	[LEFT_BREAKS - N_PEELS] = "blanks or line ends inside it",
	[LEFT_LINES - N_PEELS] = "other lines around it",
	[LEFT_TEXT - N_PEELS] = "other text around it",
};

struct reading {
	const char *field, *scheme;	/* as given */
	struct secret *value;		/* set if it is no part of text */
	struct text text;		/* otherwise, the rest of it */
	unsigned seen;			/* bits: PEEL_... and LEFT_... */
	const char *word;		/* the scheme before it */
	bool joined;			/* made of "id" and "api_key" */
	const char *refused;
};

static void
peel(struct reading *r)
{
	struct key_peeled peeled = key_peel(r->text, r->field, r->scheme);

	r->text = peeled.text;
	r->seen |= peeled.seen;
	if (peeled.scheme != NULL)
		r->word = peeled.scheme;
}

/* Steps that find the value. */

/* True where nothing more is to be tried. */
static bool
read_json(struct reading *r)
{
	const char *p = r->text.p;
	bool begins = r->text.n != 0 && (p[0] == '{' || p[0] == '[') &&
	    (r->text.n == 1 || ascii_is_blank(p[1]) || p[1] == '"');

	switch (key_json_find(r->text, &r->value, &r->joined)) {
	case KEY_JSON_OTHER:
		if (begins)
			r->refused = "begins like JSON, and is none that is "
			    "whole: give all of it in a file, or the key "
			    "alone";
		return begins;
	case KEY_JSON_NONE:
		r->refused = "is JSON without a key in it";
		return true;
	case KEY_JSON_MANY:
		r->refused = "is JSON with more than one key in it: give the "
		    "one that is meant";
		return true;
	case KEY_JSON_FOUND:
		r->seen |= 1U << LEFT_JSON;
		return true;
	}
	return false;
}

/* Joins a key that was broken into lines. */
static bool
join_breaks(struct reading *r)
{
	struct secret *all = secret_new(r->text.n);
	struct text t;
	size_t n = 0;

	for (size_t i = 0; i < r->text.n; i++) {
		if (!ascii_is_blank(r->text.p[i]))
			secret_bytes(all)[n++] = (uint8_t)r->text.p[i];
	}
	secret_truncate(all, n);
	t = secret_text(all);
	if (n == r->text.n || !key_look_is_known(t) ||
	    !essu_is_plausible(t)) {
		secret_free(all);
		return false;
	}
	r->value = all;
	r->seen |= 1U << LEFT_BREAKS;
	return true;
}

/* The next "essu_..." whose check sum is right; false: there is none. */
static bool
next_essu(struct text *rest, struct text *key)
{
	const struct text prefix = ESSU_PREFIX;

	while (rest->n > prefix.n) {
		const char *p = memmem(rest->p, rest->n, prefix.p, prefix.n);
		const char *end = rest->p + rest->n, *q;

		if (p == NULL)
			return false;
		for (q = p + prefix.n; q < end && (ascii_is_alnum(*q) ||
		    ascii_is_one_of(*q, "+/=")); q++)
			continue;
		*key = text_range(p, q);
		*rest = text_range(q, end);
		if (essu_is_plausible(*key))
			return true;
	}
	return false;
}

/* Only where all of them are the same. */
static bool
cut_out_essu(struct reading *r)
{
	struct text rest = r->text, key, next;

	if (!next_essu(&rest, &key))
		return false;
	while (next_essu(&rest, &next)) {
		if (!text_eq(next, key))
			return false;
	}
	r->text = key;
	r->seen |= 1U << LEFT_TEXT;
	return true;
}

/* Lines. */

/* The next line that has something but a remark. */
static bool
next_line(struct text *rest, struct text *line)
{
	while (text_split(rest, '\n', line)) {
		while (line->n != 0 && ascii_is_blank(line->p[0]))
			*line = text_range(line->p + 1, line->p + line->n);
		if (line->n != 0 && line->p[0] != '#')
			return true;
	}
	return false;
}

/*
 * The only line, or the only one that looks like a key; if none does, a key
 * that can be cut out of one.
 */
static bool
choose_line(struct reading *r)
{
	struct text rest = r->text, line, only = TEXT(""), known = TEXT("");
	size_t n = 0, n_known = 0;

	while (next_line(&rest, &line)) {
		only = line;
		n++;
		if (!key_look_is_known(key_peel(line, r->field,
		    r->scheme).text))
			continue;
		known = line;
		n_known++;
	}
	if (n != 1 && n_known != 1)
		return n_known == 0 && cut_out_essu(r);
	r->text = n == 1 ? only : known;
	r->seen |= 1U << LEFT_LINES;
	peel(r);
	return true;
}

/* Texts that are certainly not a key. */

/* "$" and small letters may be the beginning of a token of another API. */
static bool
is_variable(struct text t)
{
	struct text name = t;

	if (text_starts_with(t, TEXT("${")) && text_ends_with(t, TEXT("}")))
		name = text_range(t.p + 2, t.p + t.n - 1);
	else if (text_starts_with(t, TEXT("$")))
		return key_peel_is_variable(text_range(t.p + 1, t.p + t.n));
	else if (t.n > 2 && t.p[0] == '%' && text_ends_with(t, TEXT("%")))
		name = text_range(t.p + 1, t.p + t.n - 1);
	else
		return false;
	return name.n != 0 && text_is_made_of(name, "_");
}

static const char *
why_no_key(struct text t)
{
	if (t.n >= 2 && (t.p[0] == '\0' || t.p[1] == '\0' ||
	    text_starts_with(t, TEXT("\xff\xfe")) ||
	    text_starts_with(t, TEXT("\xfe\xff"))))
		return "is in UTF-16: write it in UTF-8";
	if (text_starts_with(t, TEXT("AGE-SECRET-KEY-")))
		return "is an identity of age, which opens sealed files, and "
		    "no key";
	if (text_starts_with(t, TEXT("age1")) && t.n > 50)
		return "is a recipient of age, and no key";
	if (text_starts_with(t, TEXT("-----BEGIN")))
		return "is PEM, such as a certificate, and no key";
	if (text_starts_with(t, TEXT("https://")) ||
	    text_starts_with(t, TEXT("http://")))
		return "is a URL, and no key";
	if (is_variable(t))
		return "is the name of a variable, and not what it holds";
	if (text_starts_with(t, TEXT("<")) && text_ends_with(t, TEXT(">")))
		return "stands in the place of a key only";
	if (text_contains(t, TEXT("***")) || text_contains(t, TEXT("...")))
		return "is not whole: signs stand in the place of a part";
	return value_secret(t);
}

static bool
is_odd(struct text t)
{
	return !key_look_is_known(t) || !essu_is_plausible(t);
}

static void
judge(struct reading *r)
{
	bool lines = memchr(r->text.p, '\n', r->text.n) != NULL;

	if (lines && !choose_line(r)) {
		r->refused = "has more than one line, and which of them is "
		    "the key is not clear; tables are read by 'key import'";
		return;
	}
	if (is_odd(r->text))
		(void)cut_out_essu(r);
	r->refused = why_no_key(r->text);
}

/* Remarks. */

static void
remark(struct key_value *v, char *text)
{
	v->remarks[v->n_remarks++] = text;
}

/* "quotes around it, NAME= before it and JSON around it", to be freed. */
static char *
list_left_out(unsigned seen)
{
	char *all = NULL;

	for (int i = 0; i < N_LEFT_OUT; i++) {
		const char *word = i < N_PEELS ?
		    key_peel_words((enum key_peel)i) : left_words[i - N_PEELS];
		char *more;

		if ((seen & 1U << i) == 0)
			continue;
		more = xasprintf("%s%s%s", all != NULL ? all : "", all == NULL ?
		    "" : seen >> i == 1 ? " and " : ", ", word);
		free(all);
		all = more;
	}
	return all;
}

static void
remark_all(struct key_value *v, const struct reading *r)
{
	const char *scheme = conf_scheme(r->field, r->scheme), *look;
	char *left_out = list_left_out(r->seen);

	if (left_out != NULL)
		remark(v, xasprintf("was given with %s, which is left out",
		    left_out));
	free(left_out);
	if (r->joined)
		remark(v, xstrdup("was given in two parts: it is the base64 "
		    "of \"id:api_key\""));
	if (r->word != NULL && strcasecmp(r->word, scheme) != 0)
		remark(v, xasprintf("was given with '%s' before it and will be "
		    "sent with %s%s%s: say --scheme %s if that is meant",
		    r->word, *scheme != '\0' ? "'" : "nothing", scheme,
		    *scheme != '\0' ? "'" : "", r->word));
	look = key_look_remark(secret_text(v->value),
	    conf_is_of_elastic(r->field, r->scheme));
	if (look != NULL)
		remark(v, xstrdup(look));
}

void
key_value_read(struct key_value *v, struct text given, const char *field,
    const char *scheme)
{
	struct reading r = { .field = field, .scheme = scheme,
		.text = given };

	*v = (struct key_value){ .value = NULL };
	if (field != NULL && strcasecmp(field, "Authorization") == 0)
		r.field = NULL;
	/* The end of a line belongs to the file or the line. */
	if (text_ends_with(r.text, TEXT("\n")))
		r.text.n--;
	if (text_ends_with(r.text, TEXT("\r")))
		r.text.n--;
	peel(&r);
	if (!read_json(&r) && !join_breaks(&r))
		judge(&r);
	v->refused = r.value != NULL ? why_no_key(secret_text(r.value)) :
	    r.refused;
	if (v->refused != NULL) {
		secret_free(r.value);
		return;
	}
	v->value = r.value != NULL ? r.value :
	    secret_copy(r.text.p, r.text.n);
	remark_all(v, &r);
}

void
key_value_free(struct key_value *v)
{
	for (size_t i = 0; i < v->n_remarks; i++)
		free(v->remarks[i]);
	secret_free(v->value);
	*v = (struct key_value){ .value = NULL };
}

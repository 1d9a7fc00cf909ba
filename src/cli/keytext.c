/*
 * Small edits of the text of a sealed file; see keytext.h.
 */
#include "cli/keytext.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "conf/scan.h"

#define HEADING	"# Sealed to (change it by `sallyport rekey`):\n"
#define MARK	"# recipient: "

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_SIGN,		/* one character */
};

struct token {
	enum token_kind kind;
	struct text text;
};

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
	    c == '\f' || c == '\v';
}

/* How long the comment at the start is; 0: there is none. */
static size_t
comment_length(struct text t)
{
	const char *end;

	if (text_starts_with(t, TEXT("#")) ||
	    text_starts_with(t, TEXT("//"))) {
		end = memchr(t.p, '\n', t.n);
		return end != NULL ? (size_t)(end - t.p) : t.n;
	}
	if (text_starts_with(t, TEXT("/*"))) {
		end = memmem(t.p + 2, t.n - 2, "*/", 2);
		return end != NULL ? (size_t)(end + 2 - t.p) : t.n;
	}
	return 0;
}

static size_t
string_length(struct text t)
{
	size_t n = 1;

	while (n < t.n && t.p[n] != '"')
		n += t.p[n] == '\\' ? 2 : 1;
	return min_size(n + 1, t.n);
}

static size_t
word_length(struct text t)
{
	size_t n = 0;

	while (n < t.n && scan_is_word(t.p[n]))
		n++;
	return n;
}

static void
skip(struct text *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

static void
skip_blank(struct text *rest)
{
	size_t n;

	for (;;) {
		while (rest->n != 0 && is_space(rest->p[0]))
			skip(rest, 1);
		n = comment_length(*rest);
		if (n == 0)
			return;
		skip(rest, n);
	}
}

static struct token
next_token(struct text *rest)
{
	struct token t = { .kind = TOKEN_END };
	size_t n;

	skip_blank(rest);
	t.text = (struct text){ .p = rest->p };
	if (rest->n == 0)
		return t;
	if (rest->p[0] == '"') {
		t.kind = TOKEN_STRING;
		n = string_length(*rest);
	} else if ((n = word_length(*rest)) != 0) {
		t.kind = TOKEN_WORD;
	} else {
		t.kind = TOKEN_SIGN;
		n = 1;
	}
	t.text.n = n;
	skip(rest, n);
	return t;
}

/* The sign's character, or 0. */
static char
sign_of(struct token t)
{
	return t.kind == TOKEN_SIGN ? t.text.p[0] : '\0';
}

static int
depth_change(struct token t)
{
	switch (sign_of(t)) {
	case '(':
	case '[':
	case '{':
		return 1;
	case ')':
	case ']':
	case '}':
		return -1;
	default:
		return 0;
	}
}

/* Where the list of keys is, between its brackets. */
struct keys_list {
	bool found;
	struct text inside;
};

/* rest is behind "keys".  False where what follows is no list. */
static bool
read_list(struct text rest, struct keys_list *list)
{
	struct token t = next_token(&rest);
	const char *from;
	int depth = 1;

	if (sign_of(t) == '=' || sign_of(t) == ':')
		t = next_token(&rest);
	if (sign_of(t) != '(')
		return false;
	from = t.text.p + 1;
	while (depth > 0) {
		t = next_token(&rest);
		if (t.kind == TOKEN_END)
			return false;
		depth += depth_change(t);
	}
	*list = (struct keys_list){ .found = true,
		.inside = text_range(from, t.text.p) };
	return true;
}

static enum keytext
find_list(struct text rest, struct keys_list *list)
{
	int depth = 0;
	bool value = false;	/* behind "=": not a name */
	struct token t;

	*list = (struct keys_list){ .found = false };
	while ((t = next_token(&rest)).kind != TOKEN_END) {
		depth += depth_change(t);
		if (depth < 0)
			return KEYTEXT_ODD;
		if (depth == 0 && !value && t.kind == TOKEN_WORD &&
		    text_eq(t.text, TEXT("keys")))
			return read_list(rest, list) ? KEYTEXT_OK :
			    KEYTEXT_ODD;
		value = sign_of(t) == '=' || sign_of(t) == ':';
	}
	return depth == 0 ? KEYTEXT_OK : KEYTEXT_ODD;
}

/* An element of the list and the commas on both sides, or NULL. */
struct element {
	struct text text;
	const char *comma_before, *comma_after;
};

/* False at the end of the list; *odd where it is no list of groups. */
static bool
next_element(struct text *rest, struct element *e, bool *odd)
{
	struct token t = next_token(rest);
	struct text peek;
	int depth = 1;

	if (t.kind == TOKEN_END)
		return false;
	if (sign_of(t) != '{') {
		*odd = true;
		return false;
	}
	*e = (struct element){ .text = t.text,
		.comma_before = e->comma_after };
	while (depth > 0) {
		t = next_token(rest);
		if (t.kind == TOKEN_END) {
			*odd = true;
			return false;
		}
		depth += depth_change(t);
	}
	e->text = text_range(e->text.p, t.text.p + 1);
	peek = *rest;
	t = next_token(&peek);
	if (sign_of(t) == ',') {
		e->comma_after = t.text.p;
		*rest = peek;
	}
	return true;
}

/* Finds the index-th element, or the last one where index is SIZE_MAX. */
static enum keytext
find_element(struct text inside, size_t index, struct element *found)
{
	struct element e = { .comma_after = NULL };
	bool odd = false;
	size_t i = 0;

	*found = (struct element){ .comma_after = NULL };
	while (next_element(&inside, &e, &odd)) {
		if (i++ == index || index == SIZE_MAX)
			*found = e;
	}
	if (odd)
		return KEYTEXT_ODD;
	return found->text.n != 0 ? KEYTEXT_OK : KEYTEXT_NOT_THERE;
}

/* Pieces of texts, joined in memory for secrets. */
#define MAX_PIECES	8
struct join {
	struct text v[MAX_PIECES];
	size_t n;
};

static void
join_add(struct join *j, struct text t)
{
	j->v[j->n++] = t;
}

static struct secret *
join_finish(const struct join *j)
{
	struct secret *out;
	uint8_t *p;
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++)
		n += j->v[i].n;
	out = secret_new(n);
	p = secret_bytes(out);
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].n != 0)
			memcpy(p, j->v[i].p, j->v[i].n);
		p += j->v[i].n;
	}
	return out;
}

/* A text that grows in memory for secrets: counted first, then written. */
struct writer {
	char *p;		/* NULL: only count */
	size_t n;
};

static void
put(struct writer *w, struct text t)
{
	if (w->p != NULL && t.n != 0)
		memcpy(w->p + w->n, t.p, t.n);
	w->n += t.n;
}

static void
put_char(struct writer *w, char c)
{
	put(w, (struct text){ .p = &c, .n = 1 });
}

static void
put_control(struct writer *w, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	put(w, TEXT("\\x"));
	put_char(w, digits[c >> 4]);
	put_char(w, digits[c & 15]);
}

static void
put_quoted(struct writer *w, struct text t)
{
	put_char(w, '"');
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c == '"' || c == '\\')
			put_char(w, '\\');
		if (c == '\n')
			put(w, TEXT("\\n"));
		else if (c == '\t')
			put(w, TEXT("\\t"));
		else if (c < 0x20 || c == 0x7f)
			put_control(w, c);
		else
			put_char(w, t.p[i]);
	}
	put_char(w, '"');
}

static void
put_option(struct writer *w, struct text name, struct text value)
{
	if (value.n == 0)
		return;
	put(w, TEXT("\n    "));
	put(w, name);
	put(w, TEXT(" = "));
	put_quoted(w, value);
	put_char(w, ';');
}

static void
put_key(struct writer *w, const struct keytext_key *k)
{
	put(w, TEXT("  { name = "));
	put_quoted(w, k->name);
	put_char(w, ';');
	put_option(w, TEXT("value"), k->value);
	put(w, TEXT("\n    hosts = [ "));
	for (size_t i = 0; i < k->n_hosts; i++) {
		if (i != 0)
			put(w, TEXT(", "));
		put_quoted(w, text_of(k->hosts[i]));
	}
	put(w, TEXT(" ];"));
	put_option(w, TEXT("scheme"), k->scheme);
	put_option(w, TEXT("expires"), k->expires);
	put_option(w, TEXT("note"), k->note);
	put(w, TEXT(" }"));
}

static void
put_keys(struct writer *w, const struct keytext_key *k, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_key(w, &k[i]);
		put(w, i + 1 < n ? TEXT(",\n") : TEXT("\n"));
	}
}

static struct secret *
keys_text(const struct keytext_key *k, size_t n)
{
	struct writer count = { .p = NULL }, w = { .p = NULL };
	struct secret *out;

	put_keys(&count, k, n);
	out = secret_new(count.n);
	w.p = (char *)secret_bytes(out);
	put_keys(&w, k, n);
	return out;
}

static struct text
secret_as_text(const struct secret *s)
{
	return (struct text){ .p = (const char *)secret_read(s),
		.n = secret_len(s) };
}

/* A "\n" unless the text ends in one or is empty. */
static struct text
newline_after(struct text t)
{
	return t.n == 0 || t.p[t.n - 1] == '\n' ? TEXT("") : TEXT("\n");
}

static struct secret *
append_list(struct text t, struct text keys)
{
	struct join j = { .n = 0 };

	join_add(&j, t);
	join_add(&j, newline_after(t));
	join_add(&j, TEXT("keys = (\n"));
	join_add(&j, keys);
	join_add(&j, TEXT(");\n"));
	return join_finish(&j);
}

/*
 * Where keys go: before the closing bracket, which keeps its line to
 * itself if it had one.
 */
static const char *
insertion_point(struct text inside)
{
	const char *end = inside.p + inside.n, *p = end;

	while (p > inside.p && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p > inside.p && p[-1] == '\n' ? p : end;
}

static struct secret *
insert_keys(struct text t, struct text inside, const struct element *last,
    struct text keys)
{
	const char *at = insertion_point(inside);
	const char *comma = last->text.n == 0 || last->comma_after != NULL ?
	    NULL : last->text.p + last->text.n;
	struct join j = { .n = 0 };
	struct text before = text_range(t.p, comma != NULL ? comma : at);

	join_add(&j, before);
	if (comma != NULL) {
		join_add(&j, TEXT(","));
		join_add(&j, text_range(comma, at));
	}
	join_add(&j, newline_after(text_range(t.p, at)));
	join_add(&j, keys);
	join_add(&j, text_range(at, t.p + t.n));
	return join_finish(&j);
}

enum keytext
keytext_add(struct text t, const struct keytext_key *k, size_t n,
    struct secret **out)
{
	struct keys_list list;
	struct element last;
	struct secret *keys;

	if (find_list(t, &list) != KEYTEXT_OK)
		return KEYTEXT_ODD;
	if (list.found &&
	    find_element(list.inside, SIZE_MAX, &last) == KEYTEXT_ODD)
		return KEYTEXT_ODD;
	keys = keys_text(k, n);
	*out = list.found ?
	    insert_keys(t, list.inside, &last, secret_as_text(keys)) :
	    append_list(t, secret_as_text(keys));
	secret_free(keys);
	return KEYTEXT_OK;
}

/* The whole of the line where nothing else is in it. */
static struct text
widen_to_lines(struct text inside, struct text what)
{
	const char *from = what.p, *to = what.p + what.n;
	const char *first = inside.p, *last = inside.p + inside.n;

	while (from > first && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	while (to < last && (to[0] == ' ' || to[0] == '\t' || to[0] == '\r'))
		to++;
	if (from > first && from[-1] == '\n' && to < last && to[0] == '\n')
		return text_range(from, to + 1);
	return what;
}

enum keytext
keytext_remove(struct text t, size_t index, struct secret **out)
{
	struct join j = { .n = 0 };
	struct keys_list list;
	struct element e;
	struct text gone;
	const char *comma, *end;

	if (find_list(t, &list) != KEYTEXT_OK)
		return KEYTEXT_ODD;
	if (!list.found)
		return KEYTEXT_NOT_THERE;
	switch (find_element(list.inside, index, &e)) {
	case KEYTEXT_ODD:
		return KEYTEXT_ODD;
	case KEYTEXT_NOT_THERE:
		return KEYTEXT_NOT_THERE;
	case KEYTEXT_OK:
		break;
	}
	end = e.text.p + e.text.n;
	comma = e.comma_after != NULL ? e.comma_after : e.comma_before;
	/* A comma right behind it belongs to what goes. */
	if (comma == end)
		end++;
	gone = widen_to_lines(list.inside, text_range(e.text.p, end));
	if (comma == NULL || (comma >= gone.p && comma < gone.p + gone.n)) {
		join_add(&j, text_range(t.p, gone.p));
		join_add(&j, text_range(gone.p + gone.n, t.p + t.n));
	} else if (comma < gone.p) {
		join_add(&j, text_range(t.p, comma));
		join_add(&j, text_range(comma + 1, gone.p));
		join_add(&j, text_range(gone.p + gone.n, t.p + t.n));
	} else {
		join_add(&j, text_range(t.p, gone.p));
		join_add(&j, text_range(gone.p + gone.n, comma));
		join_add(&j, text_range(comma + 1, t.p + t.n));
	}
	*out = join_finish(&j);
	return KEYTEXT_OK;
}

/* The last line, with its newline if it has one. */
static struct text
last_line(struct text t)
{
	const char *end = t.p + t.n;
	const char *newline = t.n < 2 ? NULL : memrchr(t.p, '\n', t.n - 1);

	return text_range(newline != NULL ? newline + 1 : t.p, end);
}

struct text
keytext_body(struct text t, struct text *lines)
{
	struct text line, body = t;

	while (body.n != 0) {
		line = last_line(body);
		if (!text_starts_with(line, TEXT(MARK)))
			break;
		body.n -= line.n;
	}
	if (body.n < t.n && text_ends_with(body, TEXT(HEADING)))
		body.n -= sizeof(HEADING) - 1;
	*lines = text_range(t.p + body.n, t.p + t.n);
	return body;
}

bool
keytext_next_recipient(struct text *lines, struct text *recipient)
{
	struct text line;

	while (lines->n != 0 && text_split(lines, '\n', &line)) {
		if (!text_starts_with(line, TEXT(MARK)))
			continue;
		skip(&line, sizeof(MARK) - 1);
		*recipient = text_trim(line);
		return true;
	}
	return false;
}

struct secret *
keytext_with_recipients(struct text body, const char *const *recipients,
    size_t n)
{
	struct join j = { .n = 0 };
	struct secret *out;
	struct buf lines;

	buf_init(&lines, NULL);
	for (size_t i = 0; i < n; i++)
		buf_printf(&lines, MARK "%s\n", recipients[i]);
	join_add(&j, body);
	if (n != 0) {
		join_add(&j, newline_after(body));
		join_add(&j, TEXT(HEADING));
		join_add(&j, buf_text(&lines));
	}
	out = join_finish(&j);
	buf_release(&lines);
	return out;
}

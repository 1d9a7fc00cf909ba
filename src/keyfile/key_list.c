/*
 * Small edits of the text of a sealed file; see key_list.h.
 */
#include "keyfile/key_list.h"

#include <stdint.h>

#include "conf/token.h"

/* The list of keys, between its brackets. */
struct keys_list {
	bool found;
	struct text inside;
};

/* rest begins after "keys".  False if no list follows. */
static bool
read_list(struct text rest, struct keys_list *list)
{
	struct token t = token_next(&rest);
	const char *from;
	int depth = 1;

	if (token_sign(t) == '=' || token_sign(t) == ':')
		t = token_next(&rest);
	if (token_sign(t) != '(')
		return false;
	from = t.text.p + 1;
	while (depth > 0) {
		t = token_next(&rest);
		if (t.kind == TOKEN_END)
			return false;
		depth += token_depth(t);
	}
	*list = (struct keys_list){ .found = true,
		.inside = text_range(from, t.text.p) };
	return true;
}

static enum key_list
find_list(struct text rest, struct keys_list *list)
{
	int depth = 0;
	bool value = false;	/* after "=", where no name can be */
	struct token t;

	*list = (struct keys_list){ .found = false };
	while ((t = token_next(&rest)).kind != TOKEN_END) {
		depth += token_depth(t);
		if (depth < 0)
			return KEY_LIST_ODD;
		if (depth == 0 && !value && t.kind == TOKEN_WORD &&
		    text_eq(t.text, TEXT("keys")))
			return read_list(rest, list) ? KEY_LIST_OK :
			    KEY_LIST_ODD;
		value = token_sign(t) == '=' || token_sign(t) == ':';
	}
	return depth == 0 ? KEY_LIST_OK : KEY_LIST_ODD;
}

/* An element of the list and the commas on both sides, or NULL. */
struct element {
	struct text text;
	const char *comma_before, *comma_after;
};

/* False at the end of the list; *odd if it is not a list of groups. */
static bool
next_element(struct text *rest, struct element *e, bool *odd)
{
	struct token t = token_next(rest);
	struct text peek;
	int depth = 1;

	if (t.kind == TOKEN_END)
		return false;
	if (token_sign(t) != '{') {
		*odd = true;
		return false;
	}
	*e = (struct element){ .text = t.text,
		.comma_before = e->comma_after };
	while (depth > 0) {
		t = token_next(rest);
		if (t.kind == TOKEN_END) {
			*odd = true;
			return false;
		}
		depth += token_depth(t);
	}
	e->text = text_range(e->text.p, t.text.p + 1);
	peek = *rest;
	t = token_next(&peek);
	if (token_sign(t) == ',') {
		e->comma_after = t.text.p;
		*rest = peek;
	}
	return true;
}

/* Finds the index-th element; the last one if index is SIZE_MAX. */
static enum key_list
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
		return KEY_LIST_ODD;
	return found->text.n != 0 ? KEY_LIST_OK : KEY_LIST_NOT_THERE;
}

static struct secret *
append_list(struct text t, struct text keys)
{
	const struct text pieces[] = { t, text_line_end(t),
		TEXT("keys = (\n"), keys, TEXT(");\n") };

	return secret_join(pieces, sizeof(pieces) / sizeof(pieces[0]));
}

/*
 * The position for new keys: before the closing bracket, which stays on a line
 * of its own if it had one.
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
	bool comma = last->text.n != 0 && last->comma_after == NULL;
	const char *end = comma ? last->text.p + last->text.n : at;
	const struct text pieces[] = {
		text_range(t.p, end), comma ? TEXT(",") : TEXT(""),
		text_range(end, at), text_line_end(text_range(t.p, at)),
		keys, text_range(at, t.p + t.n),
	};

	return secret_join(pieces, sizeof(pieces) / sizeof(pieces[0]));
}

enum key_list
key_list_add(struct text t, const struct key_entry *k, size_t n,
    struct secret **out)
{
	struct keys_list list;
	struct element last;
	struct secret *keys;

	if (find_list(t, &list) != KEY_LIST_OK)
		return KEY_LIST_ODD;
	if (list.found &&
	    find_element(list.inside, SIZE_MAX, &last) == KEY_LIST_ODD)
		return KEY_LIST_ODD;
	keys = key_entries_write(k, n);
	*out = list.found ?
	    insert_keys(t, list.inside, &last, secret_text(keys)) :
	    append_list(t, secret_text(keys));
	secret_free(keys);
	return KEY_LIST_OK;
}

/* The range, or its whole line where nothing else is in that. */
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

/* The text without two ranges; a is before b. */
static struct secret *
cut_out(struct text t, struct text a, struct text b)
{
	const struct text pieces[] = {
		text_range(t.p, a.p),
		text_range(a.p + a.n, b.p),
		text_range(b.p + b.n, t.p + t.n),
	};

	return secret_join(pieces, sizeof(pieces) / sizeof(pieces[0]));
}

static struct secret *
remove_element(struct text t, struct text inside, const struct element *e)
{
	const char *end = e->text.p + e->text.n, *comma;
	struct text gone;

	comma = e->comma_after != NULL ? e->comma_after : e->comma_before;
	/* A comma right behind the element is removed with it. */
	if (comma == end)
		end++;
	gone = widen_to_lines(inside, text_range(e->text.p, end));
	end = gone.p + gone.n;
	if (comma == NULL || (comma >= gone.p && comma < end))
		return cut_out(t, gone, text_range(end, end));
	if (comma < gone.p)
		return cut_out(t, text_range(comma, comma + 1), gone);
	return cut_out(t, gone, text_range(comma, comma + 1));
}

enum key_list
key_list_remove(struct text t, size_t index, struct secret **out)
{
	enum key_list found;
	struct keys_list list;
	struct element e;

	if (find_list(t, &list) != KEY_LIST_OK)
		return KEY_LIST_ODD;
	if (!list.found)
		return KEY_LIST_NOT_THERE;
	found = find_element(list.inside, index, &e);
	if (found == KEY_LIST_OK)
		*out = remove_element(t, list.inside, &e);
	return found;
}

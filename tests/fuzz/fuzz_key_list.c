/*
 * The text of a sealed file, edited: if it can be read, a key that is added is
 * there afterwards and nothing else has changed; when it is removed again, all
 * is as before.  A text that cannot be read does no harm.
 */
#include "fuzz.h"

#include "conf/conf.h"
#include "keyfile/contents.h"
#include "keyfile/key_list.h"
#include "keyfile/notes.h"

#define NAME	"the-added-one"

static const char *const hosts[] = { "api.example.com" };

static struct text
text_of_secret(const struct secret *s)
{
	return (struct text){ .p = (const char *)secret_read(s),
		.n = secret_len(s) };
}

static bool
read_keys(struct contents *k, struct text t)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	bool good = contents_read(k, t, "fuzz", &diagnostics);

	conf_diagnostics_free(&diagnostics);
	return good;
}

/* Removes the last key again. */
static void
check_removal(struct text more, const struct contents *before)
{
	struct secret *text = NULL;
	struct contents same;

	fuzz_assert(key_list_remove(more, contents_count(before), &text) ==
	    KEY_LIST_OK);
	fuzz_assert(read_keys(&same, text_of_secret(text)));
	fuzz_assert(contents_same_but(&same, before, SIZE_MAX));
	contents_free(&same);
	secret_free(text);
}

/* The verbs refuse an edit that does not do what it should. */
static void
check_edits(struct text t, const struct contents *before)
{
	const struct key_entry key = {
		.name = TEXT(NAME), .value = TEXT("v\"\\x"),
		.hosts = hosts, .n_hosts = 1,
	};
	struct secret *text = NULL;
	struct contents after;

	if (contents_find(before, NAME) != SIZE_MAX ||
	    key_list_add(t, &key, 1, &text) != KEY_LIST_OK)
		return;
	if (read_keys(&after, text_of_secret(text)) &&
	    contents_count(&after) == contents_count(before) + 1) {
		fuzz_assert(contents_same_but(before, &after,
		    contents_count(before)));
		check_removal(text_of_secret(text), before);
	}
	contents_free(&after);
	secret_free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n }, lines, one;
	struct secret *out = NULL;
	struct contents keys;

	if (read_keys(&keys, t))
		check_edits(t, &keys);
	contents_free(&keys);
	if (key_list_remove(t, 0, &out) == KEY_LIST_OK)
		secret_free(out);
	(void)notes_split(t, &lines);
	while (notes_next(&lines, &one))
		fuzz_assert(one.p >= t.p && one.p + one.n <= t.p + t.n);
	return 0;
}

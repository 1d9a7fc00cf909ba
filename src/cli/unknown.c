/*
 * What is said of a verb that there is none of; see verbs.h.  hints.tbl knows
 * what people try, nearest.h what they mistyped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/nearest.h"
#include "cli/verbs.h"

struct hint {
	const char *words;	/* what was typed */
	const char *command;	/* what does it here; NULL: a note says */
	const char *note;
};

static const struct hint hints[] = {
#define HINT(words, command)	{ words, command, NULL },
#define NOTE(words, note)	{ words, NULL, note },
#include "cli/hints.tbl"
#undef HINT
#undef NOTE
};

static const struct hint *
find_hint(const char *const *words, size_t n)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		if (cli_words_match(hints[i].words, words, n) != 0)
			return &hints[i];
	}
	return NULL;
}

/* False: nothing is known of them. */
static bool
say_hint(const char *const *words, size_t n)
{
	const struct hint *h = find_hint(words, n);
	const char *before = "";

	if (h == NULL && n > 1 && strcmp(words[0], "key") == 0) {
		h = find_hint(words + 1, n - 1);
		before = "key ";
	}
	if (h == NULL)
		return false;
	(void)fprintf(stderr, "sallyport: unknown verb '%s%s'", before,
	    h->words);
	if (h->command != NULL)
		(void)fprintf(stderr, " (did you mean '%s'?)", h->command);
	else
		(void)fprintf(stderr, ": %s", h->note);
	return true;
}

/* The verbs that begin with this word, "'key add', ..."; NULL: none does. */
static char *
list_verbs_of(const char *word)
{
	char *all = NULL, *longer;

	for (const struct verb *const *v = cli_verbs(); *v != NULL; v++) {
		if (!cli_verb_is_of(*v, word))
			continue;
		longer = all == NULL ? xasprintf("'%s'", (*v)->name) :
		    xasprintf("%s, '%s'", all, (*v)->name);
		free(all);
		all = longer;
	}
	return all;
}

/* Two words or one; NULL: nothing is near. */
static const char *
nearest_verb(const char *word)
{
	struct nearest near;

	nearest_start(&near, word);
	for (const struct verb *const *v = cli_verbs(); *v != NULL; v++)
		nearest_offer(&near, (*v)->name);
	return near.best;
}

static void
say_unknown(const char *word, const char *second)
{
	char *both, *some;
	const char *near;

	if (word[0] == '-') {
		(void)fprintf(stderr, "sallyport: a verb comes first, its "
		    "options such as '%s' behind it", word);
		return;
	}
	both = xasprintf("%s %s", cli_shown(word), cli_shown(second));
	near = nearest_verb(both);
	some = list_verbs_of(word);
	if (near == NULL && some == NULL)
		near = nearest_verb(word);
	(void)fprintf(stderr, "sallyport: unknown verb '%s'",
	    some != NULL ? both : cli_shown(word));
	if (near != NULL)
		(void)fprintf(stderr, " (did you mean '%s'?)", near);
	else if (some != NULL)
		(void)fprintf(stderr, "; there are %s", some);
	free(some);
	free(both);
}

enum cli_exit
cli_unknown_verb(const char *const *words, size_t n)
{
	const char *second = n > 1 && words[1][0] != '-' ? words[1] : "";
	char *some = *second == '\0' ? list_verbs_of(words[0]) : NULL;

	if (some != NULL)
		(void)fprintf(stderr, "sallyport: '%s' takes a second word: "
		    "%s", words[0], some);
	else if (!say_hint(words, n))
		say_unknown(words[0], second);
	(void)fputs("\nTry 'sallyport help'.\n", stderr);
	free(some);
	return CLI_USAGE;
}

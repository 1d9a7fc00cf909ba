/*
 * Unknown verbs; see unknown.h.  hints.tbl has words that people try, nearest.h
 * finds typing errors.
 */
#include "cli/unknown.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/nearest.h"

#include "cli/say.h"
struct hint {
	const char *words;	/* what was typed */
	const char *command;	/* the command for it; NULL: see note */
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
		if (verb_words_match(hints[i].words, words, n) != 0)
			return &hints[i];
	}
	return NULL;
}

/* False: there is no hint. */
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
	say_aside("sallyport: unknown verb '%s%s'", before,
	    h->words);
	if (h->command != NULL)
		say_aside(" (did you mean '%s'?)", h->command);
	else
		say_aside(": %s", h->note);
	return true;
}

/* The verbs that begin with this word, "'key add', ..."; NULL: none does. */
static char *
list_verbs_of(const struct verb *const *table, const char *word)
{
	char *all = NULL, *longer;

	for (; *table != NULL; table++) {
		if (!verb_is_of(*table, word))
			continue;
		longer = all == NULL ? xasprintf("'%s'", (*table)->name) :
		    xasprintf("%s, '%s'", all, (*table)->name);
		free(all);
		all = longer;
	}
	return all;
}

/* The nearest verb of two words or one; NULL: none is near. */
static const char *
nearest_verb(const struct verb *const *table, const char *word)
{
	struct nearest near;

	nearest_start(&near, word);
	for (; *table != NULL; table++)
		nearest_offer(&near, (*table)->name);
	return near.best;
}

static void
say_unknown(const struct verb *const *table, const char *word,
    const char *second)
{
	char *both, *some;
	const char *near;

	if (word[0] == '-') {
		say_aside("sallyport: a verb comes first, its "
		    "options such as '%s' behind it", word);
		return;
	}
	both = xasprintf("%s %s", say_word(word), say_word(second));
	near = nearest_verb(table, both);
	some = list_verbs_of(table, word);
	if (near == NULL && some == NULL)
		near = nearest_verb(table, word);
	say_aside("sallyport: unknown verb '%s'",
	    some != NULL ? both : say_word(word));
	if (near != NULL)
		say_aside(" (did you mean '%s'?)", near);
	else if (some != NULL)
		say_aside("; there are %s", some);
	free(some);
	free(both);
}

enum cli_exit
unknown_verb(const struct verb *const *table, const char *const *words,
    size_t n)
{
	const char *second = n > 1 && words[1][0] != '-' ? words[1] : "";
	char *some = *second == '\0' ? list_verbs_of(table, words[0]) : NULL;

	if (some != NULL)
		say_aside("sallyport: '%s' takes a second word: "
		    "%s", words[0], some);
	else if (!say_hint(words, n))
		say_unknown(table, words[0], second);
	say_aside("\nTry 'sallyport help'.\n");
	free(some);
	return CLI_USAGE;
}

/*
 * Finding verbs; see verb.h.  Knows no verb.
 */
#include "cli/verb.h"

#include <string.h>

size_t
verb_words_match(const char *name, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(words[i]);

		if (len == 0 || strncmp(name, words[i], len) != 0)
			return 0;
		if (name[len] == '\0')
			return i + 1;
		if (name[len] != ' ')
			return 0;
		name += len + 1;
	}
	return 0;
}

const struct verb *
verb_find(const struct verb *const *table, const char *const *words, size_t n,
    size_t *used)
{
	for (; *table != NULL; table++) {
		*used = verb_words_match((*table)->name, words, n);
		if (*used != 0)
			return *table;
	}
	return NULL;
}

bool
verb_is_of(const struct verb *v, const char *word)
{
	size_t n = strlen(word);

	return strncmp(v->name, word, n) == 0 && v->name[n] == ' ';
}

/*
 * Commands for people; see admin_remedy.h.  Knows how verbs are called, and
 * decides nothing.
 */
#include "pages/admin_remedy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/shell.h"
#include "conf/source.h"

/* Of the number that ends a name: "team-a-2" is followed by "team-a-3". */
#define MOST_DIGITS	2

static void
put_word(struct buf *b, const char *before, const char *s)
{
	char *word = shell_word(s);

	buf_printf(b, "%s%s", before, word);
	free(word);
}

/* The configuration; one that came by standard input has to come so again. */
static char *
finish(struct buf *b, const struct conf *c)
{
	char *command;

	char *word = source_word(c->file);

	buf_printf(b, " -c %s", word);
	free(word);
	command = xstrndup(buf_text(b).p, buf_len(b));
	buf_release(b);
	return command;
}

static void
start(struct buf *b, const char *verb)
{
	buf_init(b, NULL);
	buf_printf(b, "sallyport %s", verb);
}

static char *
verb_alone(const struct conf *c, const char *verb)
{
	struct buf b;

	start(&b, verb);
	return finish(&b, c);
}

char *
admin_remedy_check(const struct conf *c)
{
	return verb_alone(c, "check");
}

char *
admin_remedy_probe(const struct conf *c)
{
	return verb_alone(c, "check --probe");
}

char *
admin_remedy_reload(const struct conf *c)
{
	return verb_alone(c, "reload");
}

static char *
verb_of_key(const struct conf *c, const char *verb, const char *name)
{
	struct buf b;

	start(&b, verb);
	put_word(&b, " ", name);
	return finish(&b, c);
}

char *
admin_remedy_enable(const struct conf *c, size_t key)
{
	return verb_of_key(c, "key enable", c->keys[key].name);
}

char *
admin_remedy_disable(const struct conf *c, size_t key)
{
	return verb_of_key(c, "key disable", c->keys[key].name);
}

char *
admin_remedy_promote(const struct conf *c, const char *name)
{
	return verb_of_key(c, "key promote", name);
}

char *
admin_remedy_remove(const struct conf *c, size_t key)
{
	struct buf b;

	start(&b, "key remove");
	put_word(&b, " ", c->keys[key].name);
	put_word(&b, " --from ", c->keys[key].where.file);
	return finish(&b, c);
}

/* -- another key -- */

static bool
is_taken(const struct conf *c, const char *name)
{
	size_t i = 0;

	while (i < c->n_keys && strcmp(c->keys[i].name, name) != 0)
		i++;
	return i < c->n_keys;
}

/* The length of a name without "-" and a number at its end. */
static size_t
length_of_stem(const char *name)
{
	size_t n = strlen(name), end = n;

	while (end > 0 && ascii_is_digit(name[end - 1]))
		end--;
	return end > 1 && end < n && n - end <= MOST_DIGITS &&
	    name[end - 1] == '-' ? end - 1 : n;
}

/* "team-a-2" behind "team-a", or the first number that is free; to be freed. */
static char *
next_name(const struct conf *c, const char *name)
{
	size_t stem = length_of_stem(name);
	int number = name[stem] != '\0' ? atoi(&name[stem + 1]) : 1;
	char *next = NULL;

	do {
		free(next);
		next = xasprintf("%.*s-%d", (int)stem, name, ++number);
	} while (is_taken(c, next));
	return next;
}

char *
admin_remedy_next_name(const struct conf *c, size_t key)
{
	return next_name(c, c->keys[key].name);
}

/* For those hosts. */
static char *
format_add(const struct conf *c, const struct conf_key *k,
    char *const *hosts, size_t n_hosts)
{
	char *name = next_name(c, k->name);
	struct buf b;

	start(&b, "key add");
	put_word(&b, " ", name);
	put_word(&b, " --to ", k->where.file);
	for (size_t i = 0; i < n_hosts; i++)
		put_word(&b, " --host ", hosts[i]);
	if (k->field != NULL)
		put_word(&b, " --field ", k->field);
	if (k->scheme != NULL)
		put_word(&b, " --scheme ", k->scheme);
	if (k->plain)
		buf_printf(&b, " --plain");
	free(name);
	return finish(&b, c);
}

char *
admin_remedy_add(const struct conf *c, size_t key)
{
	const struct conf_key *k = &c->keys[key];

	return format_add(c, k, k->hosts.v, k->hosts.n);
}

char *
admin_remedy_add_for(const struct conf *c, size_t key, size_t upstream)
{
	return format_add(c, &c->keys[key], &c->upstreams[upstream].host, 1);
}

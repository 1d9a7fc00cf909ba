/* Brackets and names of a text; see nesting.h.  It knows no other token. */
#include "conf/nesting.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/value.h"

static struct nesting_level *
innermost(struct nesting *n)
{
	return &n->levels[n->depth];
}

static char
closing(char open)
{
	return open == '(' ? ')' : open == '[' ? ']' : '}';
}

void
nesting_start(struct nesting *n, char inside, const char *file,
    struct conf_diagnostics *diagnostics)
{
	*n = (struct nesting){ .file = file, .diagnostics = diagnostics };
	n->levels[0] = (struct nesting_level){ .open = inside };
}

char
nesting_inside(const struct nesting *n)
{
	return n->levels[n->depth].open;
}

/* After an error it is unknown which brackets are open. */
static bool
lose(struct nesting *n)
{
	n->lost = true;
	return false;
}

#define REFUSE(n, line, ...) \
	(conf_error((n)->diagnostics, (n)->file, line, __VA_ARGS__), lose(n))

/* Refuses something that the innermost bracket cannot contain. */
static bool
refuse_open(struct nesting *n, const char *what, unsigned line)
{
	const struct nesting_level *l = innermost(n);

	return REFUSE(n, line, "a '%c' is missing before %s: the '%c' of line "
	    "%u is still open", closing(l->open), what, l->open, l->line);
}

#define A_LIST	"a list of groups is written ( { ... }, { ... } )"

/* Refuses a bracket where no value is allowed. */
static bool
refuse_misplaced(struct nesting *n, char c, unsigned line)
{
	const char what[] = { 't', 'h', 'i', 's', ' ', '\'', c, '\'', '\0' };
	const struct nesting_level *l = innermost(n);

	if (l->open == '(')
		return REFUSE(n, line, "a ',' is missing before %s", what);
	if (n->depth == 0 || l->first_name == n->n_names)
		return REFUSE(n, line, "NAME = is missing before %s; " A_LIST,
		    what);
	return refuse_open(n, what, line);
}

bool
nesting_open(struct nesting *n, char c, bool expected, unsigned line)
{
	struct nesting_level *l = innermost(n);

	if (n->lost)
		return true;
	if (n->depth == NESTING_DEPTH)
		return REFUSE(n, line, "nested too deeply");
	if (l->open == '[')
		return REFUSE(n, line, "this '%c' cannot stand in the '[' of "
		    "line %u: " A_LIST, c, l->line);
	if (!expected)
		return refuse_misplaced(n, c, line);
	l->filled = true;
	n->levels[++n->depth] = (struct nesting_level){ .open = c,
		.line = line, .first_name = n->n_names };
	return true;
}

static int
compare_names(const void *a, const void *b)
{
	const struct nesting_name *x = a, *y = b;
	int order = text_compare(x->name, y->name);

	return order != 0 ? order :
	    (x->name.p > y->name.p) - (x->name.p < y->name.p);
}

/*
 * A name for a message, to be freed.  One that looks like a key is not shown.
 */
static char *
quote(struct text name)
{
	return value_may_be_secret(name) ? xstrdup("(withheld)") :
	    xasprintf("'%.*s'", TEXT_ARG(name));
}

/* At the end of a group: reports names that occur twice in it. */
static bool
check_names(struct nesting *n)
{
	struct nesting_name *v = n->names + innermost(n)->first_name;
	size_t count = n->n_names - innermost(n)->first_name;
	bool unique = true;
	char *name;

	if (count < 2)
		return true;
	qsort(v, count, sizeof(*v), compare_names);
	for (size_t i = 1; i < count; i++) {
		if (!text_eq(v[i].name, v[i - 1].name))
			continue;
		name = quote(v[i].name);
		conf_error(n->diagnostics, n->file, v[i].line, "option %s is "
		    "given twice, the first time in line %u", name,
		    v[i - 1].line);
		free(name);
		unique = false;
	}
	return unique;
}

bool
nesting_close(struct nesting *n, char c, unsigned line)
{
	const struct nesting_level *l = innermost(n);
	bool unique;

	if (n->lost)
		return true;
	if (n->depth == 0)
		return REFUSE(n, line, "this '%c' closes nothing", c);
	if (closing(l->open) != c)
		return REFUSE(n, line, "this '%c' cannot close the '%c' of "
		    "line %u: a '%c' is missing before it", c, l->open,
		    l->line, closing(l->open));
	unique = check_names(n);
	n->n_names = l->first_name;
	n->depth--;
	return unique;
}

bool
nesting_separate(struct nesting *n, char c, unsigned line)
{
	struct nesting_level *l = innermost(n);

	if (n->lost)
		return true;
	if (c == ';' && l->open != '{' && l->open != NESTING_ANY)
		return REFUSE(n, line, "the '%c' of line %u is still open at "
		    "this ';': a '%c' is missing before it, or ',' is meant",
		    l->open, l->line, closing(l->open));
	l->filled = true;
	return true;
}

static void
add_name(struct nesting *n, struct text name, unsigned line)
{
	if (n->n_names == n->cap_names) {
		n->cap_names = n->cap_names != 0 ? n->cap_names * 2 : 32;
		n->names = xreallocarray(n->names, n->cap_names,
		    sizeof(*n->names));
	}
	n->names[n->n_names++] = (struct nesting_name){
		.name = name, .line = line };
}

bool
nesting_name(struct nesting *n, struct text name, unsigned line)
{
	const struct nesting_level *l = innermost(n);
	char *what;

	if (n->lost)
		return true;
	if (l->open == '{' || l->open == NESTING_ANY) {
		add_name(n, name, line);
		return true;
	}
	what = quote(name);
	if (l->open == '(' && !l->filled)
		(void)REFUSE(n, line, "a '{' is missing before %s: within "
		    "( and ) options stand in { and }", what);
	else
		(void)refuse_open(n, what, line);
	free(what);
	return false;
}

bool
nesting_end(struct nesting *n)
{
	const struct nesting_level *l = innermost(n);

	if (n->lost)
		return true;
	if (n->depth > 0)
		return REFUSE(n, l->line, "this '%c' is never closed: a '%c' "
		    "is missing", l->open, closing(l->open));
	return check_names(n);
}

void
nesting_give_up(struct nesting *n)
{
	n->lost = true;
}

void
nesting_free(struct nesting *n)
{
	free(n->names);
	n->names = NULL;
}

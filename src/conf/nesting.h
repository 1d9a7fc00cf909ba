/*
 * Brackets of a configuration text, and the names in each of them, while scan.h
 * walks through it: a missing bracket is reported with the place where it was
 * opened, while libconfig only says where it stopped.
 */
#ifndef CONF_NESTING_H
#define CONF_NESTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "conf/conf.h"

/* Deeper than the options of any configuration. */
#define NESTING_DEPTH	32

/* The bracket around a text that is included within unknown brackets. */
#define NESTING_ANY	'@'

struct nesting_level {
	char open;		/* '(', '[' or '{', which is also the text as a
				   whole; NESTING_ANY */
	unsigned line;		/* where */
	bool filled;		/* it has contents already */
	size_t first_name;	/* of its own in names */
};

/* The name of an option, within the text. */
struct nesting_name {
	struct text name;
	unsigned line;
};

struct nesting {
	struct nesting_level levels[NESTING_DEPTH + 1];
	size_t depth;
	bool lost;		/* after an error: what is open is unknown */
	struct nesting_name *names;
	size_t n_names, cap_names;
	const char *file;
	struct conf_diagnostics *diagnostics;
};

/*
 * Starts with a text of this file inside '{' or NESTING_ANY.  The file's name
 * and the list are borrowed.
 */
void	nesting_start(struct nesting *, char inside, const char *file,
	    struct conf_diagnostics *);

/* The innermost bracket. */
char	nesting_inside(const struct nesting *);

/*
 * Each adds an error and returns false where a bracket or name is missing or
 * repeated; then, and after nesting_give_up(), no more errors about brackets
 * are reported.
 */

/* '(', '[' or '{'; expected: a value is allowed here. */
bool	nesting_open(struct nesting *, char, bool expected, unsigned line);

/* ')', ']' or '}' */
bool	nesting_close(struct nesting *, char, unsigned line);

/* ',' or ';' */
bool	nesting_separate(struct nesting *, char, unsigned line);

/* A name before '=' or ':', which is an option; the text must stay valid. */
bool	nesting_name(struct nesting *, struct text, unsigned line);

/* The end of the text. */
bool	nesting_end(struct nesting *);

void	nesting_give_up(struct nesting *);
void	nesting_free(struct nesting *);

#endif

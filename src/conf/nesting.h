/*
 * Brackets of a configuration text, and the names in each of them, while
 * scan.h walks through it: what is missing is named together with the place
 * where it was opened, for libconfig only says where it stopped.
 */
#ifndef CONF_NESTING_H
#define CONF_NESTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "conf/conf.h"

/* Deeper than any option goes. */
#define NESTING_DEPTH	32

/* That of a text which is included within brackets, whichever they are. */
#define NESTING_ANY	'@'

struct nesting_level {
	char open;		/* '(', '[' or '{', which is also the text as a
				   whole; NESTING_ANY */
	unsigned line;		/* where */
	bool filled;		/* something stood in it already */
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
 * The text is from this file, which is borrowed, as the list is, and stands in
 * '{' or in NESTING_ANY.
 */
void	nesting_start(struct nesting *, char inside, const char *file,
	    struct conf_diagnostics *);

/* What the innermost bracket is. */
char	nesting_inside(const struct nesting *);

/*
 * Each adds an error and returns false where something is missing or twice;
 * then, and after nesting_give_up(), nothing more is said of brackets.
 */

/* '(', '[' or '{', where a value can stand or where none can. */
bool	nesting_open(struct nesting *, char, bool expected, unsigned line);

/* ')', ']' or '}' */
bool	nesting_close(struct nesting *, char, unsigned line);

/* ',' or ';' */
bool	nesting_separate(struct nesting *, char, unsigned line);

/* A name, of which '=' or ':' makes an option; the text stays. */
bool	nesting_name(struct nesting *, struct text, unsigned line);

/* The end of the text. */
bool	nesting_end(struct nesting *);

void	nesting_give_up(struct nesting *);
void	nesting_free(struct nesting *);

#endif

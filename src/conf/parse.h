/*
 * A tree of settings to a draft, by the options table.
 */
#ifndef CONF_PARSE_H
#define CONF_PARSE_H

#include "conf/draft.h"
#include "conf/reader.h"
#include "conf/tree.h"

/* The defaults of all groups as a tree; tree_free() it. */
struct tree	*parse_presets(void);

/* A draft with nothing in it but the defaults. */
void	parse_init(struct draft *);

/* A file that 'sealed' names, added to what the draft already has. */
void	parse_sealed(struct reader *, const struct setting *root,
	    struct draft *);

/*
 * The main file in parts: the defaults, then each file of it, where an
 * option that another one gave already is an error, then what is missing.
 */
void	parse_begin(struct reader *, struct draft *);
void	parse_part(struct reader *, const struct setting *root,
	    struct draft *);
void	parse_end(struct reader *, struct draft *);

#endif

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

/* Adds a file that 'sealed' names to the draft. */
void	parse_sealed(struct reader *, const struct setting *root,
	    struct draft *);

/*
 * The main file in parts: the defaults, then each file, in which an option that
 * an earlier one gave is an error, then missing options.
 */
void	parse_begin(struct reader *, struct draft *);
void	parse_part(struct reader *, const struct setting *root,
	    struct draft *);
void	parse_end(struct reader *, struct draft *);

#endif

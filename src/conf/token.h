/*
 * The tokens of a configuration text, one after the other, each as a part of
 * the text, by the lexical rules of libconfig.  Pure; it knows no grammar: any
 * text is a row of tokens.
 */
#ifndef CONF_TOKEN_H
#define CONF_TOKEN_H

#include <stdbool.h>

#include "base/text.h"

enum token_kind {
	TOKEN_END,
	TOKEN_COMMENT,		/* with its end mark, but not its newline */
	TOKEN_WORD,		/* a name, a number or a boolean */
	TOKEN_STRING,		/* with its quotes; one piece of several */
	TOKEN_SIGN,		/* one character */
};

struct token {
	enum token_kind kind;
	bool open;		/* it is never closed: a string ends with its
				   line, a comment with the text */
	struct text text;	/* empty at the end of the text, and pointing
				   there */
};

/* Takes the next token off the text, and the space before it. */
struct token	 token_next_or_comment(struct text *rest);

/*
 * The same for the next token that is no comment; takes comments before it,
 * too.
 */
struct token	 token_next(struct text *rest);

/* The sign's character, or NUL where it is none. */
char		 token_sign(struct token);

/* The change in the number of open brackets: 1, 0 or -1. */
int		 token_depth(struct token);

/* The number of bytes in which the first character of a string is written. */
size_t		 token_escape(struct text);

#endif

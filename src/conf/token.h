/*
 * The tokens of a configuration text, one after the other, each where it
 * stands in the text, by the lexical rules of libconfig.  Pure; knows no
 * grammar: any text at all is a row of tokens.
 */
#ifndef CONF_TOKEN_H
#define CONF_TOKEN_H

#include <stdbool.h>

#include "base/text.h"

enum token_kind {
	TOKEN_END,
	TOKEN_COMMENT,		/* with what ends it, but not its newline */
	TOKEN_WORD,		/* a name, a number or a boolean */
	TOKEN_STRING,		/* with its quotes; one piece of several */
	TOKEN_SIGN,		/* one character */
};

struct token {
	enum token_kind kind;
	bool open;		/* it is never closed: a string ends with its
				   line, a comment with the text */
	struct text text;	/* empty at the end, but where that is */
};

/* Takes the next token off the text, and the space before it. */
struct token	 token_next_or_comment(struct text *rest);

/* The same of what is no comment, and those before it. */
struct token	 token_next(struct text *rest);

/* The sign's character, or NUL where it is none. */
char		 token_sign(struct token);

/* How many brackets more are open behind it: 1, 0 or -1. */
int		 token_depth(struct token);

/* How many bytes of a string the character at its beginning is written in. */
size_t		 token_escape(struct text);

#endif

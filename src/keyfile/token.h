/*
 * The words of libconfig's language, one after the other, each where it
 * stands in the text.  Pure; knows no grammar: any text at all is a row of
 * tokens.
 */
#ifndef KEYFILE_TOKEN_H
#define KEYFILE_TOKEN_H

#include "base/text.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,		/* with its quotes; one piece of several */
	TOKEN_SIGN,		/* one character */
};

struct token {
	enum token_kind kind;
	struct text text;	/* empty at the end, but where that is */
};

/*
 * Takes the next token off the text, and the space and comments before it.
 * A string or comment that is never closed ends with the text.
 */
struct token	 token_next(struct text *rest);

/* The sign's character, or NUL where it is none. */
char		 token_sign(struct token);

/* How many brackets more are open behind it: 1, 0 or -1. */
int		 token_depth(struct token);

#endif

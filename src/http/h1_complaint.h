/*
 * What is wrong with a message that the parser refused, in words: where it is
 * and which byte.  Private to the HTTP/1.1 codec.
 */
#ifndef HTTP_H1_COMPLAINT_H
#define HTTP_H1_COMPLAINT_H

#include <stddef.h>

#include "http/h1_parse.h"

/*
 * Such as "the query holds a raw blank" or "the value of X-Sum holds a NUL",
 * to be freed.  p to p + n is the section as far as it is there, and why is
 * what the parser said of it.  Values are never shown, and of a response,
 * which may hold the key, no names but those of field_names.tbl.
 */
char	*h1_complain(enum h1_section, const char *p, size_t n,
	    const struct h1_why *);

#endif

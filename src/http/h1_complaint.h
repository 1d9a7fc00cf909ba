/*
 * What is wrong with a message that the parser refused, in words: the part of
 * the message, and the byte.  Private to the HTTP/1.1 codec.
 */
#ifndef HTTP_H1_COMPLAINT_H
#define HTTP_H1_COMPLAINT_H

#include <stddef.h>

#include "http/h1_parse.h"

/*
 * Such as "the query holds a raw blank" or "the value of X-Sum holds a NUL", to
 * be freed.  p to p + n is the section as far as it has come, and why the
 * parser's finding.  Values are never shown.  Of a response, which may hold the
 * key, only names of field_names.tbl are shown.
 */
char	*h1_complain(enum h1_section, const char *p, size_t n,
	    const struct h1_why *);

#endif

/*
 * Answers of the admin process, as responses of exchanges.
 */
#ifndef PAGES_ADMIN_ANSWER_H
#define PAGES_ADMIN_ANSWER_H

#include "base/text.h"
#include "client/exchange.h"
#include "pages/admin_page.h"

/* Answers with that content; a HEAD gets none of it. */
void	admin_answer(struct exchange *, unsigned status, const char *type,
	    struct text content);

/* Answers with that page. */
void	admin_answer_page(struct exchange *, const struct admin_page *);

/*
 * The errors of a request in the shape of fault.h; code is "sallyport.CODE"
 * without its first part.
 */
void	admin_answer_error(struct exchange *, unsigned status,
	    const char *code, const char *message);

/* 405, with the methods that the path has (RFC 9110 section 15.5.6). */
void	admin_answer_method(struct exchange *, const char *allow);

#endif

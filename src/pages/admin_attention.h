/*
 * What a person should look at, with the command to type.
 */
#ifndef PAGES_ADMIN_ATTENTION_H
#define PAGES_ADMIN_ATTENTION_H

#include <stdint.h>

#include "base/json.h"
#include "pages/admin_page.h"

/*
 * The member "attention": an array of objects with "key", the name of the one
 * that it is about, "what" and "command"; "key" and "command" may be null.  It
 * is empty if all is well.  now is seconds since 1970.
 */
void	admin_attention_put(struct json *, const struct admin_facts *,
	    int64_t now);

#endif

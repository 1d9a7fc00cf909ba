/*
 * The forms in which upstreams say that a key is invalid, or do not say it: a
 * field, a text of Elastic Cloud or of Elasticsearch, packed, or too long.
 */
#ifndef TESTS_SIM_REFUSAL_FORM_H
#define TESTS_SIM_REFUSAL_FORM_H

#include <stdbool.h>

#include "base/buf.h"

enum refusal_form {
	REFUSES_NOT,
	REFUSES_BY_FIELD,
	REFUSES_BY_CODE,
	REFUSES_BY_REASON,
	REFUSES_PACKED,
	REFUSES_OTHER_USER,	/* the code is about somebody else */
	REFUSES_TOO_LATE,	/* behind the bytes that are looked at */
	REFUSAL_FORMS
};

/* One of those that say something; in a body only where there may be one. */
enum refusal_form some_refusal(bool has_body);

/* Whether it says that the key is invalid. */
bool	refusal_is_one(enum refusal_form);

/* The fields for it, and its body: nothing where any body will do. */
const char *refusal_fields(enum refusal_form);
void	refusal_say(enum refusal_form, struct buf *);

#endif

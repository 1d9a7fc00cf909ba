/*
 * The expiry of a key in a response; see expiry.h.
 */
#include "upstream/expiry.h"

#include <stddef.h>

#include "base/date.h"

/* Whether two values are the same time, even in different forms. */
static bool
same(struct text a, struct text b, int64_t now)
{
	int64_t at, bt;

	if (date_parse_lenient(a, now, &at) &&
	    date_parse_lenient(b, now, &bt))
		return at == bt;
	return text_eq(a, b);
}

enum expiry_result
expiry_of(const struct fields *fields, int64_t now, int64_t *seconds,
    struct text *raw)
{
	const struct field *first = NULL;

	*raw = TEXT("");
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		if (f->id != FIELD_X_ELASTIC_API_KEY_EXPIRATION)
			continue;
		if (first == NULL) {
			first = f;
		} else if (!same(first->value, f->value, now)) {
			*raw = TEXT("ambiguous");
			return EXPIRY_AMBIGUOUS;
		}
	}
	if (first == NULL || date_is_none(first->value))
		return EXPIRY_ABSENT;
	if (date_parse_lenient(first->value, now, seconds))
		return EXPIRY_READ;
	*raw = first->value;
	return EXPIRY_UNREADABLE;
}

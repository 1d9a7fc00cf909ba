/*
 * JSON, read strictly (RFC 8259) into a tree.  Total: any bytes are read
 * without harm, in linear time, to a bounded depth.  Valid texts are UTF-8
 * without lone surrogates.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* Arrays and objects within each other; a deeper text is refused. */
#define JSON_DEPTH	32

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_value {
	enum json_kind kind;
	bool truth;			/* of a JSON_BOOL */
	struct text text;		/* a string without escapes, which may
					   hold NUL; a number as it was
					   written */
	struct text name;		/* of a member of an object */
	size_t count;			/* elements or members: */
	const struct json_value *first;	/* in their order */
	const struct json_value *next;	/* beside this one */
};

/*
 * The value that the whole text is, or NULL.  It lives in the arena and borrows
 * from the text.
 */
const struct json_value *json_read(struct arena *, struct text);

/*
 * The first member of that name; NULL where there is none, or where it is NULL
 * or no object.
 */
const struct json_value *json_member(const struct json_value *,
			    const char *name);

/* The text of a string; empty for any other value, and for NULL. */
struct text		 json_string(const struct json_value *);

/*
 * A whole number, written without fraction and exponent, that fits; false for
 * any other value, and for NULL.
 */
bool			 json_whole(const struct json_value *, int64_t *);

#endif

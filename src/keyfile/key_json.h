/*
 * A key in JSON (RFC 8259), as the APIs that make keys answer:
 * {"id":"...","key":"essu_..."}, {"id":"...","api_key":"...","encoded":"..."}.
 * Keys are found by the names of members or by the look of their values, at any
 * depth.  Pure.
 */
#ifndef KEYFILE_KEY_JSON_H
#define KEYFILE_KEY_JSON_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/text.h"

enum key_json {
	KEY_JSON_OTHER,		/* not JSON, or no object or list */
	KEY_JSON_NONE,		/* there is no key in it */
	KEY_JSON_MANY,		/* more than one, and they differ */
	KEY_JSON_FOUND,
};

/*
 * *value is the caller's, set only with KEY_JSON_FOUND.  *joined: the value is
 * the base64 of "id:api_key", since there was nothing else.
 */
enum key_json	 key_json_find(struct text, struct secret **value,
		    bool *joined);

#endif

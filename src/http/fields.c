/*
 * The ordered list of fields; see fields.h.
 */
#include "http/fields.h"

#include <stdlib.h>

#include "base/alloc.h"

static const struct text names[] = {
	[FIELD_OTHER] = { .p = "", .n = 0 },
#define FIELD(id, name) [FIELD_##id] = { .p = name, .n = sizeof(name) - 1 },
#include "http/field_names.tbl"
#undef FIELD
};

struct text
field_name(enum field_id id)
{
	return names[id];
}

/* The names that no other name of the table equals in length. */
static const uint8_t of_length[] = {
	[2] = FIELD_TE,
	[8] = FIELD_LOCATION,
	[11] = FIELD_TRACEPARENT,
	[13] = FIELD_AUTHORIZATION,
	[19] = FIELD_PROXY_AUTHORIZATION,
	[21] = FIELD_X_RATELIMIT_REMAINING,
	[22] = FIELD_ES_SECURITY_RUNAS_USER,
	[25] = FIELD_PROXY_AUTHENTICATION_INFO,
	[26] = FIELD_ES_SECONDARY_AUTHORIZATION,
	[28] = FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	[29] = FIELD_ACCESS_CONTROL_REQUEST_METHOD,
	[30] = FIELD_ACCESS_CONTROL_REQUEST_HEADERS,
};

/* The name of the table that alone has this length. */
static enum field_id
only_one(size_t n)
{
	return n < sizeof(of_length) ? (enum field_id)of_length[n] :
	    FIELD_OTHER;
}

/*
 * The only name of the table that a name of this length can be: where a
 * length is shared, the first byte tells the names apart, or the third, in
 * whatever case.
 */
static enum field_id
candidate(const char *p, size_t n)
{
	char first = n != 0 ? (char)(p[0] | 0x20) : '\0';

	switch (n) {
	case 4:
		return first == 'h' ? FIELD_HOST : FIELD_DATE;
	case 6:
		return first == 'c' ? FIELD_COOKIE :
		    first == 'e' ? FIELD_EXPECT : FIELD_ORIGIN;
	case 7:
		return first == 'u' ? FIELD_UPGRADE : FIELD_TRAILER;
	case 10:
		return first == 'c' ? FIELD_CONNECTION :
		    first == 'k' ? FIELD_KEEP_ALIVE :
		    first == 't' ? FIELD_TRACESTATE : FIELD_USER_AGENT;
	case 12:
		return first == 'c' ? FIELD_CONTENT_TYPE : FIELD_X_REQUEST_ID;
	case 14:
		return first == 'c' ? FIELD_CONTENT_LENGTH :
		    first == 's' ? FIELD_SEC_FETCH_SITE :
		    FIELD_HTTP2_SETTINGS;
	case 15:
		return first == 'a' ? FIELD_ACCEPT_ENCODING :
		    FIELD_X_FOUND_CLUSTER;
	case 16:
		return first == 'c' ? FIELD_CONTENT_LOCATION :
		    FIELD_PROXY_CONNECTION;
	case 17:
		return first == 't' ? FIELD_TRANSFER_ENCODING :
		    FIELD_X_RATELIMIT_LIMIT;
	case 18:
		return first == 'p' ? FIELD_PROXY_AUTHENTICATE :
		    FIELD_X_CLOUD_REQUEST_ID;
	case 20:
		return (p[2] | 0x20) == 'm' ? FIELD_X_MANAGEMENT_REQUEST :
		    FIELD_X_RATELIMIT_INTERVAL;
	default:
		return only_one(n);
	}
}

enum field_id
field_id_of(struct text name)
{
	enum field_id id = candidate(name.p, name.n);

	return id != FIELD_OTHER && text_eq_nocase(name, names[id]) ? id :
	    FIELD_OTHER;
}

void
fields_release(struct fields *list)
{
	free(list->v);
	*list = (struct fields){ .v = NULL };
}

void
fields_clear(struct fields *list)
{
	list->n = 0;
}

void
fields_add(struct fields *list, enum field_id id, struct text name,
    struct text value)
{
	if (list->n == list->cap) {
		list->cap = list->cap != 0 ? 2 * list->cap : 32;
		list->v = xreallocarray(list->v, list->cap, sizeof(*list->v));
	}
	list->v[list->n++] = (struct field){
		.id = id, .name = name, .value = value
	};
}

void
fields_add_sensitive(struct fields *list, enum field_id id, struct text name,
    struct text value)
{
	fields_add(list, id, name, value);
	list->v[list->n - 1].sensitive = true;
}

const struct field *
fields_find(const struct fields *list, enum field_id id)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].id == id)
			return &list->v[i];
	}
	return NULL;
}

size_t
fields_count(const struct fields *list, enum field_id id)
{
	size_t count = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].id == id)
			count++;
	}
	return count;
}

bool
fields_next_member(const struct fields *list, enum field_id id,
    struct field_cursor *at, struct text *member)
{
	for (;;) {
		while (at->rest.p != NULL &&
		    text_split(&at->rest, ',', member)) {
			*member = text_trim(*member);
			if (member->n != 0)
				return true;
		}
		while (at->next < list->n && list->v[at->next].id != id)
			at->next++;
		if (at->next == list->n)
			return false;
		at->rest = list->v[at->next++].value;
	}
}

bool
fields_have_token(const struct fields *list, enum field_id id,
    struct text token)
{
	struct field_cursor at = { .next = 0 };
	struct text member;

	while (fields_next_member(list, id, &at, &member)) {
		if (text_eq_nocase(member, token))
			return true;
	}
	return false;
}

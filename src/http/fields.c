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

/*
 * The only name of the table that a name of this length can be: where a
 * length is shared, one byte tells the names apart.
 */
static enum field_id
candidate(const char *p, size_t n)
{
	switch (n) {
	case 2:
		return FIELD_TE;
	case 3:
		return FIELD_VIA;
	case 4:
		return ascii_lower(p[0]) == 'h' ? FIELD_HOST : FIELD_DATE;
	case 6:
		switch (ascii_lower(p[0])) {
		case 'c':
			return FIELD_COOKIE;
		case 'e':
			return FIELD_EXPECT;
		default:
			return FIELD_ORIGIN;
		}
	case 7:
		return ascii_lower(p[0]) == 'u' ? FIELD_UPGRADE :
		    FIELD_TRAILER;
	case 10:
		switch (ascii_lower(p[0])) {
		case 'c':
			return FIELD_CONNECTION;
		case 'k':
			return FIELD_KEEP_ALIVE;
		default:
			return FIELD_USER_AGENT;
		}
	case 12:
		return ascii_lower(p[0]) == 'c' ? FIELD_CONTENT_TYPE :
		    FIELD_X_REQUEST_ID;
	case 13:
		return FIELD_AUTHORIZATION;
	case 14:
		switch (ascii_lower(p[0])) {
		case 'c':
			return FIELD_CONTENT_LENGTH;
		case 's':
			return FIELD_SEC_FETCH_SITE;
		default:
			return FIELD_HTTP2_SETTINGS;
		}
	case 15:
		return FIELD_X_FOUND_CLUSTER;
	case 16:
		return FIELD_PROXY_CONNECTION;
	case 17:
		return FIELD_TRANSFER_ENCODING;
	case 18:
		return FIELD_PROXY_AUTHENTICATE;
	case 19:
		return FIELD_PROXY_AUTHORIZATION;
	case 20:
		return FIELD_X_MANAGEMENT_REQUEST;
	case 22:
		return FIELD_ES_SECURITY_RUNAS_USER;
	case 25:
		return FIELD_PROXY_AUTHENTICATION_INFO;
	case 26:
		return FIELD_ES_SECONDARY_AUTHORIZATION;
	case 28:
		return FIELD_X_ELASTIC_API_KEY_EXPIRATION;
	case 29:
		return FIELD_ACCESS_CONTROL_REQUEST_METHOD;
	case 30:
		return FIELD_ACCESS_CONTROL_REQUEST_HEADERS;
	default:
		return FIELD_OTHER;
	}
}

enum field_id
field_id_of(struct text name)
{
	enum field_id id = candidate(name.p, name.n);

	return text_eq_nocase(name, names[id]) ? id : FIELD_OTHER;
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

const struct field *
fields_find(const struct fields *list, enum field_id id)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].id == id)
			return &list->v[i];
	}
	return NULL;
}

const struct field *
fields_find_name(const struct fields *list, struct text name)
{
	for (size_t i = 0; i < list->n; i++) {
		if (text_eq_nocase(list->v[i].name, name))
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

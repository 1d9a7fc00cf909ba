/*
 * The ordered list of fields of a message (RFC 9110 section 5).
 */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum field_id {
	FIELD_OTHER,
#define FIELD(id, name) FIELD_##id,
#include "http/field_names.tbl"
#undef FIELD
};

/* One bit of a set of known fields: FIELD_BIT(HOST) | FIELD_BIT(DATE). */
#define FIELD_BIT(id)	(UINT64_C(1) << FIELD_##id)

/* The id of a name in any case, or FIELD_OTHER. */
enum field_id	 field_id_of(struct text name);
struct text	 field_name(enum field_id);

struct field {
	enum field_id id;
	struct text name;	/* as it was written */
	struct text value;	/* without OWS at its ends */
	bool sensitive;		/* a secret: memory that held it is wiped, and
				   no protocol may remember it */
};

/* A list whose memory is one array that grows; the texts are borrowed. */
struct fields {
	struct field *v;
	size_t n, cap;
};

void		 fields_release(struct fields *);

/* Empties the list and keeps its memory. */
void		 fields_clear(struct fields *);
void		 fields_add(struct fields *, enum field_id, struct text name,
		    struct text value);
void		 fields_add_sensitive(struct fields *, enum field_id,
		    struct text name, struct text value);

/* The first field of that id, or NULL; the number of fields of that id. */
const struct field *fields_find(const struct fields *, enum field_id);
size_t		 fields_count(const struct fields *, enum field_id);

/*
 * Walks the comma separated members of all fields of one id (RFC 9110 section
 * 5.6.1), without empty ones.  A comma within quotes separates, too: no field
 * that is read here has quotes.  Start with a zeroed cursor.
 */
struct field_cursor {
	size_t next;
	struct text rest;
};
bool		 fields_next_member(const struct fields *, enum field_id,
		    struct field_cursor *, struct text *member);

/* A member equals token, in any case, as in "Connection: close". */
bool		 fields_have_token(const struct fields *, enum field_id,
		    struct text token);

#endif

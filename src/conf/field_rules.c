/*
 * Fields that a configuration may name; see field_rules.h.  Called by the
 * converters, and by the verbs that write keys and say what routes pass.
 */
#include "conf/field_rules.h"

#include "conf/value.h"
#include "http/rules.h"

/* The longest name of a key's field. */
#define MAX_NAME	64

/* A name in this list that ends in "-" means all names that begin with it. */
static const char *const reserved[] = {
	"accept-encoding", "connection", "content-", "cookie", "cookie2",
	"expect", "forwarded", "host", "http2-settings", "keep-alive",
	"proxy-", "te", "trailer", "transfer-encoding", "upgrade", "via",
	"x-forwarded-",
};

static bool
is_reserved(struct text folded)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		struct text t = text_of(reserved[i]);

		if (text_ends_with(t, TEXT("-")) ?
		    text_starts_with(folded, t) : text_eq(folded, t))
			return true;
	}
	return false;
}

const char *
field_rules_of_key(struct text name)
{
	const char *why = value_token(name);
	char buf[MAX_NAME];
	struct text folded;

	if (why != NULL)
		return why;
	if (name.n > MAX_NAME)
		return "the name of a field has at most 64 characters";
	folded = field_name_fold(name, buf, sizeof(buf));
	if (folded.n == 0 || is_reserved(folded))
		return "a key cannot stand in this field";
	if (text_eq(folded, field_name(FIELD_AUTHORIZATION)) &&
	    !text_eq_nocase(name, folded))
		return "reads like Authorization, and is not";
	return NULL;
}

static const struct {
	enum field_id id;
	const char *name;
} passable[] = {
#define PASSABLE(id, name) { FIELD_##id, name },
#include "conf/passable.tbl"
#undef PASSABLE
};

#define N_PASSABLE	(sizeof(passable) / sizeof(*passable))

enum field_id
field_rules_passable(struct text name, const char **why)
{
	enum field_id id = field_id_of(name);

	for (size_t i = 0; i < N_PASSABLE; i++) {
		if (passable[i].id == id)
			return id;
	}
	*why = "only these may pass:"
#define PASSABLE(id, name) " " name
#include "conf/passable.tbl"
#undef PASSABLE
	    ;
	return FIELD_OTHER;
}

const char *
field_rules_name(enum field_id id)
{
	for (size_t i = 0; i < N_PASSABLE; i++) {
		if (passable[i].id == id)
			return passable[i].name;
	}
	return field_name(id).p;
}

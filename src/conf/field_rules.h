/*
 * The fields that a configuration may name: the one that carries a key, and
 * those of clients that a route lets pass.
 */
#ifndef CONF_FIELD_RULES_H
#define CONF_FIELD_RULES_H

#include "base/text.h"
#include "http/fields.h"

/*
 * Why a key cannot be in this field, a text as in conf/value.h; NULL where it
 * can.  The name must be a token.  It must not be a field that frames or routes
 * a message, nor one that proxies add to or take off, nor read like one of
 * these or like Authorization.
 */
const char	*field_rules_of_key(struct text name);

/* The field that a route may let pass; otherwise FIELD_OTHER, and *why. */
enum field_id	 field_rules_passable(struct text name, const char **why);

/* Such a field as it is usually written. */
const char	*field_rules_name(enum field_id);

#endif

/*
 * What the value of a key looks like: whether it has the form of those that
 * Elastic gives out.  Nobody promised that form, so what is said of it is
 * never more than a warning.  Pure.
 */
#ifndef CONF_KEY_LOOK_H
#define CONF_KEY_LOOK_H

#include <stdbool.h>

#include "base/text.h"

/*
 * It has the look of a key of Elastic Cloud ("essu_...", whatever its check
 * sum says) or of Elasticsearch and ECE (base64 of "id:secret").
 */
bool		 key_look_is_known(struct text value);

/*
 * What there is to say of a value, or NULL; completes "key 'NAME' ...".
 * of_elastic: it is sent as ApiKey in Authorization.  Of others only what
 * holds for them, too, is said.
 */
const char	*key_look_remark(struct text value, bool of_elastic);

#endif

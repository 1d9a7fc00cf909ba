/*
 * The look of a key's value: whether it has the form of Elastic's keys.  That
 * form is not guaranteed, so there are only warnings about it.  Pure.
 */
#ifndef CONF_KEY_LOOK_H
#define CONF_KEY_LOOK_H

#include <stdbool.h>

#include "base/text.h"

/*
 * The value looks like a key of Elastic Cloud ("essu_...", its check sum is not
 * verified) or of Elasticsearch and ECE (base64 of "id:secret").
 */
bool		 key_look_is_known(struct text value);

/* It is base64, with or without its padding, of a text with ":" in it. */
bool		 key_look_is_pair(struct text value);

/*
 * A remark on a value, or NULL; completes "key 'NAME' ...".  of_elastic: it is
 * sent as ApiKey in Authorization.  Other keys only get remarks that hold for
 * all keys.
 */
const char	*key_look_remark(struct text value, bool of_elastic);

#endif

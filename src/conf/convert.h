/*
 * Texts of options to the members they go into: one converter per type of
 * option that is written as a text.  set.c calls them by types.tbl.
 */
#ifndef CONF_CONVERT_H
#define CONF_CONVERT_H

#include "base/text.h"
#include "conf/options.h"
#include "conf/reader.h"

/* The value of an option as written in a file. */
struct written {
	struct reader *r;
	const struct option_info *o;
	const struct setting *s;	/* the setting, or one of its
					   elements */
};

/*
 * Sets the member at, whose type is that of the option, or the element of a
 * list.  NULL, or the fault as in conf/value.h; then it is not set.  Values are
 * kept in the reader's memory.
 */
typedef const char *converter(const struct written *, struct text, void *at);

converter convert_address;
converter convert_certificate_name;
converter convert_client_key;
converter convert_date;
converter convert_digest;
converter convert_group;
converter convert_host;		/* without a port */
converter convert_host_port;
converter convert_key_field;
converter convert_listed_host;	/* as in the field Host, IPv6 in []; or
				   a range of addresses */
converter convert_method;
converter convert_mode;
converter convert_name;
converter convert_output;	/* a word of the option, or a path with a / */
converter convert_passed;
converter convert_path;		/* relative to the main file's directory */
converter convert_pin;
converter convert_prefix;
converter convert_target;
converter convert_proxy;
converter convert_range;
converter convert_rate;
converter convert_ref;
converter convert_scheme;
converter convert_string;
converter convert_threshold;
converter convert_url;
converter convert_user;

/* Into an int64_t each; the limits of the option are checked later. */
converter convert_size;
converter convert_time;

#endif

/*
 * Do the names of a client's verified certificate satisfy a rule?  Pure; where
 * the names come from is cert/names.  They are never names of users or groups
 * of this machine, nor the other way round.
 */
#ifndef POLICY_CERTIFICATE_NAME_H
#define POLICY_CERTIFICATE_NAME_H

#include <stdbool.h>

#include "base/text.h"
#include "cert/names.h"
#include "conf/conf.h"

/*
 * The name is the one that a rule means, which value_certificate_name()
 * accepted: "spiffe://corp/team-a/x" for "spiffe://corp/team-a/" and a "*",
 * which stands for exactly one segment.
 */
bool	certificate_uri_matches(struct text rule, struct text uri);

/* The same for a rule such as "dns:ci.corp.example" and a DNS name. */
bool	certificate_dns_matches(struct text rule, struct text dns);

/* One of the rules means one of the names. */
bool	certificate_names_match(const struct conf_texts *rules,
	    const struct cert_names *);

#endif

/* What holds of the names of every certificate that was not refused. */
#ifndef TESTS_FUZZ_FUZZ_CERT_NAMES_H
#define TESTS_FUZZ_FUZZ_CERT_NAMES_H

#include <string.h>

#include "cert/names.h"
#include "fuzz.h"

static inline void
fuzz_is_shown(const char *name, size_t most, char least)
{
	fuzz_assert(strlen(name) <= most);
	for (; *name != '\0'; name++)
		fuzz_assert(*name >= least && *name <= '~');
}

static inline void
fuzz_check_names(const struct cert_names *names)
{
	if (names->uri != NULL) {
		fuzz_assert(names->uri[0] != '\0');
		fuzz_is_shown(names->uri, CERT_URI_MOST, '!');
	}
	fuzz_assert(names->n_dns <= CERT_DNS_NAMES_MOST);
	for (size_t i = 0; i < names->n_dns; i++)
		fuzz_is_shown(names->dns[i], CERT_DNS_MOST, '!');
	fuzz_is_shown(names->subject, CERT_SUBJECT_MOST, ' ');
	fuzz_is_shown(names->issuer, CERT_SUBJECT_MOST, ' ');
}

/* A refusal leaves no name. */
static inline void
fuzz_check_refused(const struct cert_names *names, const char *why)
{
	fuzz_assert(why[0] != '\0' && strchr(why, '\n') == NULL);
	fuzz_assert(names->uri == NULL && names->subject == NULL &&
	    names->issuer == NULL && names->n_dns == 0);
}

#endif

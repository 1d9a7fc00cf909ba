/*
 * TLS of listeners; see setting_tls.h.
 */
#include "setting_tls.h"

#include <stdio.h>
#include <string.h>

#include "dice.h"
#include "history.h"
#include "way.h"

#define S(literal)	((char []){ literal })
#define AUTHORITIES	64

char *setting_certificate_rules[N_CERTIFICATE_RULES] = {
    S("spiffe://sim.example/team/*"), S("dns:ci.sim.example") };

/* In the order of their numbers; the rules are for the first and the third. */
static const char *const names[N_CERTIFICATES] = {
	[OF_TEAM] = "spiffe://sim.example/team/one",
	[OF_OTHER_TEAM] = "spiffe://sim.example/other-team/one",
	[OF_CI] = "dns:ci.sim.example",
	[OF_NOBODY] = "dns:nobody.sim.example",
};

/* By the latest configuration, or what was renewed since. */
static unsigned authority[N_LISTENERS];
static char authorities[AUTHORITIES][16];

void
setting_tls_begin(void)
{
	for (size_t i = 0; i < N_LISTENERS; i++)
		authority[i] = 0;
}

bool
setting_speaks_tls(size_t listener)
{
	return listener == BY_TLS ||
	    (listener == BY_BALANCER && mood()->balancer_shakes);
}

const char *
setting_certificate_name(size_t certificate)
{
	return names[certificate];
}

unsigned
setting_renew_authority(size_t listener)
{
	must(authority[listener] + 1 < AUTHORITIES, "too many authorities");
	return ++authority[listener];
}

struct text
setting_authority(unsigned number)
{
	(void)snprintf(authorities[number], sizeof(authorities[number]),
	    "authority %u", number);
	return text_of(authorities[number]);
}

unsigned
setting_judges_by(const struct setting *s, unsigned its)
{
	return 2 * its + s->names_are_listed;
}

void
setting_choose_tls(struct setting *s)
{
	const struct conf_texts rules = { setting_certificate_rules,
	    N_CERTIFICATE_RULES };

	s->names_are_listed = dice_one_in(4);
	for (size_t i = 0; i < N_LISTENERS; i++) {
		struct conf_listener *l = &s->listeners[i];

		if (!setting_speaks_tls(i))
			continue;
		if (settings() != 0 && dice_one_in(3))
			(void)setting_renew_authority(i);
		s->authority[i] = authority[i];
		l->tls.certificate = TEXT("certificate");
		l->tls.client_ca = setting_authority(authority[i]);
		l->tls.required = mood()->certificate_is_required;
		l->certificate_rules = rules;
		if (s->names_are_listed)
			l->certificate = rules;
	}
}

/* -- by rules as simple as these -- */

static bool
some_rule_is_for(size_t certificate)
{
	return certificate == OF_TEAM || certificate == OF_CI;
}

bool
setting_refuses_certificate(const struct setting *s, size_t listener,
    size_t certificate)
{
	if (!setting_speaks_tls(listener) ||
	    (certificate == NO_CERTIFICATE && !s->names_are_listed))
		return false;
	return !some_rule_is_for(certificate);
}

bool
setting_certificate_is_for(const struct conf_route *r, size_t certificate)
{
	if (r->certificate.n == 0)
		return true;
	return certificate == OF_TEAM || (r->certificate.n > 1 &&
	    some_rule_is_for(certificate));
}

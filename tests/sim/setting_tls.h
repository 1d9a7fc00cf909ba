/*
 * TLS of listeners: one speaks it with anybody, and in some worlds so does that
 * of balancers, behind their header.
 */
#ifndef TESTS_SIM_SETTING_TLS_H
#define TESTS_SIM_SETTING_TLS_H

#include "conf/conf.h"
#include "setting.h"

/* What routes ask of a certificate: the first, or any of both. */
#define N_CERTIFICATE_RULES	2
extern char *setting_certificate_rules[N_CERTIFICATE_RULES];

/* A run begins; nothing was renewed yet. */
void	setting_tls_begin(void);

/* Has the listeners of one more configuration speak it. */
void	setting_choose_tls(struct setting *);

/* Whether a certificate, or none, fulfils the condition of a route. */
bool	setting_certificate_is_for(const struct conf_route *,
	    size_t certificate);

#endif

/*
 * Proxies in front of upstreams: one that is spoken to in the clear and one in
 * TLS, each with a key that is for it alone; and balancers in front of us.
 */
#ifndef TESTS_SIM_SETTING_PROXY_H
#define TESTS_SIM_SETTING_PROXY_H

#include "conf/conf.h"
#include "setting.h"

#define N_PROXIES	2

/* Of whom balancers are, which come by a listener of their own. */
extern struct cidr setting_balancers[1];

extern char *setting_proxy_hosts[N_PROXIES];
extern char setting_scheme_corp[], setting_scheme_corp_tls[];

/* Has some upstreams reached by them, if the world is one with proxies. */
void		 setting_choose_proxies(struct setting *);

/* By which the upstream's proxy is told its key. */
const char	*setting_proxy_scheme(const struct conf_upstream *);

#endif

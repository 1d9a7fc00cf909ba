/*
 * Proxies in front of upstreams, and of us; see setting_proxy.h.
 */
#include "setting_proxy.h"

#include "dice.h"

#define S(literal)	((char []){ literal })

char *setting_proxy_hosts[N_PROXIES] = { S("corp.example"),
    S("corp-tls.example") };

struct cidr setting_balancers[1] = { { .family = AF_INET, .bytes = { 10 },
    .bits = 8 } };

/* Values have no colon, so Basic sends them as they are. */
char setting_scheme_corp[] = "Basic", setting_scheme_corp_tls[] = "Bearer";

void
setting_choose_proxies(struct setting *s)
{
	static const size_t keys[N_PROXIES] = { KEY_CORP, KEY_CORP_TLS };

	for (size_t i = 0; i < N_UPSTREAMS; i++) {
		size_t n = dice(N_PROXIES);

		if (!mood()->proxied || dice_one_in(3))
			continue;
		s->upstreams[i].proxy = (struct conf_proxy){
			.url = setting_proxy_hosts[n],
			.host = setting_proxy_hosts[n],
			.port = n == 0 ? 3128 : 8443,
			.tls = n != 0,
			.key = dice_one_in(3) ? CONF_NONE :
			    s->places[keys[n]],
		};
	}
}

const char *
setting_proxy_scheme(const struct conf_upstream *u)
{
	return u->proxy.tls ? setting_scheme_corp_tls : setting_scheme_corp;
}

/*
 * Who a client is; see client_id.h.
 */
#include "policy/client_id.h"

#include <string.h>

static struct client_id
of_inet6(const struct in6_addr *a)
{
	struct client_id c = { .kind = CLIENT_INET6 };
	uint32_t mapped;

	if (IN6_IS_ADDR_V4MAPPED(a)) {
		memcpy(&mapped, a->s6_addr + 12, sizeof(mapped));
		return (struct client_id){ .kind = CLIENT_INET, .id = mapped };
	}
	memcpy(&c.id, a->s6_addr, sizeof(c.id));
	return c;
}

struct client_id
client_id_of_address(const struct addr_ip *ip)
{
	if (ip->len == 0)
		return (struct client_id){ .kind = CLIENT_UNKNOWN };
	if (ip->sa.sa_family == AF_INET6)
		return of_inet6(&ip->in6.sin6_addr);
	return (struct client_id){
		.kind = CLIENT_INET, .id = ip->in.sin_addr.s_addr,
	};
}

bool
client_id_same(struct client_id a, struct client_id b)
{
	return a.kind == b.kind && a.id == b.id;
}

struct client_id
client_id_of(const struct principal *who, const struct conf_route *route)
{
	if (who->has_user)
		return (struct client_id){
			.kind = CLIENT_USER, .id = who->uid,
		};
	if (route->client != CONF_NONE)
		return (struct client_id){ .kind = CLIENT_KEY };
	return client_id_of_address(&who->ip);
}

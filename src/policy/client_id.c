/*
 * Who a client is; see client_id.h.
 */
#include "policy/client_id.h"

#include <string.h>

#include "base/digest.h"

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

/* A name of nobody: the certificate itself is told from others. */
static struct client_id
of_certificate(const struct principal *who)
{
	struct client_id c = { .kind = CLIENT_CERTIFICATE };
	const char *name = principal_name(who);
	uint8_t sha256[DIGEST_SIZE];

	if (name != NULL && digest_sha256(name, strlen(name), sha256))
		memcpy(&c.id, sha256, sizeof(c.id));
	else
		memcpy(&c.id, who->certificate->sha256, sizeof(c.id));
	return c;
}

struct client_id
client_id_of(const struct principal *who, const struct conf_route *route)
{
	if (who->has_user)
		return (struct client_id){
			.kind = CLIENT_USER, .id = who->uid,
		};
	if (who->certificate != NULL)
		return of_certificate(who);
	if (route->client != CONF_NONE)
		return (struct client_id){ .kind = CLIENT_KEY };
	return client_id_of_address(&who->ip);
}

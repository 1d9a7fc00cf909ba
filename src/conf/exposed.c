/*
 * Listeners that other machines can reach; see conf.h.  Called when a
 * configuration is checked, and for what needs attention.
 */
#include "base/alloc.h"
#include "conf/conf.h"

char *
conf_listener_exposed(const struct conf_listener *l, const struct addr *at)
{
	char text[ADDR_TEXT];

	if (addr_is_loopback(at) || l->tls.certificate.p != NULL)
		return NULL;
	addr_format(at, text);
	return xasprintf("other machines can reach %s without TLS: who is on "
	    "the way can read and change what passes", text);
}

/*
 * The header of a proxy, byte by byte: what is whole or bad is so at its first
 * look and whatever follows, and what is wanted is never more than it has.
 */
#include "fuzz.h"

#include <string.h>

#include "net/proxy_header.h"

static void
check_whole(const uint8_t *p, size_t used, size_t n,
    const struct proxy_header *h)
{
	struct proxy_header again;

	fuzz_assert(used <= PROXY_HEADER_MOST);
	fuzz_assert(h->local || h->client.len == sizeof(h->client.in) ||
	    h->client.len == sizeof(h->client.in6));
	fuzz_assert(proxy_header_read(p, n, &again) == PROXY_HEADER_WHOLE);
	fuzz_assert(again.local == h->local);
	fuzz_assert(memcmp(&again.client, &h->client,
	    sizeof(again.client)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct proxy_header h;
	size_t at = 0;

	for (;;) {
		switch (proxy_header_read(p, at, &h)) {
		case PROXY_HEADER_PART:
			fuzz_assert(h.wanted > at);
			fuzz_assert(h.wanted <= PROXY_HEADER_MOST);
			if (h.wanted > n)
				return 0;
			at = h.wanted;
			break;
		case PROXY_HEADER_WHOLE:
			check_whole(p, at, n, &h);
			return 0;
		case PROXY_HEADER_BAD:
			fuzz_assert(h.fault != NULL);
			return 0;
		}
	}
}

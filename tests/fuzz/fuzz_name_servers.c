/*
 * A resolv.conf(5): whatever it holds, the list is of addresses and nothing
 * else, and the same addresses, a line each, are the same list.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "net/name_servers.h"

/* A line is as much longer than its address in the list. */
#define LINES	(NAME_SERVERS_LIST * 4)

static bool
is_address(char *a)
{
	uint8_t bytes[sizeof(struct in6_addr)];
	size_t n = strlen(a);

	if (a[0] != '[')
		return inet_pton(AF_INET, a, bytes) == 1;
	if (a[n - 1] != ']')
		return false;
	a[n - 1] = '\0';
	return inet_pton(AF_INET6, a + 1, bytes) == 1;
}

/* Each address of the list as a line; the list is cut up. */
static void
write_lines(char *list, char lines[LINES])
{
	size_t n = 0;

	for (char *a = list, *next; a != NULL; a = next) {
		next = strchr(a, ',');
		if (next != NULL)
			*next++ = '\0';
		fuzz_assert(is_address(a));
		n += (size_t)snprintf(lines + n, LINES - n,
		    "nameserver %s\n", a + (a[0] == '['));
		fuzz_assert(n < LINES);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *text = xcalloc(1, n + 1);
	char list[NAME_SERVERS_LIST], again[NAME_SERVERS_LIST], lines[LINES];

	if (n != 0)
		memcpy(text, p, n);
	memset(list, 'x', sizeof(list));
	name_servers_parse(text, list);
	fuzz_assert(memchr(list, '\0', sizeof(list)) != NULL);
	memcpy(again, list, sizeof(again));
	write_lines(again, lines);
	name_servers_parse(lines, again);
	fuzz_assert(strcmp(again, list) == 0);
	free(text);
	return 0;
}

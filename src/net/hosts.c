/*
 * The hosts file; see hosts.h.
 */
#include "net/hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

struct entry {
	char *name;
	struct addr addr;
};

struct hosts {
	struct entry *v;
	size_t n;
};

static bool
parse_ip(const char *s, struct addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(a, 0, sizeof(*a));
	a->kind = ADDR_INET;
	if (inet_pton(AF_INET, s, &in.sin_addr) == 1) {
		memcpy(&a->ss, &in, sizeof(in));
		a->len = sizeof(in);
		return true;
	}
	if (inet_pton(AF_INET6, s, &in6.sin6_addr) == 1) {
		memcpy(&a->ss, &in6, sizeof(in6));
		a->len = sizeof(in6);
		return true;
	}
	return false;
}

/* "ADDRESS NAME NAME ... # comment" */
static void
add_line(struct hosts *h, char *line)
{
	static const char space[] = " \t\r\n";
	struct addr a;
	char *at, *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, space, &at);
	if (word == NULL || !parse_ip(word, &a))
		return;
	while ((word = strtok_r(NULL, space, &at)) != NULL) {
		h->v = xreallocarray(h->v, h->n + 1, sizeof(*h->v));
		h->v[h->n++] = (struct entry){
			.name = xstrdup(word), .addr = a,
		};
	}
}

struct hosts *
hosts_load(const char *path)
{
	struct hosts *h = xcalloc(1, sizeof(*h));
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (f == NULL)
		return h;
	while (getline(&line, &size, f) != -1)
		add_line(h, line);
	free(line);
	fclose(f);
	return h;
}

void
hosts_free(struct hosts *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].name);
	free(h->v);
	free(h);
}

/* localhost, and all names below it. */
static bool
is_localhost(const char *name)
{
	static const char localhost[] = ".localhost";
	const size_t n = sizeof(localhost) - 1, len = strlen(name);

	return strcasecmp(name, localhost + 1) == 0 ||
	    (len > n && strcasecmp(name + len - n, localhost) == 0);
}

bool
hosts_find(const struct hosts *h, const char *name, size_t i,
    struct addr *a)
{
	static const char *const loopback[] = { "127.0.0.1", "::1" };
	bool named = false;

	for (size_t e = 0; e < h->n; e++) {
		if (strcasecmp(h->v[e].name, name) != 0)
			continue;
		named = true;
		if (i-- == 0) {
			*a = h->v[e].addr;
			return true;
		}
	}
	return !named && i < 2 && is_localhost(name) &&
	    parse_ip(loopback[i], a);
}

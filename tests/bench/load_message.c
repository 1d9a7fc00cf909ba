/*
 * The requests of the load generator; see load_message.h.
 */
#include "load_message.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

void
load_message_set(struct load_message *m, const char *path, bool posts,
    size_t body, bool closes)
{
	char length[64] = "";
	int n;

	if (posts)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
		    body);
	n = snprintf(m->bytes, LOAD_HEAD_MAX, "%s %s HTTP/1.1\r\n"
	    "Host: localhost\r\nUser-Agent: load\r\nAccept: */*\r\n%s%s\r\n",
	    posts ? "POST" : "GET", path, length,
	    closes ? "Connection: close\r\n" : "");
	if (n < 0 || n >= LOAD_HEAD_MAX)
		errx(2, "the path is too long");
	m->n = (size_t)n;
	if (!posts)
		return;
	memset(m->bytes + m->n, 'x', body);
	m->n += body;
}

/*
 * For tests: a name server in the loop of the test.  Every name it is asked
 * for has the same addresses.
 */
#ifndef TESTS_UNIT_NET_NAME_SERVER_H
#define TESTS_UNIT_NET_NAME_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>

#include "net/loop.h"

enum { RCODE_OK = 0, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3 };

struct event;

struct name_server {
	int fd;
	struct event *event;
	uint8_t rcode;
	bool silent;
	bool silent_v4;			/* to queries for IPv4 only */
	bool silent_v6;			/* to queries for IPv6 only */
	bool hold_v6;			/* until name_server_let_go() */
	uint32_t ttl;			/* 60 */
	uint32_t alias_ttl;		/* not 0: the name is an alias */
	const char *v4[20], *v6[12];	/* NULL at the end */
	const char *name;		/* not NULL: the only one expected */
	unsigned asked;			/* queries for IPv4 */
	unsigned asked_v6;
	unsigned unexpected;		/* queries for other names */
	struct name_server_query {	/* of the first, where from */
		uint16_t port, id;
	} queries[512];
	struct {			/* of those that are held the last */
		uint8_t m[512];
		size_t n;
		struct sockaddr_in from;
	} held;
	char address[64];		/* "127.0.0.1:PORT" */
};

void	name_server_start(struct name_server *, struct loop *);

/* At this address and the port of name servers; false where not permitted. */
bool	name_server_start_at(struct name_server *, struct loop *,
	    const char *ip);

/* Answers what it held. */
void	name_server_let_go(struct name_server *);

void	name_server_stop(struct name_server *);

#endif

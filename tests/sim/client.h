/*
 * Clients: each connects once, sends one or several requests in its own manner,
 * reads the answers, and goes.
 */
#ifndef TESTS_SIM_CLIENT_H
#define TESTS_SIM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

struct client;

void	clients_begin(size_t n);
void	clients_end(void);

/* The client with this port or uid, or NULL. */
struct client *client_of_number(unsigned long);

/*
 * A request whose head is incomplete and, at this time, has come for longer
 * than it may; or NULL.
 */
const struct request *clients_late_head(int64_t at);

/* A worker with this configuration let it in. */
void	client_is_let_in(struct client *, const struct setting *);

/* Whether it may ask once more, by the answers that were sent to it. */
bool	client_may_ask_more(const struct client *);

/* All that it asked is answered, and nothing more came from it. */
bool	client_is_idle(const struct client *);

/* The first of its requests that has no line yet, or NULL. */
struct request *client_next_line(struct client *);

/* Whether its requests before this one are answered, and it may send more. */
bool	client_was_answered_before(const struct client *,
	    const struct request *);

/* Whether it reads, did not leave early, and sent all that it began to send. */
bool	client_is_blameless(const struct client *);

/* The same, however the connection ends. */
bool	client_reads_to_the_end(const struct client *);

/* Whether one of them still waits for something, or will come. */
bool	clients_are_left(void);

/* Whether it still waits for something. */
bool	client_is_here(const struct client *);

const struct wire *client_wire(const struct client *);

/* How the client at this wire comes in. */
struct way;
const struct way *client_way(const struct wire *);

/* The system of the client at this wire received these bytes of answers. */
void	client_takes(const struct wire *, struct text);

#endif

/*
 * Clients: each connects once, says one or several requests as its temper is,
 * reads what comes back, and goes.
 */
#ifndef TESTS_SIM_CLIENT_H
#define TESTS_SIM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

struct client;

void	clients_begin(size_t n);
void	clients_end(void);

/* The one whose port or uid this is, or NULL. */
struct client *client_of_number(unsigned long);

/* A request whose head was begun before this time, and is not whole; or
   NULL. */
const struct request *clients_late_head(int64_t before);

/* The first of its requests that has no line yet, or NULL. */
struct request *client_next_line(struct client *);

/* Its requests before this one are answered, and it may say more. */
bool	client_was_answered_before(const struct client *,
	    const struct request *);

/* It reads, did not go before its time, and said all it began to say. */
bool	client_is_blameless(const struct client *);

/* And however the connection ends. */
bool	client_reads_to_the_end(const struct client *);

/* Still waits for something. */
bool	client_is_here(const struct client *);

const struct wire *client_wire(const struct client *);

/* The system of the client at this wire took so much of answers. */
void	client_takes(const struct wire *, struct text);

#endif

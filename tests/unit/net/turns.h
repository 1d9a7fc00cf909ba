/*
 * For tests of the network layer: turns of a loop until something holds.
 */
#ifndef TESTS_UNIT_NET_TURNS_H
#define TESTS_UNIT_NET_TURNS_H

#include <stdbool.h>

#include "net/loop.h"

/* Runs the loop until *what holds; fails the test after 10 seconds. */
void	run_until(struct loop *, const bool *what);

/* Runs the loop until fn(arg) holds. */
void	run_until_fn(struct loop *, bool (*fn)(void *), void *arg);

/*
 * Runs the loop for so many milliseconds, and for as many turns, 50 at most:
 * where others have the processor, time passes without anything being done.
 */
void	run_for(struct loop *, int ms);

/* A non-blocking pair of stream sockets. */
void	make_pair(int fds[2]);

/* The same over TCP on loopback. */
void	make_tcp_pair(int fds[2]);

#endif

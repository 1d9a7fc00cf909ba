/*
 * Whether a proxy is asked for a tunnel that refused whoever asked it, with
 * 407.  Each refusal closes the gate for a while, twice as long each time, and
 * one asks when that is over: a password that is told again with every request
 * has an account locked in many a house.  Whom it refused is a number, which
 * stands for the proxy and the key, so that with another key it is asked at
 * once.  The gate lies in memory that all workers share, and has no lock.
 * Pure; times are monotonic, in nanoseconds.
 */
#ifndef POLICY_PROXY_GATE_H
#define POLICY_PROXY_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero: open. */
struct proxy_gate {
	_Atomic uint64_t refused;	/* whom; 0: nobody */
	_Atomic int64_t opens_at, closed_at, pause;
};

/* May that one ask the proxy now?  If so, others may not for a while. */
bool	proxy_gate_pass(struct proxy_gate *, uint64_t who, int64_t now);

/*
 * The proxy refused who asked it at that time.  True: that is new, to one
 * caller among all workers.
 */
bool	proxy_gate_refuse(struct proxy_gate *, uint64_t who, int64_t asked,
	    int64_t now);

/* It made a tunnel. */
void	proxy_gate_open(struct proxy_gate *, uint64_t who);

/* The proxy refused that one when it was asked last. */
bool	proxy_gate_refuses(const struct proxy_gate *, uint64_t who);

#endif

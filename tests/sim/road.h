/*
 * Roads to upstreams: what the world knows of each dial of the program's.  The
 * dials are the real ones (net/dial); look-ups, connections and handshakes are
 * made here and in handshake.c, as chance has it.
 */
#ifndef TESTS_SIM_ROAD_H
#define TESTS_SIM_ROAD_H

#include <stdbool.h>
#include <stdint.h>

#include "net/dial.h"
#include "wire.h"

/* What a dial does at the moment. */
enum road_stage {
	ROAD_LOOKS_UP,
	ROAD_CONNECTS,
	ROAD_SHAKES_OUTER,	/* hands with a proxy */
	ROAD_SPEAKS,		/* to a proxy */
	ROAD_SHAKES,		/* hands with the upstream */
};

/* How the present try went on, or failed. */
enum road_event {
	ROAD_GOES_ON,
	ROAD_NO_ADDRESS,
	ROAD_NO_CONNECTION,
	ROAD_NO_OUTER_TLS,
	ROAD_NO_TUNNEL,		/* the proxy refused it, or was told nothing */
	ROAD_LOST,		/* the connection was, while it was asked */
	ROAD_NO_TLS,
	ROAD_VERIFIED,
};

struct road {
	struct road *next, **prev;
	unsigned worker;
	struct dial *dial;
	struct dial_conf conf;
	dial_done *done;
	void *owner;
	preface_done *told;		/* of the present preface */
	void *told_owner;
	struct wire *wire;		/* the latest, or NULL */
	enum road_stage stage;
	int64_t began_ns, stage_ns;	/* the dial, and its stage */
	enum road_event event, before;	/* that of the first try */
	unsigned tries;
	size_t said;			/* bytes of that, on this wire */
};

/* All that are under way. */
struct road	*roads(void);
void		 roads_begin(void);

/* Of this dial, which the program has begun. */
struct road	*road_of(const void *dial);

void		 road_enters(struct road *, enum road_stage);

/* One in so many more than dials, but half of the second tries. */
bool		 road_fails(const struct road *, size_t seldom);

struct tls_client {
	const char *host;
	bool is_proxy;
};

#endif

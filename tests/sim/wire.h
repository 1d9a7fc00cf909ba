/*
 * A connection of the simulated world: bytes under way in both directions
 * between a link of the program's (net/link.h, link.c) and a peer, a client or
 * an upstream's server, which uses the functions below.  A wire takes a
 * limited number of bytes; who says more waits until there is room.
 */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/link.h"

/* How a direction of a wire ended. */
enum wire_end { WIRE_OPEN, WIRE_CLEAN, WIRE_CUT, WIRE_RESET };

struct wire {
	struct wire *next;
	unsigned number;
	struct link *link;		/* NULL: none yet, or closed */
	bool open;			/* the program has its descriptor */
	bool served;			/* it has, or had, a link */
	bool upstream;			/* TLS; else of a client */
	size_t listener;		/* of a client */
	bool full;			/* when it was let in, by a limit */
	int64_t lingers_ns;		/* since then it has no link */
	const char *host;		/* that the handshake verified */
	const void *sessions;		/* with which it was made */
	size_t key;			/* that came by it, or CONF_NONE */
	const struct wire *serves;	/* the client's, or NULL */

	struct buf in, out;		/* to the link, to the peer */
	size_t in_most, out_most;	/* that lie there at a time */
	uint64_t taken;			/* of the link's output, ever */
	uint64_t read;			/* of that, by the peer */
	uint64_t written, handed;	/* by the peer; to the link */
	bool latent;			/* what lies in out has not arrived */
	enum wire_end peer_end;		/* behind in */
	enum wire_end our_end;		/* behind out */
	enum link_end end;		/* how we closed it */
	bool peer_closed;		/* it reads no more, either */

	/* Of one that a test drives by hand; see memory.h. */
	bool kept;			/* what is read stays in out, of which
					   out_most are still to come */
	bool reads;			/* all of it, at once */
	bool unnoticed;			/* something came, and is never told */

	int64_t read_ns, read_before_ns;	/* when the peer last read */
	int64_t moved_ns;		/* some byte, or end, last moved */

	void (*wake)(void *peer);	/* something came, or there is room */
	void *peer;
};

/* The wires of this run, the latest first. */
struct wire	*wires(void);
void		 wires_begin(void);

/* All must be closed by the program. */
void		 wires_end(void);

struct wire	*wire_new(bool upstream);
struct wire	*wire_of_number(unsigned);

/* -- for links and sockets -- */

/* So many bytes more of the program's. */
size_t		 wire_takes(const struct wire *);
void		 wire_put(struct wire *, struct text);

/* The program has read the first n bytes of in, whatever for. */
void		 wire_take(struct wire *, size_t n);

/* -- for peers -- */

/* As much as there is room for; none after the end. */
size_t		 wire_room(const struct wire *);
size_t		 wire_write(struct wire *, const void *, size_t n);

/* At most n bytes that came, valid until the next call. */
struct text	 wire_read(struct wire *, size_t n);
size_t		 wire_readable(const struct wire *);

/* The end that came, once all before it was read. */
enum wire_end	 wire_end(const struct wire *);

/* Says no more; CLEAN or CUT. */
void		 wire_finish(struct wire *, enum wire_end);

/* And reads no more: CLEAN or CUT in order, RESET at once. */
void		 wire_close(struct wire *, enum wire_end);

#endif

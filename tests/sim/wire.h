/*
 * A connection of the simulated world: bytes under way in both directions
 * between a link of the program (net/link.h, link.c) and a peer, a client or an
 * upstream's server, which uses the functions below.  A wire has room for a
 * limited number of bytes; a side that has more to send waits for room.
 */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/link.h"

/* No worker has it yet. */
#define NOBODY		UINT32_MAX

/* How a direction of a wire ended. */
enum wire_end { WIRE_OPEN, WIRE_CLEAN, WIRE_CUT, WIRE_RESET };

struct road;
struct tls;

struct wire {
	struct wire *next;
	unsigned number;
	struct link *link;		/* NULL: none yet, or closed */
	bool open;			/* the program has its descriptor */
	bool served;			/* it has, or had, a link */
	bool enters;			/* a client's that was not turned away:
					   it has, or may get one */
	bool upstream;			/* TLS; else a client's */
	unsigned worker;		/* that has it, see worker.h, or
					   NOBODY */
	size_t listener;		/* of a client's */
	bool full;			/* limits were reached when it was let
					   in */
	int64_t let_in_ns;		/* the time when it was accepted, or
					   got its link */
	int64_t lingers_ns;		/* the time when its link was closed */
	int64_t closed_ns;		/* the same of its descriptor */
	int64_t shakes_ns;		/* when the handshake of a client
					   began; 0: none did */
	bool decided, shaken;		/* how it will end is, and it went
					   well */
	bool plain;			/* told that TLS is spoken there */
	unsigned trust;			/* worker_trust() as it began, */
	unsigned judged_by;		/* worker_judges_by(), */
	unsigned decided_turns;		/* and parent_turns() */
	struct road *road;		/* while it is dialled; see road.h */
	struct tls *tls;		/* the same; see handshake.c */
	const char *host;		/* verified by the handshake */
	const void *sessions;		/* the store with which it was made */
	size_t key;			/* sent by it, or CONF_NONE */
	const struct wire *serves;	/* the client's wire, or NULL */

	struct buf in, out;		/* to the link, to the peer */
	size_t in_most, out_most;	/* room in each */
	uint64_t taken;			/* of the link's output, in all */
	uint64_t read;			/* of that, by the peer */
	uint64_t written, handed;	/* by the peer; to the link, or to who
					   reads before there is one */
	bool latent;			/* the bytes in out have not arrived */
	enum wire_end peer_end;		/* after in */
	enum wire_end our_end;		/* after out */
	enum link_end end;		/* how we closed it */
	uint64_t said;			/* bytes written by the peer before
					   that */
	bool died;			/* the program's process did, before
					   it was closed */
	bool late;			/* output that was made before the
					   worker was told to end has not left
					   yet */
	bool peer_closed;		/* the peer reads no more, either */

	/* If a test drives it by hand; see memory.h. */
	bool kept;			/* bytes read stay in out; out_most
					   is the room that is left */
	bool reads;			/* reads everything at once */
	bool unnoticed;			/* the link is not told that bytes
					   came */

	int64_t read_ns, read_before_ns;	/* the last two times the
						   peer read */
	int64_t moved_ns;		/* when a byte or end last moved */
	int64_t used_ns;		/* when the program last read or
						   wrote a byte */

	void (*wake)(void *peer);	/* bytes came, or there is room */
	void *peer;
};

/* The wires of this run, the latest first. */
struct wire	*wires(void);
void		 wires_begin(void);

/* The program must have closed all. */
void		 wires_end(void);

struct wire	*wire_new(bool upstream);
struct wire	*wire_of_number(unsigned);

/* -- for links and sockets -- */

/* How many more bytes of the program's it takes. */
size_t		 wire_takes(const struct wire *);
void		 wire_put(struct wire *, struct text);

/* The program has read the first n bytes of in, for any reason. */
void		 wire_take(struct wire *, size_t n);

/* -- for peers -- */

/* How many bytes there is room for; none after the end. */
size_t		 wire_room(const struct wire *);
size_t		 wire_write(struct wire *, const void *, size_t n);

/* At most n of the bytes that came, valid until the next call. */
struct text	 wire_read(struct wire *, size_t n);
size_t		 wire_readable(const struct wire *);

/* The end that came, after all bytes before it were read. */
enum wire_end	 wire_end(const struct wire *);

/* Sends no more; CLEAN or CUT. */
void		 wire_finish(struct wire *, enum wire_end);

/* Reads no more, either: CLEAN or CUT in order, RESET at once. */
void		 wire_close(struct wire *, enum wire_end);

#endif

/*
 * For tests: the half that faces clients, over a network that the test drives
 * by hand, with one route to one upstream and two listeners.
 */
#ifndef TESTS_UNIT_CLIENT_CLIENT_RIG_H
#define TESTS_UNIT_CLIENT_CLIENT_RIG_H

#include "../../sim/memory.h"
#include "client/env.h"
#include "client/forward.h"
#include "client/sessions.h"

#define RIG_LISTENERS	2

struct client_rig {
	struct conf conf;		/* as the options' defaults are */
	struct conf_listener listeners[RIG_LISTENERS];
	struct conf_upstream upstream;
	struct conf_key key;
	struct conf_route route;

	struct loop *loop;
	struct stats *stats;
	int access_fd;
	struct sink *access;
	struct env *env;
	struct forward *forward;
	const struct handler *handler;	/* NULL: that of forward */
	struct sessions *sessions;
	bool full[RIG_LISTENERS];	/* as told last */
	unsigned n_full;		/* how often that was told */
	unsigned n_empty;
	char lines[8192];
};

/* A request of a client, and a response of two bytes to it. */
#define RIG_GET		"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
#define RIG_OK		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* Before and after a test: *state is the rig.  Then conf may be changed. */
int		 client_rig_set_up(void **state);
int		 client_rig_tear_down(void **state);

/* most: clients at a time. */
void		 client_rig_open(struct client_rig *, uint32_t most);

/* A client that comes by this listener. */
struct wire	*client_rig_connect(struct client_rig *, size_t listener);
struct wire	*client_rig_connect_as(struct client_rig *, size_t listener,
		    uint32_t uid);

/* False where no input is wanted. */
bool		 client_rig_say(struct wire *, const char *);

/* A dial ends well: the connection to the upstream. */
struct wire	*client_rig_dialled(void);

/* The worker retires, or stops. */
void		 client_rig_retire(struct client_rig *);
void		 client_rig_stop(struct client_rig *);

/* The access log up to now. */
const char	*client_rig_lines(struct client_rig *);

/* How often this stands in what was sent on the wire. */
unsigned	 client_rig_count(const struct wire *, const char *);

#endif

/*
 * For tests: a caller with one upstream and three keys over the network in
 * memory, and clients of it that note what comes.
 */
#ifndef TESTS_UNIT_UPSTREAM_CALL_RIG_H
#define TESTS_UNIT_UPSTREAM_CALL_RIG_H

#include "../../sim/memory.h"
#include "base/buf.h"
#include "upstream/call.h"

#define KEY_A		"QUFBQUFBQUFBQUFBQUFBQTpBQUFBQUFBQUFBQUFBQQ=="
#define KEY_B		"QkJCQkJCQkJCQkJCQkJCQjpCQkJCQkJCQkJCQkJCQg=="
#define KEY_C		"Q0NDQ0NDQ0NDQ0NDQ0NDQzpDQ0NDQ0NDQ0NDQ0NDQw=="
#define BY_A		"Authorization: ApiKey " KEY_A "\r\n"
#define BY_B		"Authorization: ApiKey " KEY_B "\r\n"
#define BY_C		"Authorization: ApiKey " KEY_C "\r\n"

#define CALL_RIG_KEYS	3
#define CALL_RIG_REPLAY	1000		/* bytes */

/* Keys a, b and c; the route has the first two, until a test says otherwise. */
struct call_rig {
	struct loop *loop;
	struct stats *stats;
	struct conf_upstream upstream;
	struct conf_key keys[CALL_RIG_KEYS];
	struct conf_route route;
	struct conf conf;
	struct caller *caller;
	struct blocks *blocks;
};

void	call_rig_start(struct call_rig *);

/* No call is open. */
void	call_rig_end(struct call_rig *);

/* Once the configuration was changed: no call is open. */
void	call_rig_restart(struct call_rig *);

/* The parent decides that; nobody is told. */
void	call_rig_decide(struct call_rig *, size_t key, unsigned facts);

/* On the latest connection. */
void	call_rig_feed(const char *text);
bool	call_rig_sent(const char *what);

/* On any. */
bool	call_rig_ever_sent(const char *what);

/* One request at a time of somebody. */
struct rig_client {
	struct call_rig *rig;
	struct call *call;
	struct head request;
	struct fields fields;		/* of the request */
	struct record record;
	struct arena arena;
	bool probe;			/* it tries the key */

	/* What came. */
	unsigned heads, status;		/* of responses */
	unsigned faults;
	bool ended;
	enum fault fault;
	char detail[128];
	struct buf names, body;		/* of fields */
};

void	rig_client_init(struct rig_client *, struct call_rig *);

/* Its call is closed, if there is one. */
void	rig_client_end(struct rig_client *);

/* The same, and what came is forgotten; for another request. */
void	rig_client_reset(struct rig_client *);

/* Nothing comes at once. */
void	rig_client_open(struct rig_client *, const char *method,
	    enum body_framing);

/* A part of the request's body. */
void	rig_client_say(struct rig_client *, const char *, bool end);

/* A whole response came. */
bool	rig_client_got(const struct rig_client *, unsigned status,
	    const char *body);

/* The call ended, before its response did. */
bool	rig_client_failed(const struct rig_client *, enum fault);

#endif

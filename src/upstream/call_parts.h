/*
 * What the files of calls share: call.c has one request and its response,
 * call_choice.c decides which key it gets, call_key.c has what the key means
 * for it, call_quota.c the quota of that, call_refusal.c what becomes of a
 * request that the upstream refuses, caller.c what all calls of a worker have
 * in common.
 */
#ifndef UPSTREAM_CALL_PARTS_H
#define UPSTREAM_CALL_PARTS_H

#include "upstream/attempt.h"
#include "upstream/call.h"
#include "upstream/keyring.h"
#include "upstream/overhear.h"
#include "upstream/pattern_table.h"
#include "upstream/quota_queue.h"
#include "upstream/reflection.h"
#include "upstream/upstreams.h"

struct caller {
	const struct conf *conf;
	struct loop *loop;
	struct keyring keyring;
	struct pattern_table *patterns;
	struct upstreams *upstreams;
	struct quota_queues *quotas;
	struct fields fields;		/* of the head being built */
	struct blocks *calls;
	struct call *open;		/* all calls, but for these: */
	struct call *untold;		/* left to be looked at while calls
					   lose their keys */
	struct caller_events events;
	int64_t *suspected_ns;		/* when that was last told of a key, by
					   loop_boot(); 0: never */
};

struct call {
	struct caller *caller;
	struct call *next, **prev;	/* among those of the caller */
	struct call_order of;
	const struct conf_upstream *upstream;

	int64_t asked;			/* seconds since 1970 */
	size_t key;			/* CONF_NONE: there is none */
	size_t tried;			/* the key before it, with which the
					   request was sent; CONF_NONE: none */
	bool sent;			/* with the key that it has */
	struct quota_waiter waiter;	/* for the quota of the key */
	size_t counted;			/* 1 + the key that was sent, for its
					   foreign use; 0: none */
	struct attempt attempt;
	struct reflection reflection;	/* the search for the key in the body */
	struct overhear overhear;	/* for why it was refused */
	enum refusal refusal;		/* as far as that is known */
};

/*
 * The parent's decisions about keys changed; see caller_obey().  Events may
 * come, so that the call may have been freed when it returns.
 */
void	call_obey(struct call *);

/*
 * Whether the quota of its key allows it to go on now; else it waits until
 * ready() is called with it, or a fault is told at the end of the turn.  A call
 * waits QUOTA_WAIT_MS at most, for whichever keys.
 */
bool	call_is_within_quota(struct call *, void (*ready)(void *owner));
bool	call_awaits_quota(const struct call *);
void	call_leave_quota(struct call *);

/*
 * Where the upstream is watched for others that use its keys: a request is sent
 * with the key, or has ended.
 */
void	call_count_sent(struct call *);
void	call_count_ended(struct call *);

/* Notes what a response says of the quota. */
void	call_note_quota(struct call *, const struct head *response);

/*
 * What must not come back: of the key it has now, and of one that was tried
 * before.  Valid until the next call of this.
 */
struct secret_set	call_secrets(const struct call *);

/*
 * Notes that it has that key from now on, and no other.  It counts among those
 * that carry the key from here until call_leave_key(), as what waits for a
 * connection will be sent with it.
 */
void	call_use_key(struct call *, size_t key);

/* It ends, and carries its key no longer, if it had any. */
void	call_leave_key(struct call *);

/*
 * It gets the key that serves now, and goes on with that, once the quota of the
 * key allows it.  That there is none is told at the end of the turn.
 */
void	call_choose_key(struct call *);

/*
 * Before the head is sent: the key may have been switched off since it was
 * chosen; then nothing was sent with it for this attempt, and the next key
 * does.  True: it is still the one.
 */
bool	call_keep_key(struct call *);

/*
 * The key for a second try, of which there is one at most, or CONF_NONE where
 * there can be none.
 */
size_t	call_other_key(const struct call *);

/*
 * What is under way is given up, and the request is sent once more, with the
 * key that call_other_key() told.  Events may come.
 */
void	call_try_again(struct call *, size_t key);

/* Notes what a response tells of its key: when it expires, and its quota. */
struct keyring_expiry	call_learn(struct call *, const struct head *);

/* An answer makes its key suspect, which is told, but not time and again. */
void	call_suspect(struct call *);

/* Why the request was refused is known now, unless it is none. */
void	call_note_refusal(struct call *, enum refusal);

/* Events of the attempt. */
bool	call_wants_look(void *owner, const struct head *);
bool	call_on_look(void *owner, const struct head *, struct text body,
	    bool whole);

#endif

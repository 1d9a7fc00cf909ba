/*
 * When a key is probed: once it is suspected, and at growing intervals while it
 * is rejected.  Only what a probe says of a key counts.  Pure: times are told,
 * in nanoseconds of a clock that goes on while the machine sleeps.
 */
#ifndef POLICY_KEY_SUSPICION_H
#define POLICY_KEY_SUSPICION_H

#include <stdbool.h>
#include <stdint.h>

enum key_answer {
	KEY_ACCEPTED,
	KEY_REJECTED,		/* 401 */
	KEY_UNCLEAR,		/* no answer, or one that says nothing of it */
	KEY_ASTRAY,		/* the application finds fault with what was
				   asked, and not with the key */
};

#define KEY_ANSWERS	4

/* Their names in lower case, and back; false: it is none of them. */
const char	*key_answer_name(enum key_answer);
bool		 key_answer_parse(const char *, enum key_answer *);

/* Of one value; all zero at first. */
struct key_suspicion {
	bool pending;		/* a probe is wanted, from due_ns on */
	bool asked;		/* one is under way, since asked_ns */
	int64_t due_ns, asked_ns;
	int64_t calm_ns;	/* until then nothing is suspected */
	int64_t pause_ns;	/* between probes; 0: it is not rejected */
	/* It came back by less than an acceptance; until then that pause goes
	   on where it is rejected again. */
	int64_t doubt_ns, doubted_pause_ns;
};

/*
 * A client's request was answered as if the key were invalid.  That wants a
 * probe at once, unless one is under way, or the last one cleared the key less
 * than a minute ago, or the key is rejected already: then it has its times.
 * True: it does.
 */
bool	key_suspicion_raise(struct key_suspicion *, int64_t now);

/* A probe is wanted for another reason; nothing makes it twice.  As above. */
bool	key_suspicion_demand(struct key_suspicion *, int64_t now);

/*
 * It may be sent again after a time when it was not: nothing that was known
 * before clears it, and if it is rejected, which the caller knows, its pauses
 * begin anew, with the least one.
 */
void	key_suspicion_resume(struct key_suspicion *, bool rejected,
	    int64_t now, uint32_t any);

/* Whether a probe is due. */
bool	key_suspicion_is_due(const struct key_suspicion *, int64_t now);

/* It was asked for. */
void	key_suspicion_asked(struct key_suspicion *, int64_t now);

/* What was asked counts no more: it is due at once. */
void	key_suspicion_ask_again(struct key_suspicion *, int64_t now);

/* Nobody could be asked: it is due again in a second. */
void	key_suspicion_put_off(struct key_suspicion *, int64_t now);

/*
 * What it said.  A key that is rejected is due again after a pause, twice the
 * last one and up to a quarter longer, by any number, so that not all are tried
 * at once.
 *
 * One that says KEY_ASTRAY of a rejected key brings it back, but it may be
 * suspected at once, and its pauses go on if that was wrong.  So what lies
 * before the API can have a dead key sent no oftener than it would be probed.
 */
void	key_suspicion_answered(struct key_suspicion *, enum key_answer,
	    int64_t now, uint32_t any);

/*
 * Whether a probe was asked for long ago, and its answer will not come: who was
 * asked is gone.
 */
bool	key_suspicion_is_late(const struct key_suspicion *, int64_t now);

/* When one of these two becomes true; INT64_MAX: never. */
int64_t	key_suspicion_next(const struct key_suspicion *);

#endif

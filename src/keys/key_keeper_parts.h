/*
 * What the files of the key keeper share: key_keeper.c has the values and what
 * becomes of them by itself, key_keeper_change.c how that is noted,
 * key_keeper_rounds.c how several upstreams are asked,
 * key_keeper_checks.c what an upstream says that refuses the path of a probe,
 * key_keeper_said.c what people are told that probes said,
 * key_keeper_ends.c when their time is over, key_keeper_values.c their names
 * and places, key_keeper_order.c what people order,
 * key_keeper_reload.c what they are told when they reload.
 */
#ifndef KEYS_KEY_KEEPER_PARTS_H
#define KEYS_KEY_KEEPER_PARTS_H

#include "keys/key_keeper.h"
#include "keys/key_routes.h"
#include "policy/key_idle.h"
#include "policy/key_state.h"
#include "stats/decided.h"

/* How far ahead it plans, in seconds. */
#define KEY_KEEPER_FAR_S	86400

/* Upstreams, by their numbers, each once. */
struct key_places {
	uint32_t *v;
	size_t n;
};

/* What is kept of a value beside the decisions. */
struct key_value {
	char *name;			/* the first of them; NULL: not met */
	char *names;			/* all of them, for people */
	bool current;			/* the one that serves has it */
	int64_t filed;			/* end by its file, or CONF_NO_TIME */
	struct key_suspicion suspicion;
	struct key_idle idle;
	/* Its end is over, by its file alone, and that is being tried. */
	bool over, by_file, proving;
	int64_t proof_ns;		/* when it is tried next */
	bool listed;			/* by a route of the one that serves:
					   its upstream is below */
	bool was_listed;		/* by one of the configuration before */
	uint32_t home;
	uint32_t upstream;		/* where it is tried: it made it
					   suspect, or is its home */
	struct key_question asked;	/* put last */
	unsigned others;		/* that were asked before, for the same
					   answer */
	struct key_places refusing;	/* that were asked in this round, and
					   did not accept it */
	struct key_places told;		/* of which it was told that they
					   refuse what others do not */
	uint32_t taking;		/* that one of them did not, last */
	bool refused;			/* by a probe, since the start */
	bool unclear_told;		/* that probes say nothing of it while
					   it is rejected */
};

/* That upstream answered a probe of that path 401, as the key was bad. */
struct key_check {
	uint32_t upstream;
	char *path;
};

/* A configuration that served before, and whose workers may not be done. */
struct key_served {
	const struct conf *conf;
	const struct stats *stats;
};

struct key_keeper {
	struct key_keeper_conf conf;
	struct key_value *values;	/* by their numbers */
	size_t n;
	const struct conf *serving;	/* NULL: nothing serves */
	struct stats *stats;		/* its */
	struct key_served *served;	/* the last one first */
	size_t n_served;
	struct key_check *checks;	/* each once */
	size_t n_checks;
	struct key_routes *routes;
	int64_t routes_due;		/* by clock_boot() */
	bool changed;			/* and nobody was told yet */
};

/* -- changes, in key_keeper_change.c -- */

/*
 * What happened to a value: the one function that changes whether it is off,
 * or promoted, and logs it.  more goes behind the text of the event, and
 * expires into its field; NULL leaves one out.
 */
void	key_keeper_change(struct key_keeper *, uint32_t key, enum key_event,
	    const char *more, const char *expires);

/* The same where it is not told, as it was before, or is no news. */
void	key_keeper_change_again(struct key_keeper *, uint32_t key,
	    enum key_event);

unsigned	key_keeper_facts(const struct key_keeper *, uint32_t key);

/*
 * What else is decided of a value, by no event: which of its ends was told,
 * and whether that is in doubt.
 */
void	key_keeper_decide(struct key_keeper *, uint32_t key,
	    struct stats_decision);

/* Any number, so that not all keys are probed at once. */
uint32_t	key_keeper_any(void);

/* -- values, in key_keeper_values.c -- */

/* That of a number, which is made where there is none. */
struct key_value	*key_keeper_value(struct key_keeper *, uint32_t key);
void	key_keeper_forget_names(struct key_value *);

/* Of those values of a configuration that are not in the one that serves. */
void	key_keeper_take_names(struct key_keeper *, const struct conf *,
	    const struct stats_numbers *);

/* A route of the configuration that serves lists that value. */
bool	key_keeper_lists(const struct key_keeper *, const struct conf_route *,
	    uint32_t key);

/* A route of the configuration that serves sends that value there. */
bool	key_keeper_pairs(const struct key_keeper *, uint32_t key,
	    uint32_t upstream);

/* Where each value is tried that a route of the one that serves lists. */
void	key_keeper_find_homes(struct key_keeper *, const struct conf *,
	    const struct stats_numbers *);

/* An answer that is still to come says nothing any more; it is asked anew. */
void	key_keeper_unask(struct key_keeper *, uint32_t key);

/*
 * That value may be sent again: what was found out of it before is asked soon,
 * whatever pause it had.
 */
void	key_keeper_resume(struct key_keeper *, uint32_t key);

/*
 * The same for those that a route of the one that serves lists now, and none
 * did before; so also for what was rejected before a restart.
 */
void	key_keeper_resume_listed(struct key_keeper *);

/*
 * -- ends, in key_keeper_ends.c --
 *
 * A value that is over is tried at once and each hour after that, or a minute
 * later where that was not answered.  By what responses told it is off before
 * that.  What its sealed file alone says is tried before it is given up, as the
 * file may be wrong: until then it serves, also after a start, and when a
 * reload brings it.  What was given up stays so across restarts (state_dir):
 * only probes carry it until one is accepted, or the file says something else.
 *
 * Where one is accepted, and not told that the end has passed, the API is
 * believed for an hour; see stats_key_believed_ns().
 */

/*
 * Decides on that of one value.  Returns when it may change by itself, in
 * seconds since 1970.
 */
int64_t	key_keeper_judge_end(struct key_keeper *, uint32_t key, int64_t now);

/* The wait until the next of them changes by itself, in nanoseconds. */
int64_t	key_keeper_judge_ends(struct key_keeper *);

/* It is over, and can be tried. */
bool	key_keeper_tries_end(const struct key_keeper *, uint32_t key);

/*
 * What a probe says of a value's end, and was told of it (or CONF_NO_TIME).
 * Returns what it says of the value otherwise: where it was to prove that end,
 * that it is rejected says only that the end is right.
 */
enum key_answer	key_keeper_prove(struct key_keeper *, uint32_t key,
		    enum key_answer, int64_t told);

/*
 * -- checks, in key_keeper_checks.c --
 *
 * The probe path is that of one product, and another answers it 404 or the
 * like.  Where it answered 401 to a bad key at the same path, it looks at the
 * key first, and 404 says that it took the key: else a rejected one would never
 * come back.
 */

/* Where that value was tried a probe was answered 401. */
void	key_keeper_note_check(struct key_keeper *, uint32_t key);

/*
 * Where that value was tried, finding fault with the path says that the key was
 * taken.  Of a key that was rejected before a restart it is not known where it
 * was, and any upstream counts, until one refuses it: if that is wrong, the
 * next refusal of a client has it tried at once.
 */
bool	key_keeper_is_let_in(const struct key_keeper *, uint32_t key);

/*
 * Another one serves than that one, of those numbers: what was asked of
 * paths that changed is asked anew.
 */
void	key_keeper_review_checks(struct key_keeper *,
	    const struct conf *before, const struct stats_numbers *);
void	key_keeper_forget_checks(struct key_keeper *);

/*
 * Those of paths that are asked for neither by the configuration that serves
 * nor by one whose workers are not done: reloads would add to them for ever.
 */
void	key_keeper_drop_checks(struct key_keeper *);

/*
 * -- rounds, in key_keeper_rounds.c --
 *
 * A state belongs to the value, and routes may send it to several upstreams.
 * It is rejected only if each of them refuses it, which are asked in turn, at
 * once: else one that does not know a key would switch it off for another one,
 * where it works.  One that does not answer keeps it from being rejected, too,
 * for it is not known whether it works there; it may be suspected again after a
 * minute.  What is rejected is tried at each in turn, and any brings it back.
 */

/*
 * Where it was tried it was refused.  True: so it was everywhere; false:
 * another one is asked.
 */
bool	key_keeper_refused(struct key_keeper *, uint32_t key);

/*
 * Where it was tried it was not refused, which ends the round.  Clear: that one
 * answered, and those that refused it are told of.
 */
void	key_keeper_not_refused(struct key_keeper *, uint32_t key, bool clear);

/* It stays rejected: the next one is asked next. */
void	key_keeper_move_on(struct key_keeper *, uint32_t key);

/* Other routes are served: rounds begin anew. */
void	key_keeper_forget_rounds(struct key_keeper *);
void	key_keeper_free_rounds(struct key_value *);

/*
 * -- what probes said, in key_keeper_said.c --
 *
 * For people: it decides nothing.  What one upstream refuses and another one
 * does not stays so until that one accepts it, or the value is rejected, or its
 * routes send it no more to both.
 */

/* Where it was tried nothing clear was said of it. */
void	key_keeper_note_unclear(struct key_keeper *, uint32_t key,
	    const struct key_said *);

/* It is known now what becomes of it. */
void	key_keeper_note_clear(struct key_keeper *, uint32_t key);

/*
 * What is asked for there is another path now: who was unclear of that value
 * is asked soon.
 */
void	key_keeper_clear_up(struct key_keeper *, uint32_t key,
	    uint32_t upstream);

/* That one of those refuses it which were told, and another one does not. */
void	key_keeper_note_refusing(struct key_keeper *, uint32_t key);

/* Where it was tried it was accepted, whatever was told before. */
void	key_keeper_note_taken(struct key_keeper *, uint32_t key);

/* None of them takes it. */
void	key_keeper_note_rejected(struct key_keeper *, uint32_t key);

/* Other routes are served: what is of no pair of theirs counts no more. */
void	key_keeper_forget_said(struct key_keeper *);

/* -- in key_keeper.c -- */

/* Tells workers of changes, and looks at the routes. */
void	key_keeper_settle(struct key_keeper *);

#endif

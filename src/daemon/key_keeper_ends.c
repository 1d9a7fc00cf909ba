/*
 * When the time of values is over; see key_keeper_parts.h.
 */
#include "base/clock.h"
#include "daemon/key_keeper_parts.h"
#include "policy/key_expiry.h"
#include "stats/reader.h"

/*
 * How often it is asked whether a key is over that its file alone says is, and
 * how soon again where that was not answered.
 */
#define PROOF_NS	(3600 * NS_PER_S)
#define UNCLEAR_NS	(60 * NS_PER_S)

/*
 * An end as it is kept, where 0 is none: what was over before 1971 was over
 * then.
 */
static int64_t
kept(int64_t end)
{
	return end > 0 ? end : 1;
}

static void
expire(struct key_keeper *k, uint32_t key, int64_t end)
{
	struct stats_decision d = stats_decision(k->conf.memory, key);
	char when[CLOCK_TEXT];

	/* The clock was set back, and it has passed again; or a restart. */
	if (d.ended == kept(end)) {
		key_keeper_change_again(k, key, KEY_EVENT_EXPIRE);
		return;
	}
	d.ended = kept(end);
	key_keeper_decide(k, key, d);
	clock_format_s(when, end);
	key_keeper_change(k, key, KEY_EVENT_EXPIRE, NULL, when);
}

static void
extend(struct key_keeper *k, uint32_t key, int64_t end, bool quiet)
{
	const struct stats_decision d = stats_decision(k->conf.memory, key);
	char when[CLOCK_TEXT];

	if (quiet || (end != CONF_NO_TIME && d.ended == kept(end))) {
		key_keeper_change_again(k, key, KEY_EVENT_EXTEND);
		return;
	}
	if (end != CONF_NO_TIME)
		clock_format_s(when, end);
	key_keeper_change(k, key, KEY_EVENT_EXTEND, NULL,
	    end != CONF_NO_TIME ? when : NULL);
}

static void
doubt(struct key_keeper *k, uint32_t key, bool doubted)
{
	struct stats_decision d = stats_decision(k->conf.memory, key);

	if (((d.facts & KEY_DOUBTED) != 0) == doubted)
		return;
	d.facts = doubted ? d.facts | KEY_DOUBTED : d.facts & ~KEY_DOUBTED;
	key_keeper_decide(k, key, d);
}

/* -- ends that the sealed file alone tells -- */

/* What counts of one that has passed. */
enum word {
	GIVEN_UP,		/* the file's word */
	BELIEVED,		/* that of the API, which accepted it since */
	UNTRIED,		/* that is found out first */
};

static bool
was_given_up(const struct key_keeper *k, uint32_t key)
{
	return stats_decision(k->conf.memory, key).given_up ==
	    kept(k->values[key].filed);
}

static void
give_up(struct key_keeper *k, uint32_t key)
{
	struct stats_decision d = stats_decision(k->conf.memory, key);

	if (was_given_up(k, key))
		return;
	d.given_up = kept(k->values[key].filed);
	key_keeper_decide(k, key, d);
}

/* If it is over after all that is news, and found out anew. */
static void
believe(struct key_keeper *k, uint32_t key)
{
	struct stats_decision d = stats_decision(k->conf.memory, key);

	if (d.ended == kept(k->values[key].filed)) {
		key_keeper_change(k, key, KEY_EVENT_EXTEND, NULL, NULL);
		d = stats_decision(k->conf.memory, key);
	}
	d.ended = d.given_up = 0;
	key_keeper_decide(k, key, d);
}

bool
key_keeper_tries_end(const struct key_keeper *k, uint32_t key)
{
	const struct key_value *v = &k->values[key];

	return v->by_file && v->current && v->listed &&
	    k->conf.probe != NULL && (key_keeper_facts(k, key) &
	    (KEY_OFF_DISABLED | KEY_OFF_REJECTED)) == 0;
}

/* Of one that can be tried: before it is given up, and each hour after that. */
static enum word
judge_tried(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];
	int64_t now = clock_boot();
	bool given_up = was_given_up(k, key);

	if (now < v->believed_ns)
		return BELIEVED;
	if (!v->proving && (now >= v->proof_ns || !given_up)) {
		v->proving = true;
		if (key_suspicion_demand(&v->suspicion, now))
			v->upstream = v->home;
	}
	return given_up ? GIVEN_UP : UNTRIED;
}

/*
 * What cannot be tried now, but may be later, is not given up before; what the
 * API rejects needs no trial; and what no route sends anywhere gets none.
 */
static enum word
judge_by_file(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];

	v->by_file = true;
	if (key_keeper_tries_end(k, key))
		return judge_tried(k, key);
	v->proving = false;
	if ((key_keeper_facts(k, key) & KEY_OFF_REJECTED) != 0)
		give_up(k, key);
	if (k->conf.probe == NULL || (v->current && !v->listed))
		return GIVEN_UP;
	return was_given_up(k, key) ? GIVEN_UP : UNTRIED;
}

enum key_answer
key_keeper_prove(struct key_keeper *k, uint32_t key, enum key_answer answer)
{
	struct key_value *v = &k->values[key];

	/* Something else may be known of its end since it was asked. */
	(void)key_keeper_judge_end(k, key, clock_wall() / NS_PER_S);
	if (!v->by_file || (answer != KEY_ACCEPTED &&
	    (!key_keeper_tries_end(k, key) || clock_boot() < v->believed_ns)))
		return answer;
	v->proving = false;
	v->proof_ns = clock_boot() + (answer == KEY_UNCLEAR ? UNCLEAR_NS :
	    PROOF_NS);
	if (answer == KEY_ACCEPTED) {
		v->believed_ns = v->proof_ns;
		believe(k, key);
		return answer;
	}
	give_up(k, key);
	return KEY_UNCLEAR;
}

/* -- all ends -- */

int64_t
key_keeper_judge_end(struct key_keeper *k, uint32_t key, int64_t now)
{
	struct key_value *v = &k->values[key];
	struct key_end end = { .filed = v->filed };
	struct key_expiry e;
	enum word word = GIVEN_UP;
	bool over = (key_keeper_facts(k, key) & KEY_OFF_EXPIRED) != 0;

	stats_read_end(k->conf.memory, key, &end.told, &end.outlived);
	e = key_expiry_judge(&end, now, k->conf.built);
	v->by_file = false;
	if (e.over && end.told == CONF_NO_TIME)
		word = judge_by_file(k, key);
	else
		v->proving = false;
	/* Before it is off: no request sees it without its doubt. */
	if (e.over)
		doubt(k, key, e.doubted);
	if (!e.over || word != GIVEN_UP) {
		if (over)
			extend(k, key, e.at, word != GIVEN_UP);
	} else if (!over) {
		expire(k, key, e.at);
	}
	return e.next;
}

int64_t
key_keeper_judge_ends(struct key_keeper *k)
{
	int64_t wall = clock_wall(), now = wall / NS_PER_S;
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < k->n; i++) {
		if (k->values[i].name != NULL)
			next = clock_earlier(next,
			    key_keeper_judge_end(k, i, now));
	}
	if (next == INT64_MAX)
		return INT64_MAX;
	return next - now > KEY_KEEPER_FAR_S ? KEY_KEEPER_FAR_S * NS_PER_S :
	    next * NS_PER_S - wall;
}

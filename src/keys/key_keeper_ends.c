/*
 * When the time of values is over; see key_keeper_parts.h.
 */
#include "base/clock.h"
#include "keys/key_keeper_parts.h"
#include "policy/key_expiry.h"
#include "stats/kept.h"
#include "stats/reader.h"

/*
 * How often it is asked whether a key is over, and how soon again where that
 * was not answered.
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

/* -- whether it is over is tried -- */

static bool
is_believed(const struct key_keeper *k, uint32_t key)
{
	return clock_boot() < stats_decision(k->conf.memory, key).believed_ns;
}

bool
key_keeper_tries_end(const struct key_keeper *k, uint32_t key)
{
	const struct key_value *v = &k->values[key];

	return v->over && v->current && v->listed && k->conf.probe != NULL &&
	    (key_keeper_facts(k, key) &
	    (KEY_OFF_DISABLED | KEY_OFF_REJECTED)) == 0;
}

/*
 * At once where that it is over is new, and else when its time has come.  What
 * was asked before it was over is no proof, and is waited for.
 */
static void
try_end(struct key_keeper *k, uint32_t key, bool is_new)
{
	struct key_value *v = &k->values[key];
	int64_t now = clock_boot();

	if (is_new)
		v->proof_ns = now;
	if (v->proving || v->suspicion.asked || now < v->proof_ns)
		return;
	v->proving = true;
	if (key_suspicion_demand(&v->suspicion, now))
		v->upstream = v->home;
}

/* -- ends that the sealed file alone tells -- */

/* What counts of one that has passed. */
enum word {
	GIVEN_UP,		/* the file's word, or that of responses */
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

/* Of one that can be tried: before it is given up, and each hour after that. */
static enum word
judge_tried(struct key_keeper *k, uint32_t key)
{
	bool given_up = was_given_up(k, key);

	if (is_believed(k, key))
		return BELIEVED;
	try_end(k, key, !given_up);
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

	if (key_keeper_tries_end(k, key))
		return judge_tried(k, key);
	v->proving = false;
	if ((key_keeper_facts(k, key) & KEY_OFF_REJECTED) != 0)
		give_up(k, key);
	if (k->conf.probe == NULL || (v->current && !v->listed))
		return GIVEN_UP;
	return was_given_up(k, key) ? GIVEN_UP : UNTRIED;
}

/* -- all ends -- */

static enum word
judge_word(struct key_keeper *k, uint32_t key, bool was_over)
{
	if (k->values[key].by_file)
		return judge_by_file(k, key);
	if (key_keeper_tries_end(k, key))
		try_end(k, key, !was_over);
	else
		k->values[key].proving = false;
	return GIVEN_UP;
}

int64_t
key_keeper_judge_end(struct key_keeper *k, uint32_t key, int64_t now)
{
	struct key_value *v = &k->values[key];
	const struct key_end end = {
		.filed = v->filed,
		.told = stats_read_end(k->conf.memory, key),
	};
	struct key_expiry e;
	enum word word = GIVEN_UP;
	bool was_over = (key_keeper_facts(k, key) & KEY_OFF_EXPIRED) != 0;

	e = key_expiry_judge(&end, now, k->conf.built);
	v->over = e.over;
	v->by_file = e.over && end.told == CONF_NO_TIME;
	if (e.over)
		word = judge_word(k, key, was_over);
	/* Before it is off: no request sees it without its doubt. */
	if (e.over)
		doubt(k, key, e.doubted);
	if (!e.over || word != GIVEN_UP) {
		if (was_over)
			extend(k, key, word == BELIEVED ? CONF_NO_TIME : e.at,
			    word == UNTRIED);
	} else if (!was_over) {
		expire(k, key, e.at);
	}
	return e.next;
}

/*
 * A probe was accepted, and was not told an end that has passed.  If it is over
 * after all that is news, and found out anew.
 */
static void
believe(struct key_keeper *k, uint32_t key, int64_t told)
{
	struct stats_decision d = stats_decision(k->conf.memory, key);

	if (told != CONF_NO_TIME || k->values[key].over)
		stats_correct_expiry(k->conf.memory, key, told);
	d.ended = d.given_up = 0;
	d.believed_ns = k->values[key].proof_ns;
	key_keeper_decide(k, key, d);
}

/* What was to prove its end did not, or said nothing. */
static enum key_answer
prove_nothing(struct key_keeper *k, uint32_t key, enum key_answer answer)
{
	if (k->values[key].by_file)
		give_up(k, key);
	/* Then no request gets it. */
	else if ((key_keeper_facts(k, key) & KEY_DOUBTED) != 0)
		return answer;
	return KEY_UNCLEAR;
}

enum key_answer
key_keeper_prove(struct key_keeper *k, uint32_t key, enum key_answer answer,
    int64_t told)
{
	struct key_value *v = &k->values[key];
	int64_t now = clock_wall() / NS_PER_S;
	bool proof = v->proving;

	/* Something else may be known of its end since it was asked. */
	(void)key_keeper_judge_end(k, key, now);
	v->proving = false;
	proof |= v->over && (key_keeper_facts(k, key) & KEY_OFF_REJECTED) != 0;
	if (!proof || (answer != KEY_ACCEPTED &&
	    (!key_keeper_tries_end(k, key) ||
	    (v->by_file && is_believed(k, key)))))
		return answer;
	v->proof_ns = clock_boot() + (answer == KEY_UNCLEAR ? UNCLEAR_NS :
	    PROOF_NS);
	if (answer != KEY_ACCEPTED)
		return prove_nothing(k, key, answer);
	if (told == CONF_NO_TIME || told > now)
		believe(k, key, told);
	(void)key_keeper_judge_end(k, key, now);
	return answer;
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

/*
 * When the time of values is over; see key_keeper_parts.h.
 */
#include "base/clock.h"
#include "daemon/key_keeper_parts.h"
#include "policy/key_expiry.h"
#include "stats/reader.h"

/* How often it is asked whether a key is over that its file alone says is. */
#define PROOF_NS	(3600 * NS_PER_S)

static void
expire(struct key_keeper *k, uint32_t key, int64_t end)
{
	struct key_value *v = &k->values[key];
	struct stats_decision d = stats_decision(k->conf.memory, key);
	char when[CLOCK_TEXT];

	/* The clock was set back, and it has passed again. */
	if (v->ended == end) {
		d.facts = key_event_apply(KEY_EVENT_EXPIRE, d.facts);
		key_keeper_decide(k, key, d);
		return;
	}
	v->ended = end;
	clock_format_s(when, end);
	key_keeper_change(k, key, KEY_EVENT_EXPIRE, NULL, when);
}

static void
extend(struct key_keeper *k, uint32_t key, int64_t end)
{
	const struct key_value *v = &k->values[key];
	struct stats_decision d = stats_decision(k->conf.memory, key);
	char when[CLOCK_TEXT];

	if (v->ended == end) {
		d.facts = key_event_apply(KEY_EVENT_EXTEND, d.facts);
		key_keeper_decide(k, key, d);
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

/*
 * The end of a value that its file alone tells is over: it is tried before it
 * is given up, and each hour after that.  True: it is not given up yet.
 */
static bool
is_believed(struct key_keeper *k, uint32_t key, bool over)
{
	struct key_value *v = &k->values[key];
	int64_t now = clock_boot();

	v->by_file = true;
	if (now < v->believed_ns)
		return true;
	if (!v->proving && now >= v->proof_ns) {
		v->proving = true;
		v->upstream = v->home;
		key_suspicion_demand(&v->suspicion, now);
	}
	return v->proving && !over;
}

static bool
may_be_tried(const struct key_keeper *k, uint32_t key)
{
	const struct key_value *v = &k->values[key];

	return v->current && v->listed && k->conf.probe != NULL &&
	    (stats_decision(k->conf.memory, key).facts &
	    (KEY_OFF_DISABLED | KEY_OFF_REJECTED)) == 0;
}

/* Returns when that may change by itself, in seconds since 1970. */
static int64_t
judge_end(struct key_keeper *k, uint32_t key, int64_t now)
{
	struct key_end end = { .filed = k->values[key].filed };
	struct key_expiry e;
	bool over;

	stats_read_end(k->conf.memory, key, &end.told, &end.outlived);
	e = key_expiry_judge(&end, now, k->conf.built);
	over = (stats_decision(k->conf.memory, key).facts &
	    KEY_OFF_EXPIRED) != 0;
	k->values[key].by_file = false;
	if (e.over && end.told == CONF_NO_TIME && may_be_tried(k, key) &&
	    is_believed(k, key, over)) {
		e.over = false;
		e.at = CONF_NO_TIME;
	}
	if (e.over && !over)
		expire(k, key, e.at);
	else if (!e.over && over)
		extend(k, key, e.at);
	/* If it is over after all that is news. */
	if (!e.over && k->values[key].by_file)
		k->values[key].ended = CONF_NO_TIME;
	doubt(k, key, e.doubted);
	return e.next;
}

int64_t
key_keeper_judge_ends(struct key_keeper *k)
{
	int64_t wall = clock_wall(), now = wall / NS_PER_S;
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < k->n; i++) {
		if (k->values[i].name != NULL)
			next = clock_earlier(next, judge_end(k, i, now));
	}
	if (next == INT64_MAX)
		return INT64_MAX;
	return next - now > KEY_KEEPER_FAR_S ? KEY_KEEPER_FAR_S * NS_PER_S :
	    next * NS_PER_S - wall;
}

/* That it is rejected says only that its file is right. */
enum key_answer
key_keeper_prove(struct key_keeper *k, uint32_t key, enum key_answer answer)
{
	struct key_value *v = &k->values[key];

	v->proving = false;
	v->proof_ns = clock_boot() + PROOF_NS;
	if (answer == KEY_ACCEPTED)
		v->believed_ns = v->proof_ns;
	return answer == KEY_REJECTED ? KEY_UNCLEAR : answer;
}

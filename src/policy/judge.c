/*
 * The order in which a request is judged; see judge.h.  Of the rules it has
 * only the limits of size itself.  Called by the steps of an exchange and by
 * `explain`.
 */
#include "policy/judge.h"

#include "policy/doubt.h"
#include "policy/guard.h"
#include "policy/route.h"
#include "policy/target.h"

/* One request on its way through the steps. */
struct judging {
	const struct judge_case *c;
	struct arena *arena;		/* for what the verdict refers to */
	struct verdict *v;
	struct arena scratch;		/* for the readings, until judge()
					   returns */
	struct readings readings;	/* of the target */
	struct readings rest;		/* of its rest, where a prefix is
					   stripped */
	const struct readings *sent;	/* of the target that goes upstream: one
					   of the two */
	struct text query;
	size_t stripped;		/* bytes of the target */
};

static void
refuse(struct judging *j, enum fault fault, const char *detail)
{
	j->v->fault = fault;
	j->v->detail = detail;
}

static void
judge_guard(struct judging *j)
{
	const struct judge_case *c = j->c;
	const char *detail;
	enum fault f = judge_admits(&c->conf->listeners[c->listener], c->who,
	    c->head, j->arena, &detail);

	refuse(j, f, detail);
}

static void
judge_size(struct judging *j)
{
	uint64_t most = j->c->conf->limits.body;
	const struct head *head = j->c->head;

	if (most != 0 && head->framing == BODY_LENGTH && head->length > most)
		refuse(j, FAULT_BODY_TOO_LARGE, NULL);
}

static void
judge_target(struct judging *j)
{
	uint64_t most = j->c->conf->limits.target;
	struct text target = j->c->head->target;
	const char *why = target_refusal(target, j->arena);

	if (why != NULL)
		refuse(j, FAULT_BAD_REQUEST, why);
	else if (most != 0 && target.n > most)
		refuse(j, FAULT_TARGET_TOO_LONG, "encoded as it goes on");
	else
		readings_init(&j->readings, target, &j->scratch);
}

static struct route_found
find_route(const struct judging *j, struct readings *readings)
{
	const struct judge_case *c = j->c;

	return route_find(c->conf, c->index, c->listener, c->who, c->head,
	    readings);
}

static bool
route_is_in_doubt(void *ctx, struct readings *readings)
{
	return find_route(ctx, readings).doubt != ROUTE_CERTAIN;
}

static void
judge_route(struct judging *j)
{
	struct route_found found = find_route(j, &j->readings);
	struct text target = j->c->head->target;

	if (found.doubt != ROUTE_CERTAIN) {
		refuse(j, FAULT_BAD_REQUEST, doubt_say(&j->readings, 0,
		    route_is_in_doubt, j, found.doubt == ROUTE_DIFFERS ?
		    "they would serve it by another route" :
		    "another part of it would be stripped", j->arena));
		return;
	}
	j->v->route = found.route;
	if (found.route == NULL) {
		refuse(j, FAULT_NO_ROUTE, NULL);
		return;
	}
	j->v->target = route_target(&found, target, j->arena);
	if (j->v->target.p != target.p)
		j->stripped = found.prefix;
}

static void
judge_stripped(struct judging *j)
{
	const char *why = target_stripped_refusal(j->v->target);
	struct text rest = j->v->target, path;

	if (why != NULL)
		refuse(j, FAULT_BAD_REQUEST, why);
	if (j->stripped != 0) {
		readings_init(&j->rest, j->v->target, &j->scratch);
		j->sent = &j->rest;
	}
	(void)text_split(&rest, '?', &path);
	j->query = rest.p != NULL ? rest : TEXT("");
}

static enum guard_minting
ask_minting(const struct judging *j, const struct readings *readings,
    const char **detail)
{
	return guard_minting(j->c->head->method, readings, j->query, detail);
}

static bool
minting_is_in_doubt(void *ctx, struct readings *readings)
{
	const char *detail;

	return ask_minting(ctx, readings, &detail) == GUARD_MAY_MINT;
}

static void
judge_minting(struct judging *j)
{
	const char *detail;

	if (j->v->route->allow_minting)
		return;
	switch (ask_minting(j, j->sent, &detail)) {
	case GUARD_HARMLESS:
		break;
	case GUARD_MINTS:
		refuse(j, FAULT_MINTING_REFUSED, detail);
		break;
	case GUARD_MAY_MINT:
		refuse(j, FAULT_BAD_REQUEST, doubt_say(j->sent, j->stripped,
		    minting_is_in_doubt, j,
		    "it would create or reveal credentials", j->arena));
		break;
	}
}

static void
take_steps(struct judging *j)
{
	static void (*const steps[])(struct judging *) = {
		judge_guard, judge_size, judge_target, judge_route,
		judge_stripped, judge_minting,
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		steps[i](j);
		if (j->v->fault != FAULT_NONE) {
			j->v->target = TEXT("");
			return;
		}
	}
}

/*
 * The readings of a long target may need a hundred times its size, which an
 * exchange must not hold as long as it runs.
 */
void
judge(const struct judge_case *c, struct arena *arena, struct verdict *v)
{
	struct judging j = { .c = c, .arena = arena, .v = v };

	j.sent = &j.readings;

	*v = (struct verdict){ .fault = FAULT_NONE, .target = TEXT("") };
	arena_init(&j.scratch, arena->blocks);
	take_steps(&j);
	arena_release(&j.scratch);
}

enum fault
judge_admits(const struct conf_listener *l, const struct principal *who,
    const struct head *head, struct arena *arena, const char **detail)
{
	enum fault f;

	*detail = NULL;
	f = guard_client(l, who, detail);
	if (f == FAULT_NONE)
		f = guard_request(l, who, head, detail);
	if (f == FAULT_HOST_REFUSED)
		*detail = guard_name_host(head, *detail, arena);
	return f;
}

bool
judge_serves(const struct judge_case *c, const struct conf_route *route,
    struct text target, struct arena *arena)
{
	struct head get = *c->head;
	struct judge_case other = *c;
	struct verdict v;

	get.method = TEXT("GET");
	get.target = target_encode(target, arena);
	get.framing = BODY_NONE;
	get.length = 0;
	other.head = &get;
	judge(&other, arena, &v);
	return v.fault == FAULT_NONE && v.route == route;
}

/*
 * What the parent of a run will do, and when, left to chance; see parent.h.
 */
#include "base/clock.h"
#include "dice.h"
#include "parent_own.h"

static struct plan plan;

static int64_t
some_time(void)
{
	return dice_between(0, dice_one_in(2) ? 2 * NS_PER_S : 20 * NS_PER_S);
}

static void
plan_events(void)
{
	bool plain = !dice_one_in(3);

	plan.n_reloads = plan.n_deaths = plan.n_renewals = 0;
	if (dice_one_in(3))
		plan.n_renewals = 1 + dice(MOST_RENEWALS);
	for (size_t i = 0; i < MOST_RENEWALS; i++)
		plan.renewals[i] = some_time();
	for (size_t i = 0; i < MOST_SETTINGS; i++)
		plan.workers[i] = plain || dice_one_in(3) ? 1 :
		    1 + (unsigned)dice(MOST_WORKERS);
	if (plain)
		return;
	if (!dice_one_in(4))
		plan.n_reloads = 1 + dice(MOST_RELOADS);
	if (dice_one_in(2))
		plan.n_deaths = 1 + dice(MOST_DEATHS);
	for (size_t i = 0; i < MOST_RELOADS; i++)
		plan.reloads[i] = some_time();
	for (size_t i = 0; i < MOST_DEATHS; i++)
		plan.deaths[i] = some_time();
}

void
parent_plan(void)
{
	plan_events();
	plan.told_ns = dice_one_in(3) ? 3 * NS_PER_S : 20 * NS_PER_MS;
}

int64_t
parent_told_ns(void)
{
	return dice_between(0, plan.told_ns);
}

unsigned
parent_workers(void)
{
	return plan.workers[0];
}

const struct plan *
parent_planned(void)
{
	return &plan;
}

/*
 * Counts of the last minute; see admin_pace.h.
 */
#include "pages/admin_pace.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "net/timer.h"
#include "stats/reader.h"

#define PERIOD_MS	5000
#define LOOKS		12		/* in a minute */

struct admin_pace {
	const struct stats_memory *memory;
	const struct stats_numbers *numbers;
	struct timer timer;
	/*
	 * Rows of what was seen, the oldest to be written next: counts of
	 * faults, then of routes.
	 */
	uint64_t *rows;
	size_t width;
	size_t looks;			/* all in all */
};

static uint64_t *
row(const struct admin_pace *p, size_t look)
{
	return &p->rows[look % LOOKS * p->width];
}

void
admin_pace_look(struct admin_pace *p)
{
	uint64_t *now = row(p, p->looks++);

	for (unsigned i = 0; i < FAULT_COUNT; i++)
		now[i] = stats_read_fault(p->memory, (enum fault)i);
	for (size_t i = 0; i < p->numbers->n_routes; i++)
		now[FAULT_COUNT + i] = stats_read_route_requests(p->memory,
		    p->numbers->routes[i]);
}

static void
admin_pace_on_time(void *owner)
{
	struct admin_pace *p = owner;

	admin_pace_look(p);
	timer_set(&p->timer, PERIOD_MS);
}

struct admin_pace *
admin_pace_new(struct loop *loop, const struct stats_memory *memory,
    const struct stats_numbers *numbers)
{
	struct admin_pace *p = xcalloc(1, sizeof(*p));

	p->memory = memory;
	p->numbers = numbers;
	p->width = FAULT_COUNT + numbers->n_routes;
	p->rows = xcalloc(LOOKS * p->width, sizeof(*p->rows));
	timer_init(&p->timer, loop, admin_pace_on_time, p);
	admin_pace_on_time(p);
	return p;
}

void
admin_pace_free(struct admin_pace *p)
{
	if (p == NULL)
		return;
	timer_end(&p->timer);
	free(p->rows);
	free(p);
}

/* A worker that was taken over may count backwards. */
static uint64_t
added(const struct admin_pace *p, size_t column, uint64_t count)
{
	uint64_t before = row(p, p->looks < LOOKS ? 0 : p->looks)[column];

	return count > before ? count - before : 0;
}

uint64_t
admin_pace_route(const struct admin_pace *p, size_t route, uint64_t count)
{
	return added(p, FAULT_COUNT + route, count);
}

uint64_t
admin_pace_fault(const struct admin_pace *p, enum fault fault, uint64_t count)
{
	return added(p, fault, count);
}

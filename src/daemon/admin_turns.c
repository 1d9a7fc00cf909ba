/*
 * Taking turns; see admin_turns.h.  It knows neither requests nor answers.
 */
#include "daemon/admin_turns.h"

#include <stddef.h>

#define AGAIN_MS	1

/* Where all who wait left their turns to others: until they are asked again. */
#define LEFT_MS		10

static void
append(struct admin_queue *q, struct admin_turn *t)
{
	t->next = &q->head;
	t->prev = q->head.prev;
	q->head.prev->next = t;
	q->head.prev = t;
}

static bool
is_empty(const struct admin_queue *q)
{
	return q->head.next == &q->head;
}

/* Serves it, unless all turns were taken; false: it has to wait. */
static bool
has_its_turn(struct admin_turns *all, struct admin_queue *q,
    struct admin_turn *t)
{
	if (q->left == 0 || all->serve(all->owner, t) == ADMIN_TURN_LEFT)
		return false;
	q->left--;
	return true;
}

/* Those who wait, as long as there are turns; true: somebody took one. */
static bool
serve_all(struct admin_turns *all, struct admin_queue *q)
{
	struct admin_turn *t, *next;

	q->left = ADMIN_TURNS;
	for (t = q->head.next; t != &q->head && q->left != 0; t = next) {
		next = t->next;
		if (has_its_turn(all, q, t))
			admin_turns_leave(t);
	}
	return q->left != ADMIN_TURNS;
}

static void
turns_on_next(void *owner)
{
	struct admin_turns *all = owner;
	bool any;

	all->begin(all->owner);
	any = serve_all(all, &all->urgent);
	any |= serve_all(all, &all->others);
	if (any)
		timer_set(&all->next, AGAIN_MS);
	else if (!is_empty(&all->urgent) || !is_empty(&all->others))
		timer_set(&all->next, LEFT_MS);
	else
		all->rest(all->owner);
}

static void
queue_init(struct admin_queue *q)
{
	q->head.next = q->head.prev = &q->head;
	q->left = ADMIN_TURNS;
}

void
admin_turns_init(struct admin_turns *all, struct loop *loop,
    admin_turns_serve *serve, void (*begin)(void *owner),
    void (*rest)(void *owner), void *owner)
{
	*all = (struct admin_turns){
		.serve = serve,
		.begin = begin,
		.rest = rest,
		.owner = owner,
	};
	queue_init(&all->urgent);
	queue_init(&all->others);
	timer_init(&all->next, loop, turns_on_next, all);
}

void
admin_turns_end(struct admin_turns *all)
{
	timer_end(&all->next);
}

void
admin_turns_wait(struct admin_turns *all, struct admin_turn *t, bool urgent)
{
	struct admin_queue *q = urgent ? &all->urgent : &all->others;

	if (!has_its_turn(all, q, t))
		append(q, t);
	timer_set(&all->next, AGAIN_MS);
}

void
admin_turns_leave(struct admin_turn *t)
{
	if (t->next == NULL)
		return;
	t->next->prev = t->prev;
	t->prev->next = t->next;
	t->next = t->prev = NULL;
}

/*
 * Taking turns; see admin_turns.h.  It knows neither requests nor answers.
 */
#include "daemon/admin_turns.h"

#include <stddef.h>

#define AGAIN_MS	1

/* Where all who wait left their turns to others: until they are asked again. */
#define LEFT_MS		10

static void
append(struct admin_turn *head, struct admin_turn *t)
{
	t->next = head;
	t->prev = head->prev;
	head->prev->next = t;
	head->prev = t;
}

/* Serves it, unless all turns were taken; false: it has to wait. */
static bool
has_its_turn(struct admin_turns *all, struct admin_turn *t)
{
	if (all->left == 0 ||
	    all->serve(all->owner, t) == ADMIN_TURN_LEFT)
		return false;
	all->left--;
	return true;
}

/* Those who wait, as long as there are turns. */
static void
serve_all(struct admin_turns *all, struct admin_turn *head)
{
	struct admin_turn *t, *next;

	for (t = head->next; t != head && all->left != 0; t = next) {
		next = t->next;
		if (has_its_turn(all, t))
			admin_turns_leave(t);
	}
}

static void
turns_on_next(void *owner)
{
	struct admin_turns *all = owner;

	all->left = ADMIN_TURNS;
	all->begin(all->owner);
	serve_all(all, &all->urgent);
	serve_all(all, &all->others);
	if (all->left != ADMIN_TURNS)
		timer_set(&all->next, AGAIN_MS);
	else if (all->urgent.next != &all->urgent ||
	    all->others.next != &all->others)
		timer_set(&all->next, LEFT_MS);
	else
		all->rest(all->owner);
}

void
admin_turns_init(struct admin_turns *all, struct loop *loop,
    admin_turns_serve *serve, void (*begin)(void *owner),
    void (*rest)(void *owner), void *owner)
{
	*all = (struct admin_turns){
		.urgent = { &all->urgent, &all->urgent },
		.others = { &all->others, &all->others },
		.left = ADMIN_TURNS,
		.serve = serve,
		.begin = begin,
		.rest = rest,
		.owner = owner,
	};
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
	if (!has_its_turn(all, t))
		append(urgent ? &all->urgent : &all->others, t);
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

/*
 * All fronts of a worker; see fronts.h.
 */
#include "proxy/fronts.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"
#include "proxy/exchange.h"
#include "proxy/front.h"
#include "proxy/users.h"

/* Unused exchanges that are held back from free(). */
#define KEEP_EXCHANGES	1024

/* Who came by one listener. */
struct entrance {
	uint32_t n;
	bool is_full;			/* as told last */
};

struct fronts {
	struct env *env;
	struct users *users;
	struct front_owner owner;
	struct front_place *list;
	uint32_t n, most;
	struct entrance *entrances;	/* one per listener */
	fronts_full *full;
	void *full_owner;
	void (*empty)(void *owner);
	void *empty_owner;
	struct deferred tell_empty;
};

static void
tell_if_full(struct fronts *all, size_t listener)
{
	struct entrance *e = &all->entrances[listener];
	uint32_t most = all->env->conf->listeners[listener].clients;
	bool is_full = all->n >= all->most || (most != 0 && e->n >= most);

	if (is_full == e->is_full)
		return;
	e->is_full = is_full;
	all->full(all->full_owner, listener, is_full);
}

/* A client came by that listener, or left. */
static void
count_clients(struct fronts *all, size_t listener, bool came)
{
	bool was_full = all->n >= all->most;

	if (came) {
		all->n++;
		all->entrances[listener].n++;
		atomic_fetch_add_explicit(&all->env->figures->clients, 1,
		    memory_order_relaxed);
	} else {
		all->n--;
		all->entrances[listener].n--;
		atomic_fetch_sub_explicit(&all->env->figures->clients, 1,
		    memory_order_relaxed);
	}
	if (was_full == (all->n >= all->most)) {
		tell_if_full(all, listener);
		return;
	}
	for (size_t i = 0; i < all->env->conf->n_listeners; i++)
		tell_if_full(all, i);
}

static void
on_closed(void *owner, struct front *f)
{
	struct fronts *all = owner;
	struct front_place *place = front_place(f);

	LIST_REMOVE(place);
	count_clients(all, place->listener, false);
	if (all->n == 0 && all->empty != NULL)
		deferred_queue(all->env->loop, &all->tell_empty);
}

static void
principal_from(struct fronts *all, const struct client_info *info,
    struct principal *p)
{
	addr_ip_from(&p->ip, &info->address);
	p->has_user = info->has_user;
	if (!info->has_user)
		return;
	p->uid = info->uid;
	p->user_name = users_name(all->users, info->uid);
	p->n_groups = info->n_groups + 1;
	p->groups = xcalloc(p->n_groups, sizeof(*p->groups));
	p->groups[0] = info->gid;
	for (size_t i = 0; i < info->n_groups; i++)
		p->groups[i + 1] = info->groups[i];
}

void
fronts_accept(struct fronts *all, size_t listener, int fd,
    const struct client_info *info)
{
	struct principal principal = { .n_groups = 0 };
	struct front_place *place;

	principal_from(all, info, &principal);
	place = front_place(front_new(&all->owner, listener, fd, &principal));
	LIST_PUSH(all->list, place);
	count_clients(all, listener, true);
}

static void
tell_empty(void *owner)
{
	struct fronts *all = owner;

	if (all->n == 0)
		all->empty(all->empty_owner);
}

struct fronts *
fronts_new(struct env *env, uint32_t most, fronts_full *full, void *owner)
{
	struct fronts *all = xcalloc(1, sizeof(*all));

	all->env = env;
	all->owner = (struct front_owner){
		.env = env, .owner = all, .closed = on_closed,
	};
	env->exchanges = blocks_new(sizeof(struct exchange), KEEP_EXCHANGES);
	all->users = users_load();
	all->most = most;
	all->entrances = xcalloc(env->conf->n_listeners,
	    sizeof(*all->entrances));
	all->full = full;
	all->full_owner = owner;
	deferred_init(&all->tell_empty, LOOP_LATE, tell_empty, all);
	return all;
}

void
fronts_free(struct fronts *all)
{
	if (all == NULL)
		return;
	fronts_cut(all);
	deferred_cancel(&all->tell_empty);
	users_free(all->users);
	free(all->entrances);
	free(all);
}

void
fronts_drain(struct fronts *all, void (*empty)(void *owner), void *owner)
{
	struct front_place *p, *next;

	all->empty = empty;
	all->empty_owner = owner;
	for (p = all->list; p != NULL; p = next) {
		next = p->next;
		front_drain(p->front);
	}
	if (all->n == 0)
		deferred_queue(all->env->loop, &all->tell_empty);
}

void
fronts_cut(struct fronts *all)
{
	while (all->list != NULL)
		front_cut(all->list->front);
}

size_t
fronts_count(const struct fronts *all)
{
	return all->n;
}

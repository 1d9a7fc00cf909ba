/*
 * What the workers of all generations are told and asked; see generations.h.
 */
#include "daemon/generations_parts.h"

#include "base/log.h"

/* -- in a child -- */

void
generations_forked(void *owner, const struct holdings *kept)
{
	const struct generations *gs = owner;

	for (const struct member *m = gs->list; m != NULL; m = m->next) {
		if (m->holdings == kept)
			continue;
		generation_abandon(m->g);
		holdings_abandon(m->holdings, kept);
	}
	if (kept != NULL)
		holdings_enter(kept);
	tls_renewals_abandon(gs->renewals);
	admin_keeper_abandon(gs->conf.admin);
	key_keeper_abandon(gs->conf.keys);
	if (gs->conf.clock != NULL)
		clock_watch_close(gs->conf.clock);
}

void
generations_leave(void *owner)
{
	generations_forked(owner, NULL);
}

/* -- in the parent -- */

size_t
generations_size(const struct generations *gs)
{
	return members_workers(gs->list) + 1;
}

size_t
generations_poll(const struct generations *gs, struct pollfd *fds)
{
	size_t n = 0;

	for (const struct member *m = gs->list; m != NULL; m = m->next)
		n += generation_poll(m->g, fds + n);
	return n + tls_renewals_poll(gs->renewals, fds + n);
}

void
generations_read(struct generations *gs)
{
	for (struct member *m = gs->list; m != NULL; m = m->next)
		generation_read(m->g);
	tls_renewals_read(gs->renewals);
}

void
generations_renewed(void *owner)
{
	const struct generations *gs = owner;

	for (struct member *m = gs->list; m != NULL; m = m->next) {
		if (m->state == MEMBER_DRAINING && gs->serving != NULL)
			generation_distrust(m->g);
	}
}

size_t
generations_alive(const struct generations *gs)
{
	return members_alive(gs->list);
}

void
generations_describe(const struct generations *gs, struct admin_news *news)
{
	news->generation = gs->serving != NULL ? gs->serving->serial : 0;
	news->n_workers = 0;
	for (const struct member *m = gs->list; m != NULL; m = m->next)
		news->n_workers += generation_describe(m->g, m->serial,
		    news->workers + news->n_workers);
	tls_renewals_describe(gs->renewals, news);
}

void
generations_cut(struct generations *gs)
{
	for (struct member *m = gs->list; m != NULL; m = m->next)
		generation_cut(m->g);
}

void
generations_tell_keys(const struct generations *gs)
{
	for (const struct member *m = gs->list; m != NULL; m = m->next)
		generation_tell_keys(m->g);
}

bool
generations_obey(const struct generations *gs, uint64_t decisions)
{
	return members_obey(gs->list, decisions);
}

void
generations_end_deaf(const struct generations *gs, uint64_t decisions)
{
	for (const struct member *m = gs->list; m != NULL; m = m->next)
		generation_end_deaf(m->g, decisions);
}

struct key_question
generations_probe(const struct generations *gs, uint32_t key,
    uint32_t upstream)
{
	return gs->serving == NULL ? (struct key_question){ .worker = 0 } :
	    generation_probe(gs->serving->g, key, upstream);
}

void
generations_kill(struct generations *gs)
{
	for (struct member *m = gs->list; m != NULL; m = m->next)
		generation_stop(m->g, SIGKILL);
}

/* A log that several write to is opened again once. */
void
generations_reopen_logs(struct generations *gs)
{
	const struct access_file *done = NULL;

	for (struct member *m = gs->list; m != NULL; m = m->next) {
		struct access_file *log = m->holdings->access;
		const char *why;

		if (log == done) {
			generation_use_log(m->g);
		} else if (access_file_reopen(log, m->holdings->conf, &why)) {
			generation_use_log(m->g);
			done = log;
			log_info("the access log was reopened");
		} else if (why != NULL) {
			log_error("%s: cannot reopen it: %s; the old one "
			    "stays", log->path, why);
		}
	}
}

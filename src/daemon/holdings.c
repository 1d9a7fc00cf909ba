/*
 * What a generation has; see holdings.h.  Everything that can fail at a reload
 * but the start of workers fails here.
 */
#include "daemon/holdings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/inheritance.h"
#include "daemon/preflight.h"

/*
 * A log that cannot be opened is an error where it is named; without an option
 * it is standard output.
 */
static void
open_access(struct holdings *h, struct access_file *current,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &h->conf->log_where;
	const char *why;

	h->access = access_file_take(h->conf, current, &why);
	if (h->access != NULL)
		return;
	if (at->line != 0)
		conf_error(diagnostics, at->file, at->line, "option 'access': "
		    "cannot open %s: %s", h->conf->log.access, why);
	else
		conf_error(diagnostics, h->conf->file, 0, "standard output, "
		    "the access log: %s", why);
}

/* Memory and descriptors that the workers of this generation share. */
static void
make_shared(struct holdings *h, struct stats_memory *memory,
    struct conf_diagnostics *diagnostics)
{
	const struct conf *conf = h->conf;
	char why[256];

	h->stats = stats_new(memory, conf, why, sizeof(why));
	if (h->stats == NULL)
		conf_error(diagnostics, conf->file, 0, "%s", why);
	h->balance = balance_new(conf->workers, conf->n_listeners);
	if (!wakeups_open(&h->wakeups, conf->workers))
		conf_error(diagnostics, conf->file, 0, "cannot make a "
		    "descriptor per worker: %s", strerror(errno));
}

static void
open_sockets(struct holdings *h, const struct holdings *current,
    struct conf_diagnostics *diagnostics)
{
	const struct sockets *open = current != NULL ?
	    holdings_sockets(current) : NULL;
	const struct conf *conf = h->conf;

	sockets_open(&h->sockets, conf->listeners, conf->n_listeners, open,
	    diagnostics);
	h->admin_sockets.also = &h->sockets;
	sockets_open(&h->admin_sockets, conf->admin, conf->n_admin, open,
	    diagnostics);
	inheritance_check(conf, diagnostics);
}

const struct sockets *
holdings_sockets(const struct holdings *h)
{
	return &h->admin_sockets;
}

struct holdings *
holdings_load(const char *file, const struct conf_opening *opening,
    struct conf_diagnostics *diagnostics)
{
	struct holdings *h = xcalloc(1, sizeof(*h));

	h->epoch = secret_next_epoch();
	h->conf = conf_load(file, opening, diagnostics);
	if (h->conf != NULL)
		return h;
	free(h);
	return NULL;
}

bool
holdings_equip(struct holdings *h, struct stats_memory *memory,
    struct key_keeper *keys, const struct holdings *current,
    struct conf_diagnostics *diagnostics)
{
	make_shared(h, memory, diagnostics);
	preflight(h->conf, diagnostics, &h->sandbox);
	if (keys != NULL)
		key_keeper_bring(keys, h->conf, diagnostics);
	if (diagnostics->n_errors == 0)
		open_access(h, current != NULL ? current->access : NULL,
		    diagnostics);
	if (diagnostics->n_errors == 0)
		open_sockets(h, current, diagnostics);
	conf_diagnostics_sort(diagnostics, &h->conf->files);
	return diagnostics->n_errors == 0;
}

static bool
permit(const struct holdings *h, struct conf_diagnostics *diagnostics)
{
	return sockets_permit(&h->sockets, diagnostics) &&
	    sockets_permit(&h->admin_sockets, diagnostics);
}

bool
holdings_permit(const struct holdings *h, const struct holdings *current,
    struct conf_diagnostics *diagnostics)
{
	if (permit(h, diagnostics))
		return true;
	(void)permit(current, diagnostics);
	return false;
}

void
holdings_announce(const struct holdings *h)
{
	sockets_announce(&h->sockets);
	sockets_announce(&h->admin_sockets);
}

void
holdings_shut(const struct holdings *h, const struct holdings *next)
{
	const struct sockets *others = holdings_sockets(next);

	sockets_shut(&h->sockets, others);
	sockets_shut(&h->admin_sockets, others);
}

void
holdings_close_sockets(struct holdings *h)
{
	sockets_close(&h->sockets);
	sockets_close(&h->admin_sockets);
}

void
holdings_free(struct holdings *h)
{
	if (h == NULL)
		return;
	sockets_release(&h->sockets);
	sockets_release(&h->admin_sockets);
	access_file_leave(h->access);
	wakeups_close(&h->wakeups);
	balance_free(h->balance);
	stats_free(h->stats);
	conf_free(h->conf);
	free(h);
}

void
holdings_enter(const struct holdings *h)
{
	for (size_t i = 0; i < h->admin_sockets.n; i++)
		close(h->admin_sockets.fds[i]);
}

void
holdings_abandon(const struct holdings *h, const struct holdings *kept)
{
	const struct sockets *its = kept != NULL ? holdings_sockets(kept) :
	    NULL;

	sockets_abandon(&h->sockets, its);
	sockets_abandon(&h->admin_sockets, its);
	if ((kept == NULL || h->access != kept->access) && h->access->fd != -1)
		close(h->access->fd);
	for (size_t i = 0; i < h->wakeups.n; i++)
		close(h->wakeups.fds[i]);
}

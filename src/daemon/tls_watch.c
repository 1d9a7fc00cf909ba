/*
 * Watching the files of listeners; see tls_watch.h.
 */
#include "daemon/tls_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "conf/renew.h"
#include "daemon/control_channel.h"
#include "daemon/tls_refused.h"
#include "daemon/tls_renewal.h"

#define LOOK_MS		1000

/* How long files may not go together before that is told. */
#define PATIENCE_NS	(2 * NS_PER_S)

/*
 * What cannot be used is read again after this time, though no file changed: a
 * certificate begins to be valid, an identity is back.  Another reason is told
 * no sooner, either.
 */
#define AGAIN_NS	(10 * NS_PER_S)

/*
 * The times of a file need not change when it is written twice within a tick
 * of the kernel's clock; beyond that they do.
 */
#define YOUNG_NS	(2 * NS_PER_S)

/* How a file looks; all zero: there is none. */
struct look {
	uint64_t device, inode;
	int64_t size, modified_ns, changed_ns;
};

struct watched {
	struct look seen[CONF_TLS_FILES];
	bool settled;		/* nothing is to be read before they change,
				   or again_ns has come */
	int64_t again_ns;	/* monotonic, as all times here; INT64_MAX:
				   they can be used */
	int64_t bad_ns;		/* since when they cannot */
	char *told;		/* why, as the parent knows it; NULL: it takes
				   them for good */
	int64_t told_ns;
};

static int64_t
ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static struct look
look_at(const char *path)
{
	struct stat st;

	if (path == NULL || stat(path, &st) != 0)
		return (struct look){ .inode = 0 };
	return (struct look){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = st.st_size,
		.modified_ns = ns_of(st.st_mtim),
		.changed_ns = ns_of(st.st_ctim),
	};
}

/* They changed lately, or so their clock says. */
static bool
are_young(const struct look *v)
{
	for (size_t i = 0; i < CONF_TLS_FILES; i++) {
		if (v[i].changed_ns > clock_wall() - YOUNG_NS)
			return true;
	}
	return false;
}

static void
look(struct watched *w, const struct conf_listener_tls *tls)
{
	struct look now[CONF_TLS_FILES];

	for (size_t i = 0; i < CONF_TLS_FILES; i++)
		now[i] = look_at(tls->files[i].path);
	if (memcmp(now, w->seen, sizeof(now)) == 0)
		return;
	memcpy(w->seen, now, sizeof(now));
	w->settled = false;
}

/* -- telling the parent -- */

/* False: it cannot be told now. */
static bool
tell(const struct tls_watch_conf *c, size_t listener, const char *why)
{
	char *text = tls_refused_text(listener, why);
	bool sent = control_send(c->control, CONTROL_FAILED, -1, text);

	free(text);
	return sent;
}

/* The first error of a list that has one; to be freed. */
static char *
reason_of(const struct conf_diagnostics *all)
{
	const struct conf_diagnostic *d = all->v;

	while (d->warning)
		d++;
	return xasprintf("%s:%u: %s", d->file, d->line, d->text);
}

/* Takes over why.  However often files change, the log is not flooded. */
static void
complain(const struct tls_watch_conf *c, struct watched *w, size_t listener,
    char *why, int64_t now)
{
	if ((w->told != NULL && (now - w->told_ns < AGAIN_NS ||
	    strcmp(w->told, why) == 0)) || !tell(c, listener, why)) {
		free(why);
		return;
	}
	free(w->told);
	w->told = why;
	w->told_ns = now;
}

/* They can be used. */
static void
note_good(const struct tls_watch_conf *c, struct watched *w, size_t listener)
{
	if (w->told == NULL)
		return;
	if (!tell(c, listener, "")) {
		w->settled = false;
		return;
	}
	free(w->told);
	w->told = NULL;
}

/* Whatever was told before: nothing more is read until they change. */
static void
complain_of_size(const struct tls_watch_conf *c, struct watched *w,
    size_t listener)
{
	int64_t now = clock_monotonic();

	w->told_ns = now - AGAIN_NS;
	complain(c, w, listener, xstrdup("these files are too large to be "
	    "handed to the workers: reload"), now);
}

/* Where the parent cannot be told now, they are read once more. */
static void
hand_over(const struct tls_watch_conf *c, struct watched *w,
    const struct tls_renewal *r, const uint8_t digest[DIGEST_SIZE])
{
	struct secret *bytes = tls_renewal_pack(r);
	bool sent = tls_renewal_send(c->control, bytes);
	bool too_large = !sent && errno == EFBIG;

	secret_free(bytes);
	if (sent) {
		memcpy(c->known[r->listener], digest, DIGEST_SIZE);
		note_good(c, w, r->listener);
	} else if (too_large) {
		complain_of_size(c, w, r->listener);
	} else {
		w->settled = false;
	}
}

static void
use(const struct tls_watch_conf *c, struct watched *w, size_t listener,
    const struct conf_renewal *read)
{
	struct tls_renewal r = tls_renewal_of(listener, &read->tls);
	uint8_t digest[DIGEST_SIZE];

	memcpy(r.span, read->span, sizeof(r.span));
	w->settled = !are_young(w->seen);
	w->again_ns = w->bad_ns = INT64_MAX;
	if (!tls_renewal_digest(&r, digest))
		return;
	if (memcmp(digest, c->known[listener], sizeof(digest)) == 0)
		note_good(c, w, listener);
	else
		hand_over(c, w, &r, digest);
}

/* Files that are written one after the other soon go together. */
static void
note_bad(const struct tls_watch_conf *c, struct watched *w, size_t listener,
    const struct conf_diagnostics *why)
{
	int64_t now = clock_monotonic();

	if (w->bad_ns == INT64_MAX)
		w->bad_ns = now;
	if (now - w->bad_ns < PATIENCE_NS)
		return;
	w->settled = true;
	w->again_ns = now + AGAIN_NS;
	complain(c, w, listener, reason_of(why), now);
}

static void
step(const struct tls_watch_conf *c, struct watched *w, size_t listener)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf_renewal read;

	look(w, &c->conf->listeners[listener].tls);
	if (w->settled && clock_monotonic() < w->again_ns)
		return;
	if (conf_renew(c->conf, listener, c->opening, &read, &diagnostics)) {
		use(c, w, listener, &read);
		conf_renewal_free(&read);
	} else {
		note_bad(c, w, listener, &diagnostics);
	}
	conf_diagnostics_free(&diagnostics);
}

/* -- the whole -- */

/* Where there is no room for it, the parent has some to read. */
static void
beat(const struct tls_watch_conf *c, int64_t *last)
{
	int64_t now = clock_monotonic();

	if (now - *last < TLS_WATCH_BEAT_NS)
		return;
	*last = now;
	(void)control_send(c->control, CONTROL_READY, -1, NULL);
}

/* False: the parent is gone. */
static bool
pause_for(int control)
{
	struct pollfd end = { .fd = control };

	return poll(&end, 1, LOOK_MS) == 0 || (end.revents & POLLHUP) == 0;
}

static void
begin(struct watched *w, const char *told)
{
	w->again_ns = w->bad_ns = INT64_MAX;
	w->told = told != NULL ? xstrdup(told) : NULL;
	w->told_ns = clock_monotonic();
}

void
tls_watch_run(const struct tls_watch_conf *c)
{
	struct watched *all = xcalloc(c->conf->n_listeners, sizeof(*all));
	int64_t beaten = clock_monotonic();

	for (size_t i = 0; i < c->conf->n_listeners; i++)
		begin(&all[i], tls_refused_why(c->refused, i));
	do {
		for (size_t i = 0; i < c->conf->n_listeners; i++) {
			if (c->conf->listeners[i].tls.watch)
				step(c, &all[i], i);
			beat(c, &beaten);
		}
	} while (pause_for(c->control));
	_exit(0);
}

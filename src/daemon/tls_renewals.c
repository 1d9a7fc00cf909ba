/*
 * Renewed certificates of listeners; see tls_renewals.h.
 */
#include "daemon/tls_renewals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/renew.h"
#include "daemon/backoff.h"
#include "daemon/control_channel.h"
#include "daemon/tls_refused.h"
#include "daemon/tls_renewal.h"
#include "daemon/tls_watch.h"

/*
 * How often the process is looked after, and when it is taken for stuck.  To
 * read the files of a listener it has as long as a reload has for all.
 */
#define WATCH_NS	(2500 * NS_PER_MS)
#define STUCK_NS	(60 * NS_PER_S)

struct tls_renewals {
	struct tls_renewals_conf conf;
	struct conf *served;			/* NULL: nothing is watched */
	struct generation *generation;
	uint8_t (*known)[DIGEST_SIZE];		/* of each listener's files */
	struct tls_refused *refused;		/* what they cannot be used
						   for; NULL as served */
	pid_t pid;				/* 0: it does not run */
	int control;				/* -1: none */
	int64_t turned_ns;			/* when it last was known to go
						   on */
	int64_t watched_ns;			/* when that was looked at */
	bool stuck;				/* and was killed for it */
	struct backoff backoff;
};

struct tls_renewals *
tls_renewals_new(const struct tls_renewals_conf *conf)
{
	struct tls_renewals *r = xcalloc(1, sizeof(*r));

	r->conf = *conf;
	r->control = -1;
	return r;
}

void
tls_renewals_free(struct tls_renewals *r)
{
	if (r == NULL)
		return;
	tls_renewals_stop(r);
	free(r);
}

static void
shut(struct tls_renewals *r)
{
	if (r->control != -1)
		close(r->control);
	r->control = -1;
}

void
tls_renewals_stop(struct tls_renewals *r)
{
	shut(r);
	if (r->pid != 0)
		(void)kill(r->pid, SIGKILL);
	r->pid = 0;
	free(r->known);
	r->known = NULL;
	tls_refused_free(r->refused);
	r->refused = NULL;
	r->served = NULL;
	r->generation = NULL;
}

/* -- the process -- */

/*
 * It derives anew what passphrases open: what is known of that belongs to the
 * parent, which may forget it at any time.
 */
static void __attribute__((noreturn))
watch(const struct tls_renewals *r, int control)
{
	struct conf_opening opening =
	    *passphrases_opening(r->conf.passphrases);

	opening.memo = NULL;
	tls_watch_run(&(struct tls_watch_conf){
		.conf = r->served,
		.opening = &opening,
		.control = control,
		.known = r->known,
		.refused = r->refused,
	});
}

static void __attribute__((noreturn))
become_watcher(const struct tls_renewals *r, int control, unsigned epoch,
    pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, "sallyport-watch");
	/* The parent may have ended before. */
	if (getppid() != parent)
		_exit(0);
	r->conf.left(r->conf.owner);
	secret_keep_epoch(epoch);
	secret_protect_inherited();
	watch(r, control);
}

static void
start(struct tls_renewals *r, int64_t now)
{
	unsigned epoch = passphrases_epoch(r->conf.passphrases);
	pid_t parent = getpid();
	int ours, theirs;

	backoff_start(&r->backoff, now);
	r->turned_ns = r->watched_ns = now;
	r->stuck = false;
	if (control_open(&ours, &theirs)) {
		r->pid = fork();
		if (r->pid == 0) {
			close(ours);
			become_watcher(r, theirs, epoch, parent);
		}
		close(theirs);
		r->control = ours;
		if (r->pid > 0)
			return;
		r->pid = 0;
		shut(r);
	}
	log_error("cannot start the process that watches certificates: %s",
	    strerror(errno));
	backoff_put_off(&r->backoff, now);
}

bool
tls_renewals_reap(struct tls_renewals *r, pid_t pid)
{
	if (r->pid == 0 || r->pid != pid)
		return false;
	if (!r->stuck)
		log_warn("the process that watches certificates ended, and is "
		    "replaced");
	tls_renewals_read(r);
	shut(r);
	r->pid = 0;
	backoff_died(&r->backoff, clock_monotonic());
	return true;
}

/*
 * Where the parent itself came late, as in generation_watch(), the process may
 * have been stopped with it.  One that waits in the kernel, for a disk perhaps,
 * ends later, and is replaced then.
 */
static int64_t
watch_over(struct tls_renewals *r, int64_t now)
{
	bool late = now - r->watched_ns > 2 * WATCH_NS;

	if (now < r->watched_ns + WATCH_NS)
		return r->watched_ns + WATCH_NS;
	r->watched_ns = now;
	if (!late && !r->stuck && now - r->turned_ns >= STUCK_NS) {
		log_error("the process that watches certificates does nothing: "
		    "it has not looked at them for %d s, and is replaced",
		    (int)((now - r->turned_ns) / NS_PER_S));
		r->stuck = true;
		(void)kill(r->pid, SIGKILL);
	}
	return now + WATCH_NS;
}

int64_t
tls_renewals_step(struct tls_renewals *r, int64_t now)
{
	if (r->served == NULL)
		return INT64_MAX;
	if (r->pid == 0 && now >= r->backoff.due_ns)
		start(r, now);
	return r->pid != 0 ? watch_over(r, now) : r->backoff.due_ns;
}

static bool
is_watched(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_listeners; i++) {
		if (conf->listeners[i].tls.watch)
			return true;
	}
	return false;
}

/* What was loaded; one that cannot be told is renewed once too often. */
static void
note_known(struct tls_renewals *r)
{
	r->known = xcalloc(r->served->n_listeners, sizeof(*r->known));
	for (size_t i = 0; i < r->served->n_listeners; i++) {
		const struct conf_listener_tls *tls =
		    &r->served->listeners[i].tls;
		struct tls_renewal has;

		if (!tls->watch)
			continue;
		has = tls_renewal_of(i, tls);
		(void)!tls_renewal_digest(&has, r->known[i]);
	}
}

void
tls_renewals_serve(struct tls_renewals *r, struct conf *conf,
    struct generation *g)
{
	if (r->refused != NULL)
		tls_refused_end(r->refused);
	tls_renewals_stop(r);
	if (!is_watched(conf))
		return;
	r->served = conf;
	r->generation = g;
	r->refused = tls_refused_new(conf);
	r->backoff = (struct backoff){ .due_ns = 0 };
	note_known(r);
}

void
tls_renewals_abandon(const struct tls_renewals *r)
{
	if (r->control != -1)
		close(r->control);
}

void
tls_renewals_describe(const struct tls_renewals *r, struct admin_news *news)
{
	if (r->refused != NULL)
		tls_refused_describe(r->refused, news);
}

/* -- what it says -- */

static void
tell(const struct conf_listener *l, int64_t until)
{
	char when[CLOCK_TEXT];

	(void)clock_format_s(when, until);
	log_info("listener %s: its files were renewed, and its certificate is "
	    "good until %s", l->name, when);
}

/* In an epoch of their own: a worker knows those that it was sent. */
static void
take(struct tls_renewals *r, const struct control_message *m)
{
	struct tls_renewal read;
	struct secret *bytes;

	(void)secret_next_epoch();
	bytes = tls_renewal_from(m);
	if (bytes == NULL || !tls_renewal_read(bytes, r->served, &read) ||
	    !tls_renewal_digest(&read, r->known[read.listener])) {
		log_error("a renewed certificate cannot be read");
		secret_free(bytes);
		return;
	}
	conf_renewed(r->served, read.listener, read.span);
	generation_renew(r->generation, read.listener, bytes);
	r->conf.renewed(r->conf.owner);
	tell(&r->served->listeners[read.listener],
	    read.span[CONF_TLS_CERTIFICATE].until);
}

static void
take_message(struct tls_renewals *r, const struct control_message *m)
{
	if (m->kind == CONTROL_RENEWAL)
		take(r, m);
	else if (m->kind == CONTROL_FAILED)
		tls_refused_take(r->refused, m->text);
	r->turned_ns = clock_monotonic();
	if (m->fd != -1)
		close(m->fd);
}

size_t
tls_renewals_poll(const struct tls_renewals *r, struct pollfd *fd)
{
	if (r->control == -1)
		return 0;
	*fd = (struct pollfd){ .fd = r->control, .events = POLLIN };
	return 1;
}

/* By its end the process is known to end; it is reaped then. */
void
tls_renewals_read(struct tls_renewals *r)
{
	enum control_result result;
	struct control_message m;

	while (r->control != -1) {
		result = control_receive(r->control, &m);
		if (result == CONTROL_GONE)
			shut(r);
		if (result != CONTROL_MESSAGE)
			return;
		take_message(r, &m);
		explicit_bzero(m.text, sizeof(m.text));
	}
}

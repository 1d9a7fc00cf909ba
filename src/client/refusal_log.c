/*
 * Refused clients in the log; see refusal_log.h.
 */
#include "client/refusal_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/repeats.h"
#include "net/timer.h"

struct refusal_log {
	struct loop *loop;
	const struct conf *conf;
	struct repeats *refusals;	/* of each listener */
	struct timer timer;		/* set where any were left out */
};

/* -- those that were left out -- */

/* In a flood the next one comes by then, and tells of those before. */
#define AFTER_MS	1000

static void
tell_sums(struct refusal_log *log, bool at_once)
{
	int64_t now = loop_now(log->loop);

	for (size_t i = 0; i < log->conf->n_listeners; i++) {
		const char *why;
		uint64_t n;

		while (repeats_sum(&log->refusals[i], now, at_once, &why, &n))
			log_warn("listener %s: %" PRIu64 " more %s refused "
			    "since the last such line: %s",
			    log->conf->listeners[i].name, n, n == 1 ?
			    "connection was" : "connections were",
			    why != NULL ? why : "for one of many other "
			    "reasons");
	}
}

static void
set_timer(struct refusal_log *log)
{
	int64_t now = loop_now(log->loop), first = INT64_MAX;

	for (size_t i = 0; i < log->conf->n_listeners; i++)
		first = clock_earlier(first,
		    repeats_due(&log->refusals[i]));
	if (first != INT64_MAX)
		timer_set(&log->timer, AFTER_MS + (first > now ?
		    (first - now) / NS_PER_MS : 0));
}

static void
refusal_log_on_due(void *owner)
{
	struct refusal_log *log = owner;

	tell_sums(log, false);
	set_timer(log);
}

/* -- one that is refused -- */

void
refusal_log_tell(struct refusal_log *log, size_t listener,
    const struct addr_ip *from, enum fault fault, const char *why)
{
	char text[ADDR_TEXT], more[64] = "";
	struct addr address;
	uint64_t left_out;

	if (!repeats_take(&log->refusals[listener], why,
	    loop_now(log->loop), &left_out)) {
		if (!timer_is_set(&log->timer))
			set_timer(log);
		return;
	}
	if (left_out != 0)
		(void)snprintf(more, sizeof(more), ", as were %" PRIu64
		    " since the last such line", left_out);
	addr_ip_to(from, &address);
	addr_format_ip(&address, text);
	log_warn("listener %s: a connection from %s is refused: %s; others "
	    "like it within a minute are only counted%s (%s)",
	    log->conf->listeners[listener].name,
	    text[0] != '\0' ? text : "a Unix socket", why, more,
	    fault_code(fault));
}

/* -- the whole -- */

struct refusal_log *
refusal_log_new(struct loop *loop, const struct conf *conf)
{
	struct refusal_log *log = xcalloc(1, sizeof(*log));

	log->loop = loop;
	log->conf = conf;
	log->refusals = xcalloc(conf->n_listeners, sizeof(*log->refusals));
	timer_init(&log->timer, loop, refusal_log_on_due, log);
	return log;
}

void
refusal_log_free(struct refusal_log *log)
{
	if (log == NULL)
		return;
	tell_sums(log, true);
	timer_end(&log->timer);
	for (size_t i = 0; i < log->conf->n_listeners; i++)
		repeats_release(&log->refusals[i]);
	free(log->refusals);
	free(log);
}

/*
 * A reload as those see it who asked for it: they wait for one to begin, and
 * get its result.  Reloads asked for before one begins become one.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* Somebody who does not wait for the result. */
#define RELOAD_UNASKED	((uint64_t)0)

struct reload_events {
	/*
	 * A reload has ended.  The text has a line for each diagnostic, a
	 * warning or the reason of the failure; it may be empty.
	 */
	void (*ended)(void *owner, bool good, const char *text);

	/* The same, for each who waits for the result. */
	void (*answer)(void *owner, uint64_t asker, bool good,
	    const char *text);
	void *owner;
};

/* All zero but the events: nobody has asked. */
struct reload {
	struct reload_events events;
	uint64_t *askers;	/* those who are to have the result first */
	size_t n, cap;
	size_t taken;		/* are to have it */
	char *warnings;		/* of the load that is on its way, or NULL */
};

void	reload_ask(struct reload *, uint64_t asker);

/* Somebody waits for one to begin. */
bool	reload_is_due(const struct reload *);

/* One begins, and all who wait are to have its result. */
void	reload_begin(struct reload *);

/* Its load went well, or badly; takes the diagnostics. */
void	reload_loaded(struct reload *, struct conf_diagnostics *);
void	reload_failed(struct reload *, struct conf_diagnostics *);

/* Between: adds warnings to those of its load; takes them. */
void	reload_warn(struct reload *, struct conf_diagnostics *);

/* It is done: that generation serves. */
void	reload_done(struct reload *, unsigned generation);

/* It began, if it did, and the daemon stops: no error. */
void	reload_stopped(struct reload *);

/* It failed behind its load. */
void	reload_refuse(struct reload *, const char *why);

void	reload_free(struct reload *);

#endif

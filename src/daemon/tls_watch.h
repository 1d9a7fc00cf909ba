/*
 * The process that watches files of listeners: it looks at them every second,
 * reads what changed by the rules of loading, and sends the parent what can be
 * used, as a CONTROL_RENEWAL; of what cannot it says why, once and not before
 * two seconds have passed, as a CONTROL_FAILED: several files are seldom
 * written at once.  Whether it can by now is tried every ten seconds, and told,
 * too.  The parent itself waits for no disk.  That it goes on is told by a
 * CONTROL_READY now and then.
 *
 * A look is stat(2) by the name: so it does not matter whether a file was
 * written, another one renamed over it, or a symbolic link on its way changed.
 */
#ifndef DAEMON_TLS_WATCH_H
#define DAEMON_TLS_WATCH_H

#include <stdint.h>

#include "base/clock.h"
#include "base/digest.h"
#include "conf/conf.h"
#include "daemon/tls_refused.h"

/* How often that is told; more seldom while a listener's files are read. */
#define TLS_WATCH_BEAT_NS	(5 * NS_PER_S)

struct tls_watch_conf {
	const struct conf *conf;
	const struct conf_opening *opening;
	int control;			/* to the parent; it ends with it */
	uint8_t (*known)[DIGEST_SIZE];	/* what the parent has, as
					   tls_renewal.h has it, for each
					   listener; changed */
	const struct tls_refused *refused;	/* what it was told before */
};

void	tls_watch_run(const struct tls_watch_conf *)
	    __attribute__((noreturn));

#endif

/*
 * The service manager that started us, where there is one: the protocol of
 * sd_notify(3), whose other side is systemd or what understands it.  The
 * parent tells in which state it is and that it lives.  Nothing here waits or
 * fails: a message that is not taken now is sent again later, and without a
 * service manager every function does nothing.
 */
#ifndef DAEMON_SERVICE_MANAGER_H
#define DAEMON_SERVICE_MANAGER_H

#include <stdint.h>

enum service_state {
	SERVICE_STARTING,
	SERVICE_READY,		/* READY=1 */
	SERVICE_RELOADING,	/* RELOADING=1; SERVICE_READY must follow */
	SERVICE_STOPPING,	/* STOPPING=1 */
};

struct service_manager;

/*
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment,
 * so that no child speaks for this process.  Called once, before others are
 * started.  Not NULL; an address that cannot be one counts as none.
 */
struct service_manager	*service_manager_new(void);
void			 service_manager_free(struct service_manager *);

/*
 * Tells the state, and for people ("STATUS=") a line about it, at most 1000
 * bytes of UTF-8; controls in it are not sent.  Of states that were not taken
 * in time only the last is sent.
 */
void	service_manager_tell(struct service_manager *, enum service_state,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * Sends what was not taken so far, and WATCHDOG=1 where that is due, which is
 * twice within the time after which we would be taken for dead.  Returns the
 * time (monotonic, ns) of the next call, or INT64_MAX.
 */
int64_t	service_manager_keep(struct service_manager *, int64_t now);

#endif

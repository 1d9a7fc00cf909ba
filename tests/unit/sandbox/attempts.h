/*
 * For tests: what an intruder would try in a process that is confined.
 */
#ifndef TESTS_UNIT_DAEMON_ATTEMPTS_H
#define TESTS_UNIT_DAEMON_ATTEMPTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/addr.h"

struct attempt {
	const char *what;	/* NULL: the end of the list */
	bool (*fn)(void);	/* whether it worked */
	bool left_out;		/* LeakSanitizer is here and does it, too */
};

/*
 * In the sandbox of a worker the first end the process, the second fail.
 */
extern const struct attempt attempts_that_kill[], attempts_that_fail[];

/* Another process of the same user, which they try to get hold of. */
extern pid_t attempts_sibling;

/* A file that is open to be written, as the access log is. */
extern int attempts_log;

bool	attempt_connect(const struct addr *);
bool	attempt_open_file(void);
bool	attempt_make_file(void);
bool	attempt_open_memory(void);
bool	attempt_run(void);
bool	attempt_look_at_file(void);

#endif

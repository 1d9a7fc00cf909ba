/*
 * The admin process before it is one; see admin_exec.h.  Between fork() and
 * exec it is an image of the parent, keys included, and does nothing but
 * arrange its descriptors.
 */
#include "daemon/admin_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/control_channel.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC	(1U << 2)
#endif

int
admin_exec_open(void)
{
	return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

/* A second number for it, above all that are known; -1 with errno. */
static int
lift(int fd, const struct admin_order *o)
{
	return fcntl(fd, F_DUPFD_CLOEXEC,
	    ADMIN_FD_LISTENERS + (int)o->n_listeners);
}

/* Lifted before any is put down, as it may stand where another one goes. */
static bool
lift_all(struct admin_order *o, int *control, int *program)
{
	*control = lift(*control, o);
	*program = lift(*program, o);
	o->brief = lift(o->brief, o);
	o->memory = lift(o->memory, o);
	if (*control == -1 || *program == -1 || o->brief == -1 ||
	    o->memory == -1)
		return false;
	for (size_t i = 0; i < o->n_listeners; i++) {
		o->listeners[i] = lift(o->listeners[i], o);
		if (o->listeners[i] == -1)
			return false;
	}
	return true;
}

/* dup2() leaves them open at exec. */
static bool
put_down(const struct admin_order *o, int control)
{
	if (dup2(control, ADMIN_FD_CONTROL) == -1 ||
	    dup2(o->brief, ADMIN_FD_BRIEF) == -1 ||
	    dup2(o->memory, ADMIN_FD_MEMORY) == -1)
		return false;
	for (size_t i = 0; i < o->n_listeners; i++) {
		if (dup2(o->listeners[i], ADMIN_FD_LISTENERS + (int)i) == -1)
			return false;
	}
	return true;
}

/*
 * All others are close-on-exec already, each where it was opened; a kernel that
 * knows how is told again.  Standard output may be the access log.
 */
static void
leave_others(const struct admin_order *o)
{
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
#ifdef SYS_close_range
	(void)syscall(SYS_close_range,
	    ADMIN_FD_LISTENERS + (unsigned)o->n_listeners, ~0U,
	    CLOSE_RANGE_CLOEXEC);
#else
	(void)o;
#endif
}

static void __attribute__((noreturn))
become_admin(int program, struct admin_order *o, int control)
{
	char name[] = "sallyport", verb[] = ADMIN_VERB;
	char *const argv[] = { name, verb, NULL };

	if (lift_all(o, &control, &program) && put_down(o, control)) {
		leave_others(o);
		(void)fexecve(program, argv, environ);
	}
	control_send(control, CONTROL_FAILED, -1, strerror(errno));
	_exit(1);
}

pid_t
admin_exec(int program, const struct admin_order *o, int control)
{
	struct admin_order own = *o;
	pid_t pid = fork();

	if (pid == 0)
		become_admin(program, &own, control);
	return pid;
}

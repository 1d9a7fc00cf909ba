/*
 * Landlock, then seccomp, and what became of them; see sandbox.h.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/write.h"
#include "sandbox/landlock.h"

#define DNS_PORT	53

/* -- texts -- */

static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t size, const char *format, ...)
{
	size_t at = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + at, size - at, format, ap);
	va_end(ap);
}

static void
describe_landlock(struct sandbox_report *r, const uint16_t *ports, size_t n)
{
	append(r->holds, sizeof(r->holds), "no file can be opened");
	if (r->landlock >= LANDLOCK_KNOWS_TCP && n == 0)
		append(r->holds, sizeof(r->holds), ", no TCP connection made");
	else if (r->landlock >= LANDLOCK_KNOWS_TCP)
		append(r->holds, sizeof(r->holds), ", TCP goes to port%s",
		    n == 1 ? "" : "s");
	for (size_t i = 0; i < n && r->landlock >= LANDLOCK_KNOWS_TCP; i++)
		append(r->holds, sizeof(r->holds), "%s %u",
		    i == 0 ? "" : ",", (unsigned)ports[i]);
	if (r->landlock >= LANDLOCK_KNOWS_TCP && n != 0)
		append(r->holds, sizeof(r->holds), " only");
	if (r->landlock >= LANDLOCK_KNOWS_SCOPES)
		append(r->holds, sizeof(r->holds), ", no signal leaves");
}

const char *
sandbox_line(const struct sandbox_report *r, char line[SANDBOX_LINE])
{
	line[0] = '\0';
	if (r->option == CONF_SANDBOX_OFF) {
		append(line, SANDBOX_LINE, "sandbox: off");
		return line;
	}
	append(line, SANDBOX_LINE, "sandbox: system calls are %sfiltered",
	    r->seccomp ? "" : "not ");
	if (r->landlock != 0)
		append(line, SANDBOX_LINE, "; by Landlock (version %d) %s",
		    r->landlock, r->holds);
	if (r->reason[0] != '\0')
		append(line, SANDBOX_LINE, "; %s", r->reason);
	return line;
}

static void
add_reason(struct sandbox_report *r, const char *what, const char *why)
{
	append(r->reason, sizeof(r->reason), "%s%s: %s",
	    r->reason[0] != '\0' ? "; " : "", what, why);
}

/* -- entering -- */

static bool
is_among(uint16_t port, const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ports[i] == port)
			return true;
	}
	return false;
}

/* Where a process of this plan may connect to, each once. */
static uint16_t *
ports_of(const struct sandbox_plan *plan, size_t *n)
{
	const struct conf *c = plan->conf;
	uint16_t *ports;

	*n = 0;
	if (c == NULL)
		return NULL;
	ports = xcalloc(c->n_upstreams + 1, sizeof(*ports));
	ports[(*n)++] = DNS_PORT;
	for (size_t i = 0; i < c->n_upstreams; i++) {
		const struct conf_upstream *u = &c->upstreams[i];
		uint16_t port = u->proxy.host != NULL ? u->proxy.port :
		    u->connect_port;

		if (!is_among(port, ports, *n))
			ports[(*n)++] = port;
	}
	return ports;
}

static void
enter_landlock(const struct sandbox_plan *plan, struct sandbox_report *r)
{
	int version = landlock_version();
	uint16_t *ports;
	size_t n;

	if (version == 0) {
		add_reason(r, "no Landlock", strerror(errno));
		return;
	}
	ports = ports_of(plan, &n);
	if (landlock_enter(version, ports, n)) {
		r->landlock = version;
		describe_landlock(r, ports, n);
	} else {
		add_reason(r, "no Landlock", strerror(errno));
	}
	free(ports);
}

bool
sandbox_enter(const struct sandbox_plan *plan, struct sandbox_report *r)
{
	char why[128];

	*r = (struct sandbox_report){ .option = plan->option };
	if (plan->option == CONF_SANDBOX_OFF)
		return true;
	/* Neither is to be had by a process that could gain privileges. */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	enter_landlock(plan, r);
	r->seccomp = syscall_filter_load(plan->caller, why, sizeof(why));
	if (!r->seccomp)
		add_reason(r, "system calls cannot be filtered", why);
	return r->seccomp || plan->option != CONF_SANDBOX_REQUIRED;
}

/* -- trying -- */

/* False where there can be no child. */
static bool
ask_child(const struct sandbox_plan *plan, struct sandbox_report *r)
{
	int ends[2];
	ssize_t n = -1;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	child = fork();
	if (child == 0) {
		(void)sandbox_enter(plan, r);
		(void)write_all(ends[1], r, sizeof(*r));
		_exit(0);
	}
	close(ends[1]);
	if (child > 0) {
		n = read(ends[0], r, sizeof(*r));
		(void)waitpid(child, NULL, 0);
	}
	close(ends[0]);
	return n == (ssize_t)sizeof(*r);
}

void
sandbox_check(const struct conf *conf, struct conf_diagnostics *diagnostics,
    struct sandbox_report *r)
{
	const struct conf_where *at = &conf->sandbox_where;
	void (*say)(struct conf_diagnostics *, const char *, unsigned,
	    const char *, ...) = conf->sandbox == CONF_SANDBOX_REQUIRED ?
	    conf_error : conf_warning;

	*r = (struct sandbox_report){ .option = conf->sandbox };
	if (conf->sandbox == CONF_SANDBOX_OFF)
		return;
	if (!ask_child(&(struct sandbox_plan){ .option = conf->sandbox,
	    .caller = SYSCALLS_WORKER, .conf = conf }, r))
		add_reason(r, "sandbox", "a child that tried it failed");
	if (!r->seccomp)
		say(diagnostics, at->line != 0 ? at->file : conf->file,
		    at->line, "option 'sandbox': workers cannot be confined: "
		    "%s", r->reason);
}

void
sandbox_log(const struct sandbox_report *r)
{
	char line[SANDBOX_LINE];

	if (r->reason[0] != '\0')
		log_warn("%s", sandbox_line(r, line));
	else
		log_info("%s", sandbox_line(r, line));
}

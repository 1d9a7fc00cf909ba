/*
 * The protocol of sd_notify(3); see service_manager.h.  The state is kept and
 * told as a whole, so that a message that was not taken is made anew and not
 * stored.  There is no descriptor between two messages: workers inherit none.
 */
#include "daemon/service_manager.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define NS_PER_US	INT64_C(1000)
#define AGAIN_NS	(100 * NS_PER_MS)

/* systemd takes no message of more than 4096 bytes. */
#define STATUS_MAX	1000

struct service_manager {
	struct sockaddr_un address;
	socklen_t address_len;		/* 0: there is no service manager */
	enum service_state state;
	char status[STATUS_MAX + 1];
	int64_t since_ns;		/* of the state, monotonic */
	bool told;			/* state and status were taken */
	int64_t ping_ns;		/* from one WATCHDOG=1 to the next; 0:
					   none is wanted */
	int64_t next_ping_ns;		/* monotonic */
};

/* -- what the environment says -- */

/* A path, or with "@" in place of NUL a name in the abstract name space. */
static bool
take_address(struct service_manager *m)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t n = name != NULL ? strlen(name) : 0;

	if (n < 2 || n >= sizeof(m->address.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return false;
	m->address.sun_family = AF_UNIX;
	memcpy(m->address.sun_path, name, n + 1);
	m->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    n + 1);
	if (name[0] == '@') {
		m->address.sun_path[0] = '\0';
		m->address_len--;
	}
	return true;
}

/* As sd_watchdog_enabled(3) does: without a process, any of them is meant. */
static void
take_watchdog(struct service_manager *m)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t time, process;

	if (usec == NULL ||
	    !text_parse_u64(text_of(usec), INT64_MAX / NS_PER_US, &time))
		return;
	if (pid != NULL &&
	    (!text_parse_u64(text_of(pid), INT32_MAX, &process) ||
	    process != (uint64_t)getpid()))
		return;
	m->ping_ns = (int64_t)time * NS_PER_US / 2;
}

struct service_manager *
service_manager_new(void)
{
	struct service_manager *m = xcalloc(1, sizeof(*m));

	m->told = true;
	if (take_address(m))
		take_watchdog(m);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return m;
}

void
service_manager_free(struct service_manager *m)
{
	free(m);
}

/* -- messages -- */

/*
 * True where it was taken, or will never be: a service manager that is gone
 * is not waited for.
 */
static bool
sent(const struct service_manager *m, struct text message)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool done;

	if (fd == -1)
		return false;
	done = sendto(fd, message.p, message.n, MSG_NOSIGNAL,
	    (const struct sockaddr *)&m->address, m->address_len) != -1 ||
	    (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM);
	close(fd);
	return done;
}

static void
write_state(const struct service_manager *m, struct buf *b)
{
	switch (m->state) {
	case SERVICE_STARTING:
		break;
	case SERVICE_READY:
		buf_printf(b, "READY=1\nMAINPID=%d\n", (int)getpid());
		break;
	case SERVICE_RELOADING:
		buf_printf(b, "RELOADING=1\nMONOTONIC_USEC=%lld\n",
		    (long long)(m->since_ns / NS_PER_US));
		break;
	case SERVICE_STOPPING:
		buf_append_text(b, TEXT("STOPPING=1\n"));
		break;
	}
	buf_printf(b, "STATUS=%s\n", m->status);
}

static bool
tell_state(const struct service_manager *m)
{
	struct buf b;
	bool done;

	buf_init(&b, NULL);
	write_state(m, &b);
	done = sent(m, buf_text(&b));
	buf_release(&b);
	return done;
}

/* systemd takes no line that ends within a character. */
static void
end_whole(char *s)
{
	size_t n = strlen(s), back = n;

	if (n < STATUS_MAX)
		return;
	while (back > 0 && ((unsigned char)s[back - 1] & 0xc0) == 0x80)
		back--;
	if (back > 0 && (unsigned char)s[back - 1] >= 0xc0)
		back--;
	s[back] = '\0';
}

void
service_manager_tell(struct service_manager *m, enum service_state state,
    const char *fmt, ...)
{
	va_list args;

	if (m->address_len == 0)
		return;
	m->state = state;
	m->since_ns = clock_monotonic();
	va_start(args, fmt);
	(void)vsnprintf(m->status, sizeof(m->status), fmt, args);
	va_end(args);
	end_whole(m->status);
	for (char *p = m->status; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == '\x7f')
			*p = ' ';
	}
	m->told = tell_state(m);
}

int64_t
service_manager_keep(struct service_manager *m, int64_t now)
{
	int64_t next = INT64_MAX;

	if (!m->told)
		m->told = tell_state(m);
	if (!m->told)
		next = now + AGAIN_NS;
	if (m->ping_ns == 0)
		return next;
	if (now >= m->next_ping_ns)
		m->next_ping_ns = now + (sent(m, TEXT("WATCHDOG=1")) ?
		    m->ping_ns : AGAIN_NS);
	return next < m->next_ping_ns ? next : m->next_ping_ns;
}

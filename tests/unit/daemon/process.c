/*
 * Processes of a test; see process.h.
 */
#include "process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS	30000

static void
wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, LIMIT_MS) != 1)
		fail_msg("waited too long");
}

/* False at the end. */
static bool
hear(struct heard *h)
{
	size_t room = sizeof(h->text) - 1 - h->n;
	ssize_t n;

	assert_true(room > 0);
	wait_for(h->fd);
	n = read(h->fd, h->text + h->n, room);
	if (n <= 0)
		return false;
	h->n += (size_t)n;
	h->text[h->n] = '\0';
	return true;
}

bool
heard_wait(struct heard *h, const char *text)
{
	while (strstr(h->text, text) == NULL) {
		if (!hear(h))
			return false;
	}
	return true;
}

void
heard_expect(struct heard *h, const char *text)
{
	if (!heard_wait(h, text))
		fail_msg("no \"%s\" in: %s", text, h->text);
}

void
heard_all(struct heard *h)
{
	while (hear(h))
		;
}

void
heard_close(struct heard *h)
{
	if (h->fd != -1)
		close(h->fd);
	*h = (struct heard){ .fd = -1 };
}

void
process_start(struct process *p, int (*fn)(void *arg), void *arg)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	*p = (struct process){ .errors.fd = fds[0], .pid = fork() };
	assert_int_not_equal(p->pid, -1);
	if (p->pid == 0) {
		close(fds[0]);
		(void)dup2(fds[1], STDERR_FILENO);
		close(fds[1]);
		exit(fn(arg));
	}
	close(fds[1]);
}

static int
status_of(struct process *p)
{
	int status;

	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	p->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
process_end(struct process *p)
{
	int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);

	/* An old kernel lacks it; then one that hangs hangs the test. */
	if (fd != -1) {
		wait_for(fd);
		close(fd);
	}
	return status_of(p);
}

void
process_release(struct process *p)
{
	if (p->pid != 0) {
		kill(p->pid, SIGKILL);
		(void)status_of(p);
	}
	heard_close(&p->errors);
}

void
call(struct heard *h, const struct addr *a, const char *request)
{
	size_t n = strlen(request);

	*h = (struct heard){ .fd = socket(a->sa.sa_family, SOCK_STREAM |
	    SOCK_CLOEXEC, 0) };
	assert_int_equal(connect(h->fd, &a->sa, a->len), 0);
	assert_int_equal(send(h->fd, request, n, MSG_NOSIGNAL), n);
}

int
call_upstream(int upstream_fd, struct heard *h, const struct addr *to,
    const char *request)
{
	struct pollfd fd = { .fd = upstream_fd, .events = POLLIN };

	call(h, to, request);
	assert_int_equal(poll(&fd, 1, LIMIT_MS), 1);
	return accept(upstream_fd, NULL, NULL);
}

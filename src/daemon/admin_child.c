/*
 * One admin process and its control channel; see admin_child.h.
 */
#include "daemon/admin_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/control_channel.h"
#include "pages/packed.h"

/* Messages read at a time, as an attacker may control the process. */
#define MESSAGES	16

#define MOST_ON_WAY	8

/* A moment more than the process gives itself. */
#define STOP_NS		((ADMIN_STOP_MS + 500) * NS_PER_MS)

struct admin_child *
admin_child_new(int program, const struct admin_order *order, uint64_t serial)
{
	struct admin_child *c;
	int ours, theirs, e;
	pid_t pid;

	if (!control_open(&ours, &theirs))
		return NULL;
	pid = admin_exec(program, order, theirs);
	e = errno;
	close(theirs);
	if (pid == -1) {
		close(ours);
		errno = e;
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->pid = pid;
	c->control = ours;
	c->serial = serial;
	c->wants_news = true;
	c->kill_ns = INT64_MAX;
	c->ready_by_ns = clock_monotonic() + ADMIN_START_MS * NS_PER_MS;
	return c;
}

static void
note_failure(struct admin_child *c, const char *why)
{
	log_error("the admin process %d cannot start: %s", (int)c->pid, why);
	if (c->failure == NULL)
		c->failure = xstrdup(why);
}

int64_t
admin_child_watch(struct admin_child *c, int64_t now)
{
	if (c == NULL || c->ready)
		return INT64_MAX;
	if (now >= c->ready_by_ns) {
		c->ready_by_ns = INT64_MAX;
		note_failure(c, "the admin process was not ready in time");
		(void)kill(c->pid, SIGKILL);
	}
	return c->ready_by_ns;
}

void
admin_child_end(struct admin_child *c)
{
	if (c->ending)
		return;
	c->ending = true;
	(void)kill(c->pid, SIGTERM);
	c->kill_ns = clock_earlier(c->kill_ns, clock_monotonic() + STOP_NS);
}

void
admin_child_explain(const struct admin_child *c, int wait_status)
{
	if (WIFSIGNALED(wait_status))
		log_error("the admin process %d was ended by signal %d (%s)",
		    (int)c->pid, WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)));
	else
		log_error("the admin process %d ended with status %d",
		    (int)c->pid, WEXITSTATUS(wait_status));
}

void
admin_child_free(struct admin_child *c)
{
	if (c == NULL)
		return;
	if (c->control != -1)
		close(c->control);
	free(c->failure);
	free(c);
}

static void
tell_now(struct admin_child *c, int news)
{
	if (!c->wants_news || news == -1 || c->control == -1 ||
	    !control_send(c->control, CONTROL_NEWS, news, NULL))
		return;
	c->on_way++;
	c->wants_news = false;
}

/* News that are not read would fill the channel, and results would be lost. */
void
admin_child_tell(struct admin_child *c, int news)
{
	if (c->on_way < MOST_ON_WAY)
		tell_now(c, news);
}

void
admin_child_await(struct admin_child *c, int news)
{
	tell_now(c, news);
	c->awaited = c->serves ? c->on_way : 0;
}

bool
admin_child_is_heard(const struct admin_child *c)
{
	return c->awaited == 0 || c->control == -1;
}

void
admin_child_serve(struct admin_child *c)
{
	c->serves = true;
	if (c->control != -1)
		control_send(c->control, CONTROL_SERVE, -1, NULL);
}

void
admin_child_answer(const struct admin_child *c, uint64_t its,
    enum admin_outcome outcome, const char *text)
{
	struct buf b;
	int fd;

	buf_init(&b, NULL);
	pack_u64(&b, its);
	pack_u64(&b, outcome);
	pack_str(&b, text);
	fd = pack_to_fd(&b);
	if (fd == -1) {
		log_error("cannot tell the result of a command: %m");
	} else {
		control_send(c->control, CONTROL_RESULT, fd, NULL);
		close(fd);
	}
	buf_release(&b);
}

/* It has taken news in. */
static void
took(struct admin_child *c, int news)
{
	if (c->on_way != 0)
		c->on_way--;
	if (c->awaited != 0)
		c->awaited--;
	admin_child_tell(c, news);
}

static void
take_message(struct admin_child *c, const struct control_message *m, int news,
    const struct admin_child_events *events)
{
	struct admin_message command;

	switch (m->kind) {
	case CONTROL_READY:
		c->ready = true;
		break;
	case CONTROL_FAILED:
		note_failure(c, m->text);
		break;
	case CONTROL_TOOK:
		took(c, news);
		break;
	case CONTROL_COMMAND:
		if (admin_message_read(m->text, &command))
			events->command(events->owner, c, &command);
		break;
	case CONTROL_LEFT:
		c->left = true;
		break;
	case CONTROL_LOG:
	case CONTROL_CUT:
	case CONTROL_LOOK:
	case CONTROL_EMPTY:
	case CONTROL_SERVERS:
	case CONTROL_SERVE:
	case CONTROL_KEYS:
	case CONTROL_LEARNT:
	case CONTROL_OBEYED:
	case CONTROL_PROBE:
	case CONTROL_PROBED:
	case CONTROL_SUSPECT:
	case CONTROL_TICKETS:
	case CONTROL_RENEWAL:
	case CONTROL_DISTRUST:
	case CONTROL_RETIRE:
	case CONTROL_NEWS:
	case CONTROL_RESULT:
		break;
	}
}

bool
admin_child_all_left(const struct admin_child *c)
{
	while (c != NULL && c->left)
		c = c->next;
	return c == NULL;
}

void
admin_child_read(struct admin_child *c, int news,
    const struct admin_child_events *events)
{
	enum control_result r = CONTROL_MESSAGE;
	struct control_message m;

	for (unsigned i = 0; i < MESSAGES && c->control != -1; i++) {
		r = control_receive(c->control, &m);
		if (r != CONTROL_MESSAGE)
			break;
		take_message(c, &m, news, events);
		if (m.fd != -1)
			close(m.fd);
	}
	if (r == CONTROL_GONE) {
		close(c->control);
		c->control = -1;
	}
}

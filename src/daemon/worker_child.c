/*
 * One worker and its control channel; see worker_child.h.
 */
#include "daemon/worker_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

/* Messages read from a worker at a time, as an attacker may control it. */
#define MESSAGES	16

/* When one that was killed should have ended. */
#define ENDED_NS	(10 * NS_PER_S)

static void
tell_failed(const struct worker_child *s,
    const struct worker_child_events *events, const char *why)
{
	log_error("worker %d cannot start: %s", (int)s->pid, why);
	events->failed(events->owner, why);
}

static void
take_message(struct worker_child *s, const struct control_message *m,
    const struct worker_child_events *events)
{
	switch (m->kind) {
	case CONTROL_READY:
		s->ready = true;
		break;
	case CONTROL_FAILED:
		tell_failed(s, events, m->text);
		break;
	case CONTROL_SERVERS:
		control_send(s->control, CONTROL_SERVERS, -1,
		    name_servers_news(events->servers, &s->servers_version));
		break;
	case CONTROL_LEFT:
		s->left = true;
		break;
	case CONTROL_SUSPECT:
	case CONTROL_PROBED:
		events->key(events->owner, s->pid, m);
		break;
	case CONTROL_OBEYED:
		(void)text_parse_u64(text_of(m->text), UINT64_MAX, &s->obeyed);
		break;
	case CONTROL_LEARNT:	/* The parent is awake, and looks what it is. */
	case CONTROL_KEYS:
	case CONTROL_PROBE:
	case CONTROL_LOG:
	case CONTROL_CUT:
	case CONTROL_LOOK:
	case CONTROL_EMPTY:
	case CONTROL_TICKETS:
	case CONTROL_RENEWAL:
	case CONTROL_DISTRUST:
	case CONTROL_SERVE:
	case CONTROL_RETIRE:
	case CONTROL_NEWS:
	case CONTROL_TOOK:
	case CONTROL_COMMAND:
	case CONTROL_RESULT:
		break;
	}
}

/* -- what it is told -- */

struct owed_message {
	struct owed_message *next;
	enum control_kind kind;
	char *text;			/* NULL: none */
};

static bool
is_same(const struct owed_message *m, enum control_kind kind, const char *text)
{
	if (m->kind != kind || (m->text == NULL) != (text == NULL))
		return false;
	return text == NULL || strcmp(m->text, text) == 0;
}

static void
owe(struct worker_child *s, enum control_kind kind, const char *text)
{
	struct owed_message **last = &s->owed;

	for (; *last != NULL; last = &(*last)->next) {
		if (is_same(*last, kind, text))
			return;
	}
	*last = xcalloc(1, sizeof(**last));
	(*last)->kind = kind;
	(*last)->text = text != NULL ? xstrdup(text) : NULL;
}

/* False: its channel is full.  One that is gone needs no message. */
static bool
sends(const struct worker_child *s, enum control_kind kind, int fd,
    const char *text)
{
	return s->control == -1 || control_send(s->control, kind, fd, text) ||
	    errno != EAGAIN;
}

void
worker_child_tell(struct worker_child *s, enum control_kind kind, int fd,
    const char *text)
{
	if (s->owed != NULL || !sends(s, kind, fd, text))
		owe(s, kind, text);
}

static void
drop_first(struct worker_child *s)
{
	struct owed_message *m = s->owed;

	s->owed = m->next;
	free(m->text);
	free(m);
}

void
worker_child_pay(struct worker_child *s, int log)
{
	while (s->owed != NULL) {
		const struct owed_message *m = s->owed;

		if (!sends(s, m->kind, m->kind == CONTROL_LOG ? log : -1,
		    m->text))
			return;
		drop_first(s);
	}
}

void
worker_child_forgive(struct worker_child *s)
{
	while (s->owed != NULL)
		drop_first(s);
}

/* -- what it says, and its end -- */

void
worker_child_read(struct worker_child *s,
    const struct worker_child_events *events)
{
	enum control_result r = CONTROL_MESSAGE;
	struct control_message m;

	for (unsigned i = 0; i < MESSAGES; i++) {
		r = control_receive(s->control, &m);
		if (r != CONTROL_MESSAGE)
			break;
		take_message(s, &m, events);
		if (m.fd != -1)
			close(m.fd);
	}
	if (r == CONTROL_GONE) {
		close(s->control);
		s->control = -1;
	}
}

bool
worker_child_survives(const struct worker_child *s, int64_t now)
{
	return s->pid != 0 && s->killed_ns != 0 &&
	    now - s->killed_ns >= ENDED_NS;
}

void
worker_child_kill(struct worker_child *s, int64_t now)
{
	(void)kill(s->pid, SIGKILL);
	if (s->killed_ns == 0)
		s->killed_ns = now;
	if (s->told || !worker_child_survives(s, now))
		return;
	s->told = true;
	log_error("worker %d was killed and does not end: it waits in the "
	    "kernel, for a disk perhaps", (int)s->pid);
}

void
worker_child_ended(struct worker_child *s)
{
	if (s->control != -1)
		close(s->control);
	worker_child_forgive(s);
	*s = (struct worker_child){ .control = -1, .backoff = s->backoff };
}

void
worker_child_explain_end(const struct worker_child *s, int status)
{
	/* Of a configuration that was refused, which is told. */
	if (WIFSIGNALED(status) && s->killed_ns != 0 && !s->ready)
		log_debug("worker %d was killed before it was ready",
		    (int)s->pid);
	else if (WIFSIGNALED(status))
		log_error("worker %d was ended by signal %d (%s)%s",
		    (int)s->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)),
		    WTERMSIG(status) == SIGSYS ? ": it made a system call "
		    "that no worker makes, which the kernel's log names" : "");
	else
		log_error("worker %d ended with status %d", (int)s->pid,
		    WEXITSTATUS(status));
}

/*
 * Lines of the access log; see line.h.  Only those functions of base/sink.h are
 * here that an env needs: a simulated program opens no log of its own.
 */
#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sink.h"
#include "clock.h"
#include "history.h"
#include "oracle.h"
#include "request.h"

struct sink {
	struct buf line;
	int worker;
};

static struct {
	unsigned long n;
	bool dead;
} workers[CLOCK_BASES];
static unsigned long n_written;
static bool fails;

void
lines_begin(void)
{
	memset(workers, 0, sizeof(workers));
	n_written = 0;
	fails = false;
}

unsigned long
lines_written(void)
{
	return n_written;
}

unsigned long
lines_of(unsigned worker)
{
	return workers[worker].n;
}

void
lines_die(unsigned worker)
{
	workers[worker].dead = true;
}

void
lines_fail(bool on)
{
	fails = on;
	history("the access log %s", on ? "fails" : "is well again");
}

/* -- parsing -- */

static bool
text_in(const char *line, const char *mark, char *out, size_t size)
{
	const char *at = strstr(line, mark), *end;
	size_t n;

	*out = '\0';
	if (at == NULL)
		return false;
	at += strlen(mark);
	end = strchr(at, '"');
	must(end != NULL, "a line without end: %s", line);
	n = (size_t)(end - at);
	must(n < size, "too long a text in a line: %s", line);
	memcpy(out, at, n);
	out[n] = '\0';
	return true;
}

static unsigned long
number_in(const char *line, const char *mark)
{
	const char *at = strstr(line, mark);

	return at != NULL ? strtoul(at + strlen(mark), NULL, 10) : 0;
}

#define BYTES	"\"body\":{\"bytes\":"

static void
parse(const char *s, struct line *l)
{
	const char *response = strstr(s, "\"response\":{\"status_code\":");
	const char *client = strstr(s, ",\"client\":{");
	const char *ours = strstr(s, ",\"sallyport\":{");
	char uid[24];

	must(client != NULL && ours != NULL, "a line of no exchange: %s", s);
	*l = (struct line){ .request_bytes = number_in(s, BYTES) };
	(void)text_in(s, ",\"id\":\"", l->id, sizeof(l->id));
	(void)text_in(s, ",\"method\":\"", l->method, sizeof(l->method));
	if (response != NULL) {
		l->status = number_in(response, "\"status_code\":");
		l->response_bytes = number_in(response, BYTES);
	}
	if (text_in(client, "\"user\":{\"id\":\"", uid, sizeof(uid)))
		l->client = strtoul(uid, NULL, 10);
	else
		l->client = number_in(client, "\"port\":");
	(void)text_in(client, ",\"client\":{\"ip\":\"", l->ip, sizeof(l->ip));
	(void)text_in(ours, ",\"route\":\"", l->route, sizeof(l->route));
	(void)text_in(ours, ",\"key\":\"", l->key, sizeof(l->key));
	(void)text_in(ours, ",\"upstream\":\"", l->upstream,
	    sizeof(l->upstream));
	(void)text_in(ours, ",\"fault\":\"", l->fault, sizeof(l->fault));
	(void)text_in(ours, ",\"key_expires\":\"", l->expires,
	    sizeof(l->expires));
	l->attempts = number_in(ours, "\"attempts\":");
	if (text_in(s, ",\"trace\":{\"id\":\"", l->trace,
	    sizeof(l->trace)))
		(void)text_in(s, ",\"span\":{\"id\":\"", l->span,
		    sizeof(l->span));
	l->trace_made = strstr(ours, ",\"trace_made\":true") != NULL;
	l->trace_dropped = strstr(ours, ",\"trace_dropped\":") != NULL;
	l->reused = strstr(ours, "\"reused\":true") != NULL;
	l->duration = number_in(s, "\"duration\":");
}

/* -- base/sink.h -- */

struct sink *
sink_new(int fd, _Atomic uint64_t *lost, _Atomic bool *torn)
{
	struct sink *s = xcalloc(1, sizeof(*s));

	(void)lost;
	(void)torn;
	s->worker = fd;
	buf_init(&s->line, NULL);
	return s;
}

void
sink_end(struct sink *s)
{
	must(buf_len(&s->line) == 0, "a line was begun and not ended");
}

void
sink_free(struct sink *s)
{
	buf_release(&s->line);
	free(s);
}

struct buf *
sink_line(struct sink *s)
{
	return &s->line;
}

void
sink_line_end(struct sink *s)
{
	struct line l;

	buf_append(&s->line, "", 1);
	if (!workers[s->worker].dead) {
		n_written++;
		workers[s->worker].n++;
		history("line: %s", (const char *)buf_data(&s->line));
		parse((const char *)buf_data(&s->line), &l);
		oracle_on_line(&l, (const char *)buf_data(&s->line));
	}
	buf_consume(&s->line, buf_len(&s->line));
}

bool
sink_pending(const struct sink *s)
{
	(void)s;
	return false;
}

void
sink_flush(struct sink *s)
{
	(void)s;
}

bool
sink_failing(const struct sink *s)
{
	(void)s;
	return fails;
}

int
sink_error(const struct sink *s)
{
	(void)s;
	return fails ? ENOSPC : 0;
}

uint64_t
sink_lost(const struct sink *s)
{
	(void)s;
	return 0;
}

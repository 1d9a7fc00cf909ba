/*
 * The log of a process; see log.h.
 *
 * A line is written by itself, at once, by one write(2) of at most PIPE_BUF
 * bytes, which pipes take whole or not at all: lines of several processes
 * never mix.
 */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

#define ECS_VERSION	"8.11.0"

/* Longer raw values of an upstream are cut: nobody reads them. */
#define MAX_RAW		256

/* The end of a message that was cut. */
#define ELLIPSIS	"..."

static struct {
	int fd;
	enum log_level level;
	enum log_format format;
	_Atomic uint64_t *lost;
	void (*told)(void *owner, const struct log_key_event *,
	    const char *message);
	void *owner;
} the_log = {
	.fd = STDERR_FILENO,
	.level = LOG_LEVEL_INFO,
};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void
log_start(int fd, enum log_level level, _Atomic uint64_t *lost)
{
	the_log.fd = fd;
	the_log.level = level;
	the_log.lost = lost;
}

void
log_set_format(enum log_format format)
{
	the_log.format = format;
}

void
log_watch_keys(void (*told)(void *owner, const struct log_key_event *,
    const char *message), void *owner)
{
	the_log.told = told;
	the_log.owner = owner;
}

bool
log_wants(enum log_level level)
{
	return level <= the_log.level;
}

static void
count_lost(void)
{
	if (the_log.lost != NULL)
		atomic_fetch_add_explicit(the_log.lost, 1,
		    memory_order_relaxed);
}

/*
 * Not O_NONBLOCK: that mode would hold for every process that shares standard
 * error with us.  A pipe that polls writable has room for PIPE_BUF bytes.
 */
static void
write_line(struct text line)
{
	struct pollfd ready = { .fd = the_log.fd, .events = POLLOUT };
	ssize_t n;

	if (line.n > PIPE_BUF || poll(&ready, 1, 0) != 1 ||
	    (ready.revents & POLLOUT) == 0) {
		count_lost();
		return;
	}
	do {
		n = write(the_log.fd, line.p, line.n);
	} while (n == -1 && errno == EINTR);
	if (n != (ssize_t)line.n)
		count_lost();
}

/* The fields of a line besides its text; key is NULL for the daemon's own. */
struct line {
	enum log_level level;
	const struct log_key_event *key;
};

static void
write_key(struct json *j, const struct log_key_event *e)
{
	json_object(j, "sallyport");
	json_str(j, "key", e->key);
	if (e->upstream != NULL)
		json_str(j, "upstream", e->upstream);
	if (e->expires != NULL)
		json_str(j, "key_expires", e->expires);
	if (e->expires_raw != NULL) {
		json_text(j, "key_expires_raw", (struct text){
		    .p = e->expires_raw, .n = e->expires_raw_len < MAX_RAW ?
		    e->expires_raw_len : MAX_RAW });
	}
	json_object_end(j);
}

static void
format_json(const struct line *line, const char *now, struct text message,
    struct buf *out)
{
	struct json j;

	json_start(&j, out);
	json_object(&j, NULL);
	json_str(&j, "@timestamp", now);
	json_str(&j, "log.level", level_names[line->level]);
	json_text(&j, "message", message);
	json_str(&j, "ecs.version", ECS_VERSION);
	json_object(&j, "service");
	json_str(&j, "name", "sallyport");
	json_object_end(&j);
	json_object(&j, "event");
	json_str(&j, "kind", "event");
	json_str(&j, "dataset", line->key != NULL ?
	    "sallyport.key" : "sallyport.daemon");
	if (line->key != NULL)
		json_str(&j, "action", line->key->action);
	json_object_end(&j);
	json_object(&j, "process");
	json_i64(&j, "pid", getpid());
	json_object_end(&j);
	if (line->key != NULL)
		write_key(&j, line->key);
	json_object_end(&j);
}

void
log_escape(struct buf *out, struct text t)
{
	struct text part;

	while (text_split(&t, '"', &part)) {
		json_escape(out, part);
		if (t.p != NULL)
			buf_append(out, "\"", 1);
	}
}

void
log_text_begin(struct buf *out, const char *time, enum log_level level)
{
	buf_append_text(out, text_of(time));
	buf_append(out, " ", 1);
	buf_append_text(out, text_of(level_names[level]));
	buf_append(out, " ", 1);
}

/* The message of a key's event names the key and what is to be known of it. */
static void
format_text(const struct line *line, const char *now, struct text message,
    struct buf *out)
{
	log_text_begin(out, now, line->level);
	buf_printf(out, "[%d] ", (int)getpid());
	if (line->key != NULL)
		buf_printf(out, "%s: ", line->key->action);
	log_escape(out, message);
}

static void
format_line(const struct line *line, struct text message, struct buf *out)
{
	char now[CLOCK_TEXT];

	clock_format_ms(now, clock_wall());
	switch (the_log.format) {
	case LOG_FORMAT_JSON:
		format_json(line, now, message, out);
		break;
	case LOG_FORMAT_TEXT:
		format_text(line, now, message, out);
		break;
	}
	buf_append(out, "\n", 1);
}

/*
 * Takes excess bytes, and those of the ellipsis, off the end of a message of n
 * bytes; a UTF-8 sequence is removed whole, so the line does not get longer.
 * Returns the new length.
 */
static size_t
shorten(char *message, size_t n, size_t excess)
{
	size_t cut = excess + sizeof(ELLIPSIS) - 1;

	if (cut >= n)
		return 0;
	n -= cut;
	while (n > 0 && ((uint8_t)message[n] & 0xc0) == 0x80)
		n--;
	memcpy(message + n, ELLIPSIS, sizeof(ELLIPSIS));
	return n + sizeof(ELLIPSIS) - 1;
}

static void __attribute__((format(printf, 2, 0)))
log_line(const struct line *line, const char *fmt, va_list ap)
{
	char message[PIPE_BUF];
	struct buf out;
	size_t n;
	int len;

	if (!log_wants(line->level))
		return;
	len = vsnprintf(message, sizeof(message), fmt, ap);
	if (len < 0)
		len = 0;
	n = (size_t)len;
	if (n >= sizeof(message))
		n = shorten(message, sizeof(message) - 1, 0);
	buf_init(&out, NULL);
	format_line(line, (struct text){ .p = message, .n = n }, &out);
	if (buf_len(&out) > PIPE_BUF) {
		n = shorten(message, n, buf_len(&out) - PIPE_BUF);
		buf_release(&out);
		format_line(line, (struct text){ .p = message, .n = n }, &out);
	}
	write_line(buf_text(&out));
	buf_release(&out);
}

#define LOG_MESSAGE(l)							\
	do {								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		log_line(&(struct line){ .level = (l) }, fmt, ap);	\
		va_end(ap);						\
	} while (0)

void
log_error(const char *fmt, ...)
{
	LOG_MESSAGE(LOG_LEVEL_ERROR);
}

void
log_warn(const char *fmt, ...)
{
	LOG_MESSAGE(LOG_LEVEL_WARN);
}

void
log_info(const char *fmt, ...)
{
	LOG_MESSAGE(LOG_LEVEL_INFO);
}

void
log_debug(const char *fmt, ...)
{
	LOG_MESSAGE(LOG_LEVEL_DEBUG);
}

static void __attribute__((format(printf, 2, 0)))
tell_watcher(const struct log_key_event *event, const char *fmt, va_list ap)
{
	char message[PIPE_BUF];

	(void)vsnprintf(message, sizeof(message), fmt, ap);
	the_log.told(the_log.owner, event, message);
}

void
log_key(const struct log_key_event *event, const char *fmt, ...)
{
	struct line line = { .level = event->level, .key = event };
	va_list ap;

	va_start(ap, fmt);
	log_line(&line, fmt, ap);
	va_end(ap);
	if (the_log.told == NULL)
		return;
	va_start(ap, fmt);
	tell_watcher(event, fmt, ap);
	va_end(ap);
}

void
log_plain(const char *fmt, ...)
{
	char line[PIPE_BUF];
	va_list ap;
	size_t n;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	n = len < 0 ? 0 : (size_t)len;
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	for (size_t i = 0; i < n; i++) {
		if ((uint8_t)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
	line[n] = '\n';
	write_line((struct text){ .p = line, .n = n + 1 });
}

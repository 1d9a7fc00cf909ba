/*
 * Messages of the daemon and events of keys: one JSON object per line in
 * Elastic Common Schema, or a line of text for people, to standard error.
 * Writing never blocks: a line that a full pipe does not take is lost and
 * counted.  A process has one log.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG };

enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT };

/*
 * Starts the log of this process.  lost, which may be NULL, counts (in shared
 * memory) lines that could not be written.
 */
void		 log_start(int fd, enum log_level, _Atomic uint64_t *lost);
bool		 log_wants(enum log_level);

/* How lines are written from now on; at first as JSON. */
void		 log_set_format(enum log_format);

/* event.dataset "sallyport.daemon"; the text is a sentence without a stop. */
void		 log_error(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
void		 log_warn(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
void		 log_info(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
void		 log_debug(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/*
 * An event of a key: event.dataset "sallyport.key", event.action, the key's
 * name, and where known its expiry, in RFC 3339 or as the upstream wrote it
 * (raw); NULL leaves a field out.
 */
struct log_key_event {
	enum log_level level;
	const char *action;		/* "key-expiration-seen", ... */
	const char *key;
	const char *upstream;
	const char *expires;
	const char *expires_raw;
	size_t expires_raw_len;
};
void		 log_key(const struct log_key_event *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/*
 * Has told called for each of these events that the process gives, logged at
 * its level or not; the message, which may be cut, is borrowed.  NULL: nobody
 * is told, as at first.
 */
void		 log_watch_keys(void (*told)(void *owner,
		    const struct log_key_event *, const char *message),
		    void *owner);

/*
 * For a line of text in any log: its beginning, "TIME LEVEL ", and words in it,
 * which become one line that a terminal may show: controls (C0, DEL and C1) and
 * the backslash are escaped as in JSON, and what is no UTF-8 becomes U+FFFD.
 */
void		 log_text_begin(struct buf *out, const char *time,
		    enum log_level);
void		 log_escape(struct buf *out, struct text);

/* The same line as log_*() writes, without ECS: for start-up and tests. */
void		 log_plain(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

#endif

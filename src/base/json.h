/*
 * JSON, written only.  Everything is escaped: texts hold bytes from the
 * network.  Bytes that are not UTF-8 become U+FFFD, so a line is always valid
 * JSON (RFC 8259), however hostile its content.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

/* A writer into a buffer; it places the commas. */
struct json {
	struct buf *out;
	bool comma;		/* the next member needs one before it */
};

void	json_start(struct json *, struct buf *out);

/* key NULL: an element of an array, or the outermost value. */
void	json_object(struct json *, const char *key);
void	json_object_end(struct json *);
void	json_array(struct json *, const char *key);
void	json_array_end(struct json *);
void	json_text(struct json *, const char *key, struct text);
void	json_str(struct json *, const char *key, const char *value);
void	json_str_or_null(struct json *, const char *key, const char *value);
void	json_u64(struct json *, const char *key, uint64_t);
void	json_i64(struct json *, const char *key, int64_t);
void	json_bool(struct json *, const char *key, bool);
void	json_null(struct json *, const char *key);

/*
 * The length of the UTF-8 sequence at s (RFC 3629 section 4), which begins with
 * a byte from 0x80 on; 0 where there is none: overlong forms, surrogates and
 * cut sequences are none.
 */
size_t	json_utf8_length(const uint8_t *s, size_t n);

/*
 * Appends the inside of a JSON string, without its quotes: for lines that are
 * put together from constant pieces.  Controls (C0, DEL and C1) are escaped,
 * so a terminal may show the result.
 */
void	json_escape(struct buf *out, struct text);

/*
 * The same between before, which is not escaped (",\"name\":\""), and a quote.
 */
void	json_put(struct buf *out, struct text before, struct text);

#endif

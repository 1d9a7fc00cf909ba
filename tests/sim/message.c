/*
 * A reader of HTTP/1.1; see message.h.
 */
#include "message.h"

#include <string.h>

#define MOST_HEAD	16384

void
message_begin(struct message *m, bool response,
    const struct message_events *events, void *owner)
{
	*m = (struct message){ .events = events, .owner = owner,
	    .response = response };
	buf_init(&m->head, NULL);
}

void
message_release(struct message *m)
{
	buf_release(&m->head);
}

bool
message_is_between(const struct message *m)
{
	return m->state == MESSAGE_HEAD && buf_len(&m->head) == 0;
}

/* -- fields -- */

/* The line at the beginning of rest, without its end. */
static bool
next_line(struct text *rest, struct text *line)
{
	const char *end = rest->n < 2 ? NULL :
	    memmem(rest->p, rest->n, "\r\n", 2);

	if (end == NULL)
		return false;
	*line = text_range(rest->p, end);
	*rest = text_range(end + 2, rest->p + rest->n);
	return true;
}

static bool
is_named(struct text line, const char *name, struct text *value)
{
	size_t n = strlen(name);

	if (line.n <= n || line.p[n] != ':' || !text_eq_nocase(
	    (struct text){ line.p, n }, text_of(name)))
		return false;
	*value = text_trim(text_range(line.p + n + 1, line.p + line.n));
	return true;
}

static unsigned
find(const struct message *m, const char *name, struct text *value)
{
	struct text rest = buf_text(&m->head), line, v;
	unsigned n = 0;

	(void)next_line(&rest, &line);
	while (next_line(&rest, &line) && line.n != 0) {
		if (is_named(line, name, &v) && n++ == 0)
			*value = v;
	}
	return n;
}

bool
message_field(const struct message *m, const char *name, struct text *value)
{
	return find(m, name, value) != 0;
}

unsigned
message_count(const struct message *m, const char *name)
{
	struct text value;

	return find(m, name, &value);
}

struct text
message_word(const struct message *m, unsigned n)
{
	struct text rest = m->start, word;

	do {
		if (!text_split(&rest, ' ', &word))
			return TEXT("");
	} while (n-- != 0);
	return word;
}

/* -- framing -- */

static bool
number(struct text t, unsigned base, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	*out = 0;
	for (size_t i = 0; i < t.n; i++) {
		at = strchr(digits, ascii_lower(t.p[i]));
		if (at == NULL || *at == '\0' ||
		    (size_t)(at - digits) >= base)
			return false;
		*out = *out * base + (uint64_t)(at - digits);
	}
	return t.n != 0 && t.n < 16;
}

static void
expect(struct message *m, enum message_state state)
{
	m->state = state;
	buf_consume(&m->head, buf_len(&m->head));
}

static void
end(struct message *m)
{
	expect(m, MESSAGE_HEAD);
	m->events->end(m->owner);
}

static bool
has_no_body(const struct message *m)
{
	return m->bodiless || m->status == 204 || m->status == 304;
}

/* Called after the head's event, as the event may set bodiless. */
static void
expect_body(struct message *m, unsigned lengths, bool coded, uint64_t length)
{
	if (m->response && m->status < 200) {
		expect(m, MESSAGE_HEAD);
	} else if (m->response && has_no_body(m)) {
		end(m);
	} else if (coded) {
		expect(m, MESSAGE_CHUNK_LINE);
	} else if (lengths != 0 && length != 0) {
		m->left = length;
		expect(m, MESSAGE_DATA);
	} else if (m->response && lengths == 0) {
		expect(m, MESSAGE_TO_END);
	} else {
		end(m);
	}
}

static void
take_head(struct message *m)
{
	struct text rest = buf_text(&m->head), coding, length = TEXT("0");
	unsigned lengths, codings;
	uint64_t n = 0;

	(void)next_line(&rest, &m->start);
	lengths = find(m, "Content-Length", &length);
	codings = find(m, "Transfer-Encoding", &coding);
	if (m->response && number(message_word(m, 1), 10, &n))
		m->status = (unsigned)n;
	if (m->response && (m->status < 100 || m->status > 999))
		m->bad = "no status";
	if (!m->response && !text_eq(message_word(m, 2), TEXT("HTTP/1.1")))
		m->bad = "no request line";
	if (lengths + codings > 1 || !number(length, 10, &n))
		m->bad = "its framing can be read in two ways";
	if (codings == 1 && !text_eq(coding, TEXT("chunked")))
		m->bad = "an unknown coding";
	if (m->bad != NULL)
		return;
	m->events->head(m->owner, m);
	expect_body(m, lengths, codings != 0, n);
}

/* -- bytes -- */

/* Adds the bytes that belong to a line or head; true: it is complete. */
static bool
gather(struct message *m, struct text *t, const char *mark)
{
	size_t n = strlen(mark);

	while (t->n != 0) {
		struct text have;

		buf_append(&m->head, t->p, 1);
		t->p++;
		t->n--;
		have = buf_text(&m->head);
		if (have.n >= n && memcmp(have.p + have.n - n, mark, n) == 0)
			return true;
		if (have.n > MOST_HEAD) {
			m->bad = "a head without end";
			return false;
		}
	}
	return false;
}

static void
take_chunk_line(struct message *m)
{
	struct text line = buf_text(&m->head);

	line.n -= 2;
	if (!number(line, 16, &m->left)) {
		m->bad = "no size of a chunk";
		return;
	}
	expect(m, m->left != 0 ? MESSAGE_CHUNK_DATA : MESSAGE_TRAILERS);
	/* The line before trailers looks like the end of one of them. */
	if (m->left == 0)
		buf_append(&m->head, "\r\n", 2);
}

static void
take_data(struct message *m, struct text *t)
{
	struct text piece = *t;

	if (m->state != MESSAGE_TO_END && piece.n > m->left)
		piece.n = (size_t)m->left;
	t->p += piece.n;
	t->n -= piece.n;
	m->left -= piece.n;
	m->events->body(m->owner, piece);
	if (m->state == MESSAGE_TO_END || m->left != 0)
		return;
	if (m->state == MESSAGE_CHUNK_DATA)
		expect(m, MESSAGE_CHUNK_END);
	else
		end(m);
}

static void
step(struct message *m, struct text *t)
{
	switch (m->state) {
	case MESSAGE_HEAD:
		if (gather(m, t, "\r\n\r\n"))
			take_head(m);
		break;
	case MESSAGE_CHUNK_LINE:
		if (gather(m, t, "\r\n"))
			take_chunk_line(m);
		break;
	case MESSAGE_CHUNK_END:
		if (!gather(m, t, "\r\n"))
			break;
		if (buf_len(&m->head) != 2)
			m->bad = "a chunk does not end";
		expect(m, MESSAGE_CHUNK_LINE);
		break;
	case MESSAGE_TRAILERS:
		if (gather(m, t, "\r\n\r\n"))
			end(m);
		break;
	case MESSAGE_DATA:
	case MESSAGE_CHUNK_DATA:
	case MESSAGE_TO_END:
		take_data(m, t);
		break;
	}
}

void
message_feed(struct message *m, struct text t)
{
	while (t.n != 0 && m->bad == NULL)
		step(m, &t);
}

bool
message_ends(struct message *m, bool clean)
{
	if (m->state == MESSAGE_TO_END && clean) {
		end(m);
		return true;
	}
	return message_is_between(m);
}

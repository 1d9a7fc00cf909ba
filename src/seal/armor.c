/*
 * ASCII armor; see armor.h.
 */
#include "seal/armor.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/text.h"

#define FIRST_LINE	TEXT("-----BEGIN AGE ENCRYPTED FILE-----")
#define LAST_LINE	TEXT("-----END AGE ENCRYPTED FILE-----")

#define LINE_BYTES	48
#define LINE_TEXT	64
#define BATCH		64	/* lines written at once */

enum armor_state {
	ARMOR_BEFORE,		/* blank lines or the first line */
	ARMOR_BODY,
	ARMOR_SHORT,		/* behind a short line: only the last line */
	ARMOR_AFTER,
};

struct armor_reader {
	enum armor_state state;
	unsigned number;	/* of the line being read */
	size_t blanks;
	bool indented;		/* there are blanks before the next byte */
	char line[LINE_TEXT + 2];	/* with its CR, and one byte too many */
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
armor_is(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n };
	size_t blanks = 0;

	while (t.n != 0 && is_blank(*t.p) && blanks++ < ARMOR_BLANKS) {
		t.p++;
		t.n--;
	}
	return text_starts_with(t, TEXT("-----BEGIN AGE"));
}

struct armor_reader *
armor_reader_new(void)
{
	struct armor_reader *r = xcalloc(1, sizeof(*r));

	r->state = ARMOR_BEFORE;
	r->number = 1;
	return r;
}

void
armor_reader_free(struct armor_reader *r)
{
	free(r);
}

unsigned
armor_reader_line(const struct armor_reader *r)
{
	return r->number;
}

/* Skips a blank outside the armor; false for too many. */
static bool
pass_blank(struct armor_reader *r, char c)
{
	if (c == '\n')
		r->number++;
	r->indented = c != '\n';
	return ++r->blanks <= ARMOR_BLANKS;
}

static enum status
read_body(struct armor_reader *r, struct text line, struct seal_writer out)
{
	uint8_t bytes[BASE64_ROOM(LINE_TEXT)];
	size_t n = sizeof(bytes);

	if (text_eq(line, LAST_LINE)) {
		r->state = ARMOR_AFTER;
		r->blanks = 0;
		return STATUS_OK;
	}
	if (r->state == ARMOR_SHORT || line.n == 0 || line.n > LINE_TEXT ||
	    !base64_decode_padded(line, bytes, &n))
		return STATUS_ARMOR;
	if (n < LINE_BYTES)
		r->state = ARMOR_SHORT;
	return out.write(out.ctx, bytes, n);
}

/* Reads a whole line, without its LF. */
static enum status
read_line(struct armor_reader *r, struct seal_writer out)
{
	struct text line = { .p = r->line, .n = r->n };
	enum status status = STATUS_OK;

	if (text_ends_with(line, TEXT("\r")))
		line.n--;
	switch (r->state) {
	case ARMOR_BEFORE:
		if (!text_eq(line, FIRST_LINE))
			return STATUS_ARMOR;
		r->state = ARMOR_BODY;
		break;
	case ARMOR_BODY:
	case ARMOR_SHORT:
		status = read_body(r, line, out);
		break;
	case ARMOR_AFTER:
		return STATUS_ARMOR;
	}
	if (status == STATUS_OK) {
		r->n = 0;
		r->number++;
	}
	return status;
}

static enum status
read_char(struct armor_reader *r, char c, struct seal_writer out)
{
	bool outside = r->n == 0 &&
	    (r->state == ARMOR_BEFORE || r->state == ARMOR_AFTER);

	if (outside && is_blank(c))
		return pass_blank(r, c) ? STATUS_OK : STATUS_ARMOR;
	if (r->state == ARMOR_AFTER || (outside && r->indented))
		return STATUS_ARMOR;
	if (c == '\n')
		return read_line(r, out);
	if (r->n == sizeof(r->line))
		return STATUS_ARMOR;
	r->line[r->n++] = c;
	return STATUS_OK;
}

enum status
armor_read(struct armor_reader *r, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = read_char(r, (char)p[i], out);
	return status;
}

enum status
armor_read_end(struct armor_reader *r, struct seal_writer out)
{
	enum status status = STATUS_OK;

	/* The last line may lack its LF. */
	if (r->n != 0)
		status = read_line(r, out);
	if (status == STATUS_OK && r->state != ARMOR_AFTER)
		status = STATUS_ARMOR;
	return status;
}

struct armor_sealer {
	bool began;
	uint8_t bytes[LINE_BYTES];	/* of a line that is not full yet */
	size_t n_bytes;
	char text[BATCH * (LINE_TEXT + 1)];
	size_t n_text;
};

struct armor_sealer *
armor_sealer_new(void)
{
	return xcalloc(1, sizeof(struct armor_sealer));
}

void
armor_sealer_free(struct armor_sealer *s)
{
	free(s);
}

static enum status
write_out(struct armor_sealer *s, struct seal_writer out)
{
	size_t n = s->n_text;

	s->n_text = 0;
	return n != 0 ? out.write(out.ctx, (uint8_t *)s->text, n) : STATUS_OK;
}

/* A line of up to LINE_TEXT characters. */
static enum status
put_line(struct armor_sealer *s, struct text line, struct seal_writer out)
{
	enum status status = STATUS_OK;

	if (sizeof(s->text) - s->n_text < line.n + 1)
		status = write_out(s, out);
	memcpy(s->text + s->n_text, line.p, line.n);
	s->n_text += line.n;
	s->text[s->n_text++] = '\n';
	return status;
}

static enum status
begin(struct armor_sealer *s, struct seal_writer out)
{
	if (s->began)
		return STATUS_OK;
	s->began = true;
	return put_line(s, FIRST_LINE, out);
}

static enum status
put_bytes(struct armor_sealer *s, struct seal_writer out)
{
	char text[LINE_TEXT];
	size_t n = BASE64_PADDED_LEN(s->n_bytes);

	base64_encode_padded(s->bytes, s->n_bytes, text);
	s->n_bytes = 0;
	return put_line(s, (struct text){ .p = text, .n = n }, out);
}

enum status
armor_seal(struct armor_sealer *s, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	enum status status = begin(s, out);
	size_t part;

	while (n != 0 && status == STATUS_OK) {
		part = LINE_BYTES - s->n_bytes;
		part = n < part ? n : part;
		memcpy(s->bytes + s->n_bytes, p, part);
		s->n_bytes += part;
		p += part;
		n -= part;
		if (s->n_bytes == LINE_BYTES)
			status = put_bytes(s, out);
	}
	return status == STATUS_OK ? write_out(s, out) : status;
}

enum status
armor_seal_end(struct armor_sealer *s, struct seal_writer out)
{
	enum status status = begin(s, out);

	if (status == STATUS_OK && s->n_bytes != 0)
		status = put_bytes(s, out);
	if (status == STATUS_OK)
		status = put_line(s, LAST_LINE, out);
	return status == STATUS_OK ? write_out(s, out) : status;
}

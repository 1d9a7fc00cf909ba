/*
 * Writes down the events of a codec; see trace.h.
 */
#include "trace.h"

#include <assert.h>
#include <stdio.h>

static const char *const error_names[] = {
	[CODEC_OK] = "ok",
	[CODEC_BAD_MESSAGE] = "bad-message",
	[CODEC_HEAD_TOO_LARGE] = "head-too-large",
	[CODEC_TARGET_TOO_LONG] = "target-too-long",
	[CODEC_TOO_MANY_INTERIM] = "too-many-interim",
	[CODEC_TRUNCATED] = "truncated",
	[CODEC_UNEXPECTED] = "unexpected",
	[CODEC_REFUSED] = "refused",
	[CODEC_CANCELLED] = "cancelled",
};

static void
end_data(struct trace *t)
{
	if (t->in_data)
		buf_append_text(&t->text, TEXT("\n"));
	t->in_data = false;
}

static void
write_framing(struct trace *t, const struct head *h)
{
	switch (h->framing) {
	case BODY_NONE:
		buf_printf(&t->text, ", no body");
		break;
	case BODY_LENGTH:
		buf_printf(&t->text, ", length %llu",
		    (unsigned long long)h->length);
		break;
	case BODY_STREAM:
		buf_printf(&t->text, ", stream");
		break;
	case BODY_UNTIL_CLOSE:
		buf_printf(&t->text, ", until close");
		break;
	}
}

static void
write_field(struct trace *t, const struct field *f)
{
	assert(f->id == field_id_of(f->name));
	buf_append_text(&t->text, TEXT(" "));
	buf_append_text(&t->text, f->name);
	buf_append_text(&t->text, TEXT(": "));
	buf_append_text(&t->text, f->value);
	buf_append_text(&t->text, TEXT("\n"));
}

static void
write_plain(struct trace *t, const struct head *h)
{
	if (h->kind == HEAD_TRAILERS && t->role == CODEC_SERVER)
		return;
	if (h->kind == HEAD_REQUEST)
		buf_printf(&t->text, "%.*s %.*s %.*s\n", TEXT_ARG(h->method),
		    TEXT_ARG(h->target), TEXT_ARG(h->authority.n != 0 ?
		    h->authority : TEXT("h")));
	else if (h->kind != HEAD_TRAILERS)
		buf_printf(&t->text, "%u\n", h->status);
	for (size_t i = 0; i < h->fields.n; i++) {
		const struct field *f = &h->fields.v[i];

		if (f->id != FIELD_HOST && f->id != FIELD_CONNECTION &&
		    f->id != FIELD_CONTENT_LENGTH &&
		    f->id != FIELD_TRANSFER_ENCODING)
			write_field(t, f);
	}
}

static void
write_head(struct trace *t, stream_id s, const struct head *h)
{
	if (t->habits.plain) {
		write_plain(t, h);
		return;
	}
	switch (h->kind) {
	case HEAD_REQUEST:
		buf_printf(&t->text, "%u %.*s %.*s HTTP/%u at %.*s%s", s,
		    TEXT_ARG(h->method), TEXT_ARG(h->target), h->version,
		    TEXT_ARG(h->authority), h->absolute ? " absolute" : "");
		write_framing(t, h);
		break;
	case HEAD_RESPONSE:
		buf_printf(&t->text, "%u HTTP/%u %u", s, h->version, h->status);
		write_framing(t, h);
		break;
	case HEAD_INTERIM:
		buf_printf(&t->text, "%u interim %u", s, h->status);
		break;
	case HEAD_TRAILERS:
		buf_printf(&t->text, "%u trailers", s);
		break;
	}
	buf_append_text(&t->text, TEXT("\n"));
	for (size_t i = 0; i < h->fields.n; i++)
		write_field(t, &h->fields.v[i]);
}

/* What was read of a head that was refused: "GET /x HTTP/11", "GET - -". */
static void
write_refused(struct trace *t, const struct head *h)
{
	assert(h->kind == HEAD_REQUEST && h->fields.n == 0);
	buf_append_text(&t->text, TEXT(" "));
	buf_append_text(&t->text, h->method.n != 0 ? h->method : TEXT("-"));
	buf_append_text(&t->text, TEXT(" "));
	buf_append_text(&t->text, h->target.n != 0 ? h->target : TEXT("-"));
	if (h->version != 0)
		buf_printf(&t->text, " HTTP/%u", h->version);
	else
		buf_append_text(&t->text, TEXT(" -"));
}

static void
note_stream(struct trace *t, stream_id s)
{
	if (s != t->last)
		t->credit = 0;
	t->last = s;
}

static void
note_end(struct trace *t, stream_id s)
{
	end_data(t);
	if (t->habits.plain)
		buf_printf(&t->text, "end\n");
	else
		buf_printf(&t->text, "%u end\n", s);
	t->n_ends++;
	if (t->role == CODEC_SERVER && t->habits.answer) {
		trace_respond(t, s, 200, BODY_LENGTH, 2, false);
		trace_body(t, s, "ok", true);
	}
}

static void
note_head(struct trace *t, const struct head *h, bool end)
{
	stream_id s = t->last;

	end_data(t);
	if (h->kind == HEAD_REQUEST)
		t->n_requests++;
	if (h->kind != HEAD_INTERIM || !t->habits.no_interim)
		write_head(t, s, h);
	if (!end && t->credit == 0 && t->habits.credit != 0)
		trace_credit(t, s, t->habits.credit);
	if (end)
		note_end(t, s);
	if (t->then != NULL)
		t->then(t, s, h, TEXT(""), end);
}

static void
on_head(void *owner, const struct head *h, bool end)
{
	note_head(owner, h, end);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct trace *t = owner;
	stream_id s = t->last;

	if (n != 0) {
		assert(n <= t->credit);
		t->credit -= n;
		t->n_data += n;
		if (!t->in_data && t->habits.plain)
			buf_printf(&t->text, "data ");
		else if (!t->in_data)
			buf_printf(&t->text, "%u data ", s);
		t->in_data = true;
		buf_append(&t->text, p, n);
		if (t->habits.credit != 0)
			trace_credit(t, s, n);
	}
	if (end)
		note_end(t, s);
	if (t->then != NULL)
		t->then(t, s, NULL, (struct text){ (const char *)p, n }, end);
}

static void
on_room(void *owner)
{
	struct trace *t = owner;

	if (t->habits.plain)
		return;
	end_data(t);
	buf_printf(&t->text, "%u room\n", t->last);
}

static void
on_sent(void *owner, size_t n)
{
	struct trace *t = owner;

	assert(n != 0 || t->role == CODEC_CLIENT);
	t->n_sent += n;
	if (!t->habits.sent)
		return;
	end_data(t);
	buf_printf(&t->text, "sent %zu\n", n);
}

static void
on_closed(void *owner)
{
	struct trace *t = owner;

	assert(t->role == CODEC_SERVER);
	t->n_closed++;
	if (!t->habits.sent)
		return;
	end_data(t);
	buf_printf(&t->text, "closed\n");
}

static void
note_reset(struct trace *t, enum codec_error error, const struct head *read)
{
	if (!t->habits.plain) {
		end_data(t);
		buf_printf(&t->text, "%u reset %s", t->last,
		    error_names[error]);
		if (read != NULL && t->habits.refused)
			write_refused(t, read);
		buf_append_text(&t->text, TEXT("\n"));
	}
	if (t->role == CODEC_SERVER && t->habits.answer_refused) {
		trace_respond(t, t->last, 400, BODY_LENGTH, 3, false);
		trace_body(t, t->last, "bad", true);
	}
}

static void
on_reset(void *owner, enum codec_error error)
{
	note_reset(owner, error, NULL);
}

static const struct stream_events stream_events = {
	.head = on_head,
	.body = on_body,
	.room = on_room,
	.sent = on_sent,
	.closed = on_closed,
	.reset = on_reset,
};

static void
on_request(void *owner, stream_id s, const struct head *h, bool end)
{
	struct trace *t = owner;

	note_stream(t, s);
	codec_own(t->codec, s, &stream_events, t);
	note_head(t, h, end);
}

static void
on_refused(void *owner, stream_id s, enum codec_error error,
    const struct head *read)
{
	struct trace *t = owner;

	note_stream(t, s);
	codec_own(t->codec, s, &stream_events, t);
	note_reset(t, error, read);
}

static const struct codec_events events = {
	.request = on_request,
	.refused = on_refused,
};

stream_id
trace_open(struct trace *t)
{
	stream_id s = codec_open(t->codec, &stream_events, t);

	if (s != STREAM_NONE)
		note_stream(t, s);
	return s;
}

void
trace_init(struct trace *t, codec_new_fn *make, enum codec_role role,
    struct trace_habits habits, const struct codec_limits *limits)
{
	*t = (struct trace){ .role = role, .habits = habits };
	t->limits = limits != NULL ? *limits : codec_limits_default;
	t->shared = (struct codec_shared){
		.limits = &t->limits,
		.blocks = blocks_new(4096, 2),
		.scratch = &t->scratch,
	};
	buf_init(&t->text, NULL);
	t->codec = make(role, &t->shared, &events, t);
}

void
trace_release(struct trace *t)
{
	codec_free(t->codec);
	fields_release(&t->scratch);
	buf_release(&t->text);
	blocks_free(t->shared.blocks);
}

void
trace_settle(struct trace *t)
{
	while (codec_has_events(t->codec)) {
		codec_input(t->codec, NULL, 0);
		assert(!codec_has_events(t->codec));
	}
}

void
trace_credit(struct trace *t, stream_id s, size_t n)
{
	note_stream(t, s);
	t->credit += n;
	codec_credit(t->codec, s, n);
}

void
trace_feed(struct trace *t, const void *p, size_t n)
{
	codec_input(t->codec, p, n);
	assert(!codec_has_events(t->codec));
}

void
trace_feed_str(struct trace *t, const char *s)
{
	trace_feed(t, s, strlen(s));
}

void
trace_eof(struct trace *t, bool clean)
{
	codec_input_eof(t->codec, clean);
	assert(!codec_has_events(t->codec));
}

struct text
trace_text(struct trace *t)
{
	end_data(t);
	return buf_text(&t->text);
}

const char *
trace_take(struct trace *t)
{
	static char copy[1 << 18];
	size_t n;

	end_data(t);
	n = buf_len(&t->text);
	assert(n < sizeof(copy));
	if (n != 0)
		memcpy(copy, buf_data(&t->text), n);
	copy[n] = '\0';
	buf_consume(&t->text, n);
	return copy;
}

const char *
trace_output(struct trace *t)
{
	static char copy[1 << 18];
	struct text out = codec_output(t->codec);

	assert(out.n < sizeof(copy));
	memcpy(copy, out.p, out.n);
	copy[out.n] = '\0';
	codec_output_done(t->codec, out.n);
	return copy;
}

void
trace_respond(struct trace *t, stream_id s, unsigned status,
    enum body_framing framing, uint64_t length, bool end)
{
	struct head h = {
		.kind = status < 200 ? HEAD_INTERIM : HEAD_RESPONSE,
		.version = 11,
		.status = (uint16_t)status,
		.framing = framing,
		.length = length,
	};

	codec_send_head(t->codec, s, &h, end);
}

void
trace_request(struct trace *t, stream_id s, const char *method,
    const char *target, enum body_framing framing, uint64_t length, bool end)
{
	struct head h = {
		.kind = HEAD_REQUEST,
		.version = 11,
		.method = text_of(method),
		.target = text_of(target),
		.authority = TEXT("h"),
		.framing = framing,
		.length = length,
	};

	codec_send_head(t->codec, s, &h, end);
}

void
trace_body(struct trace *t, stream_id s, const char *body, bool end)
{
	codec_send_body(t->codec, s, (const uint8_t *)body, strlen(body), end);
}

/*
 * A client's bytes, as one piece and cut at random with credit that comes late:
 * both must give the same events.  Every request that comes out is sent on by a
 * client codec; a server codec after it must see the same.  The message about a
 * refused one is a short text.
 *
 * Input: four bytes that decide the cuts, then what the client sends.
 */
#include "fuzz.h"

#include "../unit/http/trace.h"

struct relay {
	struct trace client;	/* sends the events on */
	struct trace server;	/* receives it */
	stream_id stream;
};

static void
copy_output(struct trace *from, struct trace *to)
{
	struct text out = codec_output(from->codec);

	trace_feed(to, out.p, out.n);
	codec_output_done(from->codec, out.n);
}

static void
pump(struct relay *r)
{
	copy_output(&r->client, &r->server);
	copy_output(&r->server, &r->client);
}

static void
send_on(struct trace *t, stream_id s, const struct head *h, struct text body,
    bool end)
{
	struct relay *r = t->arg;
	struct head copy;

	(void)s;
	if (h != NULL && h->kind == HEAD_REQUEST) {
		copy = *h;
		if (copy.authority.n == 0)
			copy.authority = TEXT("h");
		r->stream = trace_open(&r->client);
		fuzz_assert(r->stream != STREAM_NONE);
		codec_send_head(r->client.codec, r->stream, &copy, end);
	} else if (h != NULL) {
		codec_send_head(r->client.codec, r->stream, h, end);
	} else {
		codec_send_body(r->client.codec, r->stream,
		    (const uint8_t *)body.p, body.n, end);
	}
	pump(r);
}

static void
in_one_piece(struct trace *t, const uint8_t *p, size_t n)
{
	trace_init(t, h1_codec_new, CODEC_SERVER, (struct trace_habits){
	    .credit = 1 << 20, .answer = true, .answer_refused = true,
	    .refused = true }, NULL);
	trace_feed(t, p, n);
	trace_eof(t, true);
}

/* Gives credit for held bytes until no more events come. */
static void
let_go(struct trace *t)
{
	size_t before;

	do {
		before = codec_held(t->codec);
		trace_credit(t, t->last, 7);
		trace_settle(t);
	} while (codec_held(t->codec) < before);
}

static void
in_pieces(struct trace *t, const uint8_t *p, size_t n, uint32_t seed)
{
	size_t piece;

	trace_init(t, h1_codec_new, CODEC_SERVER, (struct trace_habits){
	    .credit = seed & 1 ? 3 : 0, .answer = true,
	    .answer_refused = true, .refused = true }, NULL);
	for (; n != 0; p += piece, n -= piece) {
		piece = fuzz_piece(&seed, n);
		trace_feed(t, p, piece);
		if (seed & 0x10000)
			let_go(t);
	}
	let_go(t);
	trace_eof(t, true);
	let_go(t);
}

static void
check_relay(const uint8_t *p, size_t n)
{
	const struct trace_habits plain = {
		.credit = 1 << 20, .answer = true, .plain = true
	};
	struct codec_limits wide = codec_limits_default;
	struct relay r = { .stream = STREAM_NONE };
	struct trace t;

	wide.head *= 2;
	wide.fields += 4;
	trace_init(&r.client, h1_codec_new, CODEC_CLIENT, plain, NULL);
	trace_init(&r.server, h1_codec_new, CODEC_SERVER, plain, &wide);
	trace_init(&t, h1_codec_new, CODEC_SERVER, plain, NULL);
	t.then = send_on;
	t.arg = &r;
	trace_feed(&t, p, n);
	fuzz_assert(text_eq(trace_text(&t), trace_text(&r.server)));
	trace_release(&t);
	trace_release(&r.client);
	trace_release(&r.server);
}

/* Any message about it is one short line of text. */
static void
check_complaint(const struct codec *codec)
{
	const char *said = codec_complaint(codec);

	if (said == NULL)
		return;
	fuzz_assert(*said != '\0' && strlen(said) < 200);
	for (; *said != '\0'; said++)
		fuzz_assert(*said >= ' ' && *said <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct trace whole, pieces;
	uint32_t seed;

	if (n < sizeof(seed) || n > 100000)
		return 0;
	memcpy(&seed, p, sizeof(seed));
	p += sizeof(seed);
	n -= sizeof(seed);
	in_one_piece(&whole, p, n);
	in_pieces(&pieces, p, n, seed);
	fuzz_assert(text_eq(trace_text(&whole), trace_text(&pieces)));
	fuzz_assert(text_eq(codec_output(whole.codec),
	    codec_output(pieces.codec)));
	check_complaint(whole.codec);
	check_complaint(pieces.codec);
	trace_release(&whole);
	trace_release(&pieces);
	check_relay(p, n);
	return 0;
}

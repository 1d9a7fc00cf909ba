/*
 * An upstream's bytes, as one piece and cut at random with credit that comes
 * late: both must give the same events.  The response is sent on by a server
 * codec; a client after it must see the same message, and see it complete only
 * if it was.
 *
 * Input: four bytes that decide the cuts, one of flags, then what the
 * upstream sends.
 */
#include "fuzz.h"

#include "../unit/http/trace.h"

enum {
	TO_HEAD = 0x01,		/* the request was HEAD */
	WITH_EOF = 0x02,	/* the link ends */
	UNCLEAN = 0x04,		/* without close_notify */
	OLD_CLIENT = 0x08,	/* the response goes to HTTP/1.0 */
};

struct relay {
	struct trace server;	/* sends the events on */
	struct trace client;	/* receives it */
};

static void
ask(struct trace *t, uint8_t flags)
{
	stream_id s = trace_open(t);
	struct text out;

	fuzz_assert(s != STREAM_NONE);
	trace_request(t, s, flags & TO_HEAD ? "HEAD" : "GET", "/", BODY_NONE,
	    0, true);
	out = codec_output(t->codec);
	codec_output_done(t->codec, out.n);
}

static void
be_asked(struct trace *t, uint8_t flags)
{
	trace_feed_str(t, flags & TO_HEAD ? "HEAD" : "GET");
	trace_feed_str(t, flags & OLD_CLIENT ? " / HTTP/1.0\r\n" :
	    " / HTTP/1.1\r\n");
	trace_feed_str(t, "Host: h\r\n\r\n");
	fuzz_assert(t->last == 1);
}

static void
in_one_piece(struct trace *t, const uint8_t *p, size_t n, uint8_t flags)
{
	trace_init(t, h1_codec_new, CODEC_CLIENT,
	    (struct trace_habits){ .credit = 1 << 20 }, NULL);
	ask(t, flags);
	trace_feed(t, p, n);
	if (flags & WITH_EOF)
		trace_eof(t, !(flags & UNCLEAN));
}

/* Gives credit for held bytes until no more events come. */
static void
let_go(struct trace *t)
{
	size_t before;

	do {
		before = codec_held(t->codec);
		trace_credit(t, 1, 7);
		trace_settle(t);
	} while (codec_held(t->codec) < before);
}

static void
in_pieces(struct trace *t, const uint8_t *p, size_t n, uint8_t flags,
    uint32_t seed)
{
	size_t piece;

	trace_init(t, h1_codec_new, CODEC_CLIENT,
	    (struct trace_habits){ .credit = seed & 1 ? 3 : 0 }, NULL);
	ask(t, flags);
	for (; n != 0; p += piece, n -= piece) {
		piece = fuzz_piece(&seed, n);
		trace_feed(t, p, piece);
		if (seed & 0x10000)
			let_go(t);
	}
	if (seed & 0x20000)
		let_go(t);
	if (flags & WITH_EOF)
		trace_eof(t, !(flags & UNCLEAN));
	let_go(t);
}

static void
send_on(struct trace *t, stream_id s, const struct head *h, struct text body,
    bool end)
{
	struct relay *r = t->arg;
	struct text out;

	(void)s;
	if (h != NULL)
		codec_send_head(r->server.codec, 1, h, end);
	else
		codec_send_body(r->server.codec, 1, (const uint8_t *)body.p,
		    body.n, end);
	out = codec_output(r->server.codec);
	trace_feed(&r->client, out.p, out.n);
	codec_output_done(r->server.codec, out.n);
}

/* The link to the client ends as the server codec says. */
static void
end_link(struct relay *r, unsigned n_ends)
{
	enum codec_state state = codec_state(r->server.codec);

	if (n_ends == 0) {
		codec_reset(r->server.codec, 1, CODEC_CANCEL);
		state = codec_state(r->server.codec);
		fuzz_assert(state == CODEC_DONE || state == CODEC_BROKEN);
	}
	if (state != CODEC_IDLE)
		trace_eof(&r->client, state == CODEC_DONE);
}

static void
check_relay(const uint8_t *p, size_t n, uint8_t flags)
{
	const struct trace_habits plain = {
		.credit = 1 << 20, .plain = true,
		.no_interim = (flags & OLD_CLIENT) != 0
	};
	struct codec_limits wide = codec_limits_default;
	struct relay r;
	struct trace t;

	wide.head *= 2;
	wide.trailers *= 2;
	wide.fields += 4;
	trace_init(&r.server, h1_codec_new, CODEC_SERVER, plain, NULL);
	trace_init(&r.client, h1_codec_new, CODEC_CLIENT, plain, &wide);
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	be_asked(&r.server, flags);
	ask(&r.client, flags);
	t.then = send_on;
	t.arg = &r;
	ask(&t, flags);
	trace_feed(&t, p, n);
	if (flags & WITH_EOF)
		trace_eof(&t, !(flags & UNCLEAN));
	end_link(&r, t.n_ends);
	fuzz_assert(t.n_ends <= 1 && r.client.n_ends == t.n_ends);
	if (!(flags & OLD_CLIENT))
		fuzz_assert(text_eq(trace_text(&t), trace_text(&r.client)));
	trace_release(&t);
	trace_release(&r.client);
	trace_release(&r.server);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct trace whole, pieces;
	uint32_t seed;
	uint8_t flags;

	if (n < sizeof(seed) + 1 || n > 100000)
		return 0;
	memcpy(&seed, p, sizeof(seed));
	flags = p[sizeof(seed)];
	p += sizeof(seed) + 1;
	n -= sizeof(seed) + 1;
	in_one_piece(&whole, p, n, flags);
	in_pieces(&pieces, p, n, flags, seed);
	fuzz_assert(text_eq(trace_text(&whole), trace_text(&pieces)));
	trace_release(&whole);
	trace_release(&pieces);
	check_relay(p, n, flags);
	return 0;
}

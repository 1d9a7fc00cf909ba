/*
 * Answers of upstreams; see answer.h.
 */
#include "answer.h"

#include <string.h>

#include "base/clock.h"
#include "dice.h"
#include "history.h"
#include "oracle.h"
#include "refusal_form.h"
#include "setting.h"
#include "truth.h"

enum lie {
	LIE_NONE,
	LIE_CLOSES,		/* honest, like those up to HALF: closes
				   after it, and says so */
	LIE_TO_END,		/* honest: the body ends with the wire */
	LIE_TRAILERS,		/* honest */
	LIE_INTERIM,		/* honest: a 103 before it */
	LIE_EARLY,		/* honest: before the request's end */
	LIE_HALF,		/* honest: sends nothing more after it */
	LIE_DEAF,		/* early, and reads no more of the request */
	LIE_CUT,		/* ends too early */
	LIE_STALLS,		/* the same, but stays open */
	LIE_LONG,		/* more bytes after its end */
	LIE_SILENT,		/* no answer */
	LIE_LEAVES,		/* no answer, but an end */
	LIE_GARBAGE,
	LIE_INTERIMS,		/* too many interim responses */
	LIE_SWITCH,		/* 101 */
	LIE_BAD_CHUNK,
	LIE_BAD_TRAILERS,	/* too many trailers */
	LIE_TWO_LENGTHS,
	LIE_REFLECT_HEAD,	/* the key in a field */
	LIE_REFLECT_BODY,
	N_LIES
};

static const char *const names[N_LIES] = { "well", "and close",
    "up to the end of the wire", "with trailers", "after another",
    "at once", "and say no more", "and hear no more", "and cut it",
    "and stall", "too long", "never", "by closing", "garbage",
    "after many others", "101", "a bad chunk", "too many trailers",
    "two lengths", "the key in its head", "the key in its body" };

enum framing { LENGTH, CHUNKED, TO_END, NONE };

/* An answer that is being made. */
struct draft {
	struct answer *a;
	const struct request *r;
	struct attempt *t;
	unsigned nth;
	bool known;			/* the API accepts its key */
	size_t value;			/* the number of the key's, and it */
	struct text key;
	enum lie lie;
	enum framing framing;
	enum refusal_form how;
	uint64_t body_n;
	size_t head_n;
};

static enum lie
choose_lie(void)
{
	static const unsigned fine[] = { 70, 5, 5, 5, 5, 5, 3 };
	static const unsigned lies[N_LIES] = { [LIE_CUT] = 6,
	    [LIE_STALLS] = 2, [LIE_LONG] = 2, [LIE_SILENT] = 2,
	    [LIE_LEAVES] = 6, [LIE_GARBAGE] = 1, [LIE_INTERIMS] = 1,
	    [LIE_SWITCH] = 1, [LIE_BAD_CHUNK] = 1, [LIE_TWO_LENGTHS] = 1,
	    [LIE_BAD_TRAILERS] = 1, [LIE_DEAF] = 2,
	    [LIE_REFLECT_HEAD] = 2, [LIE_REFLECT_BODY] = 3 };

	if (dice_one_in(mood()->answers_lie))
		return (enum lie)dice_weighed(lies, N_LIES);
	return (enum lie)dice_weighed(fine, sizeof(fine) / sizeof(*fine));
}

/* Who is not let in gets 401, whatever was asked for. */
static unsigned
choose_status(const struct draft *d)
{
	static const unsigned statuses[] = { 200, 201, 204, 304, 301, 401,
	    403, 404, 500, 429, 405, 400 };
	static const unsigned weights[] = { 70, 5, 5, 3, 3, 9, 2, 5, 3, 2, 1,
	    1 };
	unsigned status = statuses[dice_weighed(weights, 12)];

	if (!d->known)
		return dice_one_in(10) ? 500 : 401;
	/* The API itself does not lie to us. */
	return status == 401 && d->r->client == NULL ? 200 : status;
}

/*
 * What a 401 says, by a code or not: at times an inner service says that a key
 * is invalid which the API accepts.
 */
static void
choose_refusal(struct draft *d)
{
	bool none = d->framing == NONE;

	d->how = REFUSES_NOT;
	if (d->t->status == 401 && !(d->known && dice_one_in(2)))
		d->how = some_refusal(!none);
	if (d->t->status == 403 && dice_one_in(2))
		d->how = REFUSES_BY_FIELD;
	d->t->refuses = d->t->status == 401 && refusal_is_one(d->how);
	d->t->refuses_at_once = d->t->refuses && d->how == REFUSES_BY_FIELD;
	refusal_say(d->how, &d->t->said);
	if (d->t->refuses && d->r->client != NULL)
		oracle_keys_on_refusal(d->value);
	if (d->r->client == NULL)
		oracle_on_probe_answer(d->t->wire->worker, d->value,
		    d->t->status, d->t->refuses);
}

static uint64_t
some_size(void)
{
	static const unsigned weights[] = { 6, 60, 25, 6, 1 };
	static const int64_t most[] = { 0, 500, 6000, 70000, 200000 };

	return (uint64_t)dice_between(0, most[dice_weighed(weights, 5)]);
}

/* Kinds of lies about a body become none where there can be no body. */
static void
choose(struct draft *d)
{
	bool none;

	d->lie = choose_lie();
	d->t->status = choose_status(d);
	none = d->r->head_only || d->t->status == 204 || d->t->status == 304;
	d->framing = none ? NONE : dice_one_in(2) ? LENGTH : CHUNKED;
	choose_refusal(d);
	d->body_n = buf_len(&d->t->said) != 0 ? buf_len(&d->t->said) :
	    some_size();
	switch (d->lie) {
	case LIE_TO_END:
		d->framing = none ? NONE : TO_END;
		break;
	case LIE_TRAILERS:
	case LIE_BAD_CHUNK:
	case LIE_BAD_TRAILERS:
	case LIE_TWO_LENGTHS:
	case LIE_REFLECT_BODY:
		if (none)
			d->lie = LIE_GARBAGE;
		else if (d->lie != LIE_TWO_LENGTHS)
			d->framing = CHUNKED;
		break;
	case LIE_CUT:
		if (!none && dice_one_in(4))
			d->framing = TO_END;
		break;
	case LIE_NONE: case LIE_CLOSES: case LIE_INTERIM: case LIE_EARLY:
	case LIE_HALF: case LIE_DEAF: case LIE_STALLS: case LIE_LONG:
	case LIE_SILENT: case LIE_LEAVES: case LIE_GARBAGE:
	case LIE_INTERIMS: case LIE_SWITCH: case LIE_REFLECT_HEAD:
	case N_LIES:
		break;
	}
}

/* -- the bytes -- */

static void
say_interims(struct draft *d)
{
	unsigned n = 0;

	if (d->lie == LIE_INTERIM)
		n = 1 + (unsigned)dice(3);
	else if (d->lie == LIE_INTERIMS)
		n = 5 + (unsigned)dice(40);
	while (n-- != 0)
		buf_printf(&d->a->bytes, "HTTP/1.1 103 Early Hints\r\n"
		    "Link: </x>\r\n\r\n");
}

static void
say_framing(struct draft *d, struct buf *out)
{
	switch (d->framing) {
	case LENGTH:
		buf_printf(out, "Content-Length: %llu\r\n",
		    (unsigned long long)d->body_n);
		break;
	case CHUNKED:
		buf_append_text(out, TEXT("Transfer-Encoding: chunked\r\n"));
		break;
	case TO_END:
		break;
	case NONE:
		if (d->r->head_only && d->t->status != 204 && dice_one_in(2))
			buf_append_text(out, TEXT("Content-Length: 77\r\n"));
		break;
	}
	if (d->lie == LIE_TWO_LENGTHS)
		buf_append_text(out, TEXT("Content-Length: 1\r\n"
		    "Content-Length: 2\r\n"));
}

/* What is left of the quota, which may be true, or cannot be read. */
static void
say_quota(struct buf *out)
{
	static const char *const left[] = { "0", "0", "0", "0", "0", "0",
	    "0", "0", "1", "5", "1000",
	    "-1", "x", "", "99999999999999999999",
	    "0\r\nX-RateLimit-Remaining: 0",
	    "0\r\nX-RateLimit-Remaining: 7" };
	static const char *const windows[] = { "1s", "2s", "3", "1m", "0", "",
	    "x", "-5s", "99999999999h", "20s" };
	static const char *const limits[] = { "1", "10", "100000", "0", "x" };

	buf_printf(out, "X-RateLimit-Remaining: %s\r\n", left[dice(17)]);
	if (!dice_one_in(3))
		buf_printf(out, "X-RateLimit-Interval: %s\r\n",
		    windows[dice(10)]);
	if (!dice_one_in(3))
		buf_printf(out, "X-RateLimit-Limit: %s\r\n",
		    limits[dice(5)]);
}

static void
say_head(struct draft *d)
{
	struct buf *out = &d->a->bytes;
	char expires[TRUTH_TEXT];

	say_interims(d);
	buf_printf(out, "HTTP/1.1 %u \r\nX-Sim-Answer: %lu\r\n",
	    d->lie == LIE_SWITCH ? 101 : d->t->status,
	    body_of_answer(d->r, d->nth));
	if (d->known && dice_one_in(4)) {
		buf_printf(out, "X-Elastic-Api-Key-Expiration: %s\r\n",
		    truth_expires_text(d->value, expires));
		if (d->t->status >= 400 && d->r->client != NULL)
			oracle_keys_on_end_told(d->value);
	}
	if (mood()->quotas_end && dice_one_in(2))
		say_quota(out);
	if (dice_one_in(6))
		buf_printf(out, "Keep-Alive: timeout=%zu\r\n", dice(9));
	if (d->lie == LIE_REFLECT_HEAD)
		buf_printf(out, "X-Echo: it was %.*s\r\n", TEXT_ARG(d->key));
	if (d->lie == LIE_CLOSES)
		buf_append_text(out, TEXT("Connection: close\r\n"));
	buf_append_text(out, text_of(refusal_fields(d->how)));
	say_framing(d, out);
	buf_append_text(out, TEXT("\r\n"));
	d->head_n = buf_len(out);
}

static void
say_chunk(struct draft *d, uint64_t at, size_t n)
{
	struct buf *out = &d->a->bytes;

	buf_printf(out, "%zx\r\n", n);
	answer_body_append(out, d->r, d->nth, at, n);
	buf_append_text(out, d->lie == LIE_BAD_CHUNK ? TEXT("!!") :
	    TEXT("\r\n"));
}

static void
say_chunks(struct draft *d)
{
	struct buf *out = &d->a->bytes;
	uint64_t at = 0;

	if (d->lie == LIE_BAD_CHUNK && d->body_n == 0 &&
	    buf_len(&d->t->said) == 0)
		d->body_n = 1;
	while (at < d->body_n) {
		size_t n = 1 + dice(d->body_n > 3000 ? 20000 : 300);

		if (n > d->body_n - at)
			n = (size_t)(d->body_n - at);
		say_chunk(d, at, n);
		at += n;
	}
	/* Between two chunks, or cutting the key's value in two. */
	if (d->lie == LIE_REFLECT_BODY) {
		size_t half = dice(d->key.n + 1);

		if (half != 0)
			buf_printf(out, "%zx\r\n%.*s\r\n", half, (int)half,
			    d->key.p);
		if (half != d->key.n)
			buf_printf(out, "%zx\r\n%s\r\n", d->key.n - half,
			    d->key.p + half);
	}
	buf_append_text(out, TEXT("0\r\n"));
	if (d->lie == LIE_TRAILERS)
		buf_append_text(out, TEXT("X-Sum: 12\r\n"));
	for (unsigned i = 0; d->lie == LIE_BAD_TRAILERS && i < 50; i++)
		buf_append_text(out, TEXT("X-Sum: 0123456789012345678\r\n"));
	buf_append_text(out, TEXT("\r\n"));
}

static void
say_body(struct draft *d)
{
	switch (d->framing) {
	case LENGTH:
	case TO_END:
		answer_body_append(&d->a->bytes, d->r, d->nth, 0,
		    (size_t)d->body_n);
		break;
	case CHUNKED:
		say_chunks(d);
		break;
	case NONE:
		d->body_n = 0;
		break;
	}
}

/* -- the end, and the worth of the answer -- */

static enum wire_end
some_end(void)
{
	return (enum wire_end)(WIRE_CLEAN + dice(3));
}

static void
cut(struct draft *d)
{
	size_t n = buf_len(&d->a->bytes);

	d->t->worth = WORTH_CUT;
	d->a->stop_at = dice_one_in(3) ? dice(n) : d->head_n +
	    dice(n - d->head_n + 1);
	d->a->ends = d->lie == LIE_CUT;
	d->a->how = some_end();
	d->a->half = d->a->how != WIRE_RESET && dice_one_in(3);
	if (d->a->stop_at == 0 || d->a->stop_at < d->head_n)
		d->t->worth = WORTH_NOTHING;
	/* A clean end would look like the end of the body. */
	if (d->framing == TO_END && d->a->how == WIRE_CLEAN)
		d->a->how = WIRE_CUT;
	/* The head may be the whole answer. */
	if (d->a->stop_at == n && d->framing != TO_END)
		d->t->worth = WORTH_WHOLE;
}

static void
say_nothing(struct draft *d)
{
	d->a->stop_at = 0;
	d->a->ends = d->lie == LIE_LEAVES;
	d->a->how = some_end();
	d->t->worth = WORTH_NOTHING;
}

static void
finish(struct draft *d)
{
	struct answer *a = d->a;

	switch (d->lie) {
	case LIE_CLOSES:
	case LIE_TO_END:
		a->ends = true;
		a->how = WIRE_CLEAN;
		break;
	case LIE_HALF:
		a->ends = a->half = true;
		a->how = WIRE_CLEAN;
		break;
	case LIE_DEAF:
		a->early = a->deaf = a->ends = true;
		a->how = some_end();
		break;
	case LIE_CUT:
	case LIE_STALLS:
		cut(d);
		break;
	case LIE_SILENT:
	case LIE_LEAVES:
		say_nothing(d);
		break;
	case LIE_LONG:
		a->surplus = true;
		buf_append_text(&a->bytes, dice_one_in(2) ?
		    TEXT("and more") : TEXT("HTTP/1.1 499 \r\n"
		    "Content-Length: 0\r\n\r\n"));
		break;
	case LIE_EARLY:
		a->early = true;
		break;
	case LIE_GARBAGE:
	case LIE_INTERIMS:
	case LIE_SWITCH:
	case LIE_TWO_LENGTHS:
	case LIE_REFLECT_HEAD:
		d->t->worth = WORTH_NOTHING;
		break;
	case LIE_BAD_CHUNK:
	case LIE_BAD_TRAILERS:
	case LIE_REFLECT_BODY:
		d->t->worth = WORTH_CUT;
		break;
	case LIE_NONE: case LIE_TRAILERS: case LIE_INTERIM: case N_LIES:
		break;
	}
}

static int64_t
some_delay(void)
{
	if (!dice_one_in(4))
		return dice_between(0, 3 * NS_PER_MS);
	return dice_between(0, dice_one_in(4) ? 5 * NS_PER_S :
	    300 * NS_PER_MS);
}

void
answer_plan(struct answer *a, const struct request *r, struct attempt *t,
    unsigned nth, size_t value)
{
	struct draft d = { .a = a, .r = r, .t = t, .nth = nth,
	    .known = truth_accepts(value),
	    .value = value, .key = setting_value(value) };

	/* The one that was tried first must not come back either. */
	if (nth != 0 && dice_one_in(2))
		d.key = setting_value(r->attempts[0].value);

	*a = (struct answer){ .stop_at = SIZE_MAX, .how = WIRE_CLEAN,
	    .delay_ns = some_delay() };
	buf_init(&a->bytes, NULL);
	choose(&d);
	t->worth = WORTH_WHOLE;
	t->honest = d.lie <= LIE_HALF;
	t->reflects = d.lie == LIE_REFLECT_HEAD || d.lie == LIE_REFLECT_BODY;
	if (d.lie == LIE_GARBAGE)
		buf_append_text(&a->bytes, TEXT("ICY 200 OK\r\n\r\n"));
	say_head(&d);
	say_body(&d);
	finish(&d);
	t->answer_body = d.body_n;
	if (a->stop_at > buf_len(&a->bytes))
		a->stop_at = buf_len(&a->bytes);
	history("request %u: the upstream will answer %s: %u, body of %llu",
	    r->number, names[d.lie], t->status,
	    (unsigned long long)d.body_n);
}

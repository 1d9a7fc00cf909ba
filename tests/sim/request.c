/*
 * Requests; see request.h.
 */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "dice.h"
#include "history.h"

static struct request *all;
static unsigned n_made;

struct request *
requests(void)
{
	return all;
}

void
requests_begin(void)
{
	all = NULL;
	n_made = 0;
}

void
requests_end(void)
{
	struct request *r;

	while ((r = all) != NULL) {
		all = r->next;
		buf_release(&r->bytes);
		for (unsigned i = 0; i < r->n_attempts; i++)
			buf_release(&r->attempts[i].said);
		free(r);
	}
}

struct request *
request_of_number(unsigned long number)
{
	struct request *r = all;

	while (r != NULL && r->number != number)
		r = r->next;
	return r;
}

/* -- bodies -- */

#define PATTERN	8192

unsigned long
body_of_request(const struct request *r)
{
	return r->number * 16UL;
}

unsigned long
body_of_answer(const struct request *r, unsigned attempt)
{
	return r->number * 16UL + 1 + attempt;
}

/* A line of small letters and digits, which are in no key. */
const char *
body_at(unsigned long number, uint64_t at, size_t *n)
{
	static char pattern[PATTERN];
	uint64_t x = 88172645463325252;
	size_t place = (size_t)((number * 257 + at) % PATTERN);

	for (size_t i = 0; pattern[PATTERN - 1] == '\0' && i < PATTERN; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		pattern[i] = "abcdefghijklmnopqrstuvwxyz234567"[x >> 32 & 31];
	}
	if (*n > PATTERN - place)
		*n = PATTERN - place;
	return pattern + place;
}

void
body_append(struct buf *out, unsigned long number, uint64_t at, size_t n)
{
	while (n != 0) {
		size_t some = n;
		const char *p = body_at(number, at, &some);

		buf_append(out, p, some);
		at += some;
		n -= some;
	}
}

bool
body_is(unsigned long number, uint64_t at, struct text t)
{
	while (t.n != 0) {
		size_t some = t.n;
		const char *p = body_at(number, at, &some);

		if (memcmp(p, t.p, some) != 0)
			return false;
		at += some;
		t = text_range(t.p + some, t.p + t.n);
	}
	return true;
}

void
answer_body_append(struct buf *out, const struct request *r, unsigned attempt,
    uint64_t at, size_t n)
{
	const struct buf *said = &r->attempts[attempt].said;

	if (buf_len(said) != 0)
		buf_append(out, (const char *)buf_data(said) + at, n);
	else
		body_append(out, body_of_answer(r, attempt), at, n);
}

bool
answer_body_is(const struct request *r, unsigned attempt, uint64_t at,
    struct text t)
{
	const struct buf *said = &r->attempts[attempt].said;

	if (buf_len(said) == 0)
		return body_is(body_of_answer(r, attempt), at, t);
	return at <= buf_len(said) && t.n <= buf_len(said) - at &&
	    memcmp((const char *)buf_data(said) + at, t.p, t.n) == 0;
}

/* -- making a request -- */

static const char *const paths[] = { "/strip", "/tcp", "/read", "/ci", "/old",
    "/dead", "/foreign", "/free", "/team", "/shared", "/other" };

static void
choose_method(struct request *r)
{
	static const struct {
		const char *name;
		unsigned weight;
		bool idempotent;
	} methods[] = {
		{ "GET", 45, true }, { "HEAD", 8, true },
		{ "POST", 20, false }, { "PUT", 10, true },
		{ "DELETE", 8, true }, { "PATCH", 5, false },
		{ "OPTIONS", 4, true },
	};
	unsigned weights[sizeof(methods) / sizeof(*methods)];
	size_t n = sizeof(methods) / sizeof(*methods), i;

	for (i = 0; i < n; i++)
		weights[i] = methods[i].weight;
	i = dice_weighed(weights, n);
	r->method = methods[i].name;
	r->idempotent = methods[i].idempotent;
}

static void
choose_path(struct request *r)
{
	static const char *const tails[] = { "", "/", "/x", "x/1", "/a/b-c" };

	(void)snprintf(r->path, sizeof(r->path), "%s%s%s",
	    paths[dice(sizeof(paths) / sizeof(*paths))],
	    tails[dice(sizeof(tails) / sizeof(*tails))],
	    dice_one_in(4) ? "?q=1&r=/tcp" : "");
	r->token = dice_one_in(3) ? "CLIENTSECRET" : NULL;
	if (strncmp(r->path, "/ci", 3) == 0 && !dice_one_in(4))
		r->token = "ci";
}

static uint64_t
some_size(void)
{
	static const unsigned weights[] = { 4, 50, 25, 4, 1 };
	static const int64_t most[] = { 0, 300, 5000, 40000, 150000 };

	return (uint64_t)dice_between(0, most[dice_weighed(weights, 5)]);
}

static void
choose_body(struct request *r)
{
	if (strcmp(r->method, "POST") != 0 && strcmp(r->method, "PUT") != 0 &&
	    strcmp(r->method, "PATCH") != 0)
		return;
	r->body_n = some_size();
	r->chunked = !r->old && dice_one_in(3);
	r->expects = r->body_n != 0 && !r->old && dice_one_in(6);
}

/* If its kind is refused, its other properties follow from the kind. */
static void
spoil(struct request *r)
{
	switch (r->kind) {
	case KIND_MINTING:
		r->method = "POST";
		r->idempotent = false;
		r->body_n = 20;
		r->chunked = r->expects = false;
		(void)snprintf(r->path, sizeof(r->path),
		    "%s/_security/api_key", dice_one_in(2) ? "/old" : "/free");
		break;
	case KIND_TRACE:
		r->method = "TRACE";
		r->body_n = 0;
		r->chunked = r->expects = false;
		break;
	case KIND_LONG:
	case KIND_HUGE:
	case KIND_MALFORMED:
		r->numbered = false;
		break;
	case KIND_PLAIN:
	case KIND_HOST:
	case KIND_BROWSER:
	case KIND_WEBSOCKET:
	case N_KINDS:
		break;
	}
}

static const char *
host_of(const struct request *r)
{
	if (r->kind == KIND_HOST)
		return "evil.example";
	if (r->listener != BY_UNIX)
		return dice_one_in(2) ? "localhost" : "proxy.example:8080";
	return dice_one_in(2) ? "h" : "";
}

/* Fields that stay here, and fields that go upstream. */
static void
say_some_fields(struct request *r, struct buf *out)
{
	static const char *const fields[] = {
		"Cookie: CLIENTSECRET=1\r\n", "Accept: */*\r\n",
		"Proxy-Authorization: Basic CLIENTSECRET\r\n",
		"Authorization_: CLIENTSECRET\r\n",
		"Connection: keep-alive, x-hop\r\nX-Hop: CLIENTSECRET\r\n",
		"es-security-runas-user: CLIENTSECRET\r\n",
		"TE: trailers\r\n", "Accept-Encoding: gzip\r\n",
		"X-Forwarded-For: 192.0.2.1\r\n", "Via: 1.1 them\r\n",
		"X-Own_Key: 1\r\n",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (dice_one_in(6) && !(r->old && i == 4))
			buf_append_text(out, text_of(fields[i]));
	}
	if (r->token != NULL)
		buf_printf(out, "Authorization: %s %s\r\n",
		    dice_one_in(2) ? "ApiKey" : "Bearer", r->token);
	if (r->old && dice_one_in(2))
		buf_append_text(out, TEXT("Connection: keep-alive\r\n"));
}

static void
say_what_is_wrong(const struct request *r, struct buf *out)
{
	static const char *const bad[] = {
		"Content-Length: 5\r\nContent-Length: 6\r\n", "X : 1\r\n",
		"X: a\001b\r\n", "Transfer-Encoding: gzip\r\n", "nonsense\r\n",
	};

	switch (r->kind) {
	case KIND_BROWSER:
		buf_append_text(out, TEXT("Origin: http://e.example\r\n"));
		break;
	case KIND_WEBSOCKET:
		buf_append_text(out, TEXT("Connection: upgrade\r\n"
		    "Upgrade: websocket\r\n"));
		break;
	case KIND_MALFORMED:
		buf_append_text(out, text_of(bad[dice(5)]));
		break;
	case KIND_HUGE:
		buf_append_text(out, TEXT("X-Large: "));
		body_append(out, 1, 0, 5000);
		buf_append_text(out, TEXT("\r\n"));
		break;
	case KIND_PLAIN:
	case KIND_HOST:
	case KIND_TRACE:
	case KIND_MINTING:
	case KIND_LONG:
	case N_KINDS:
		break;
	}
}

static void
say_head(struct request *r)
{
	struct buf *out = &r->bytes;

	buf_printf(out, "%s %s", r->method, r->path);
	if (r->kind == KIND_LONG)
		body_append(out, 1, 0, 1500);
	buf_printf(out, " HTTP/1.%c\r\nHost: %s\r\n", r->old ? '0' : '1',
	    host_of(r));
	buf_printf(out, "X-Sim: %u\r\nX-Request-Id: r%u\r\n", r->number,
	    r->number);
	say_some_fields(r, out);
	trace_say(&r->trace, out);
	say_what_is_wrong(r, out);
	if (r->expects)
		buf_append_text(out, TEXT("Expect: 100-continue\r\n"));
	if (r->chunked)
		buf_append_text(out, TEXT("Transfer-Encoding: chunked\r\n"));
	else if (r->body_n != 0)
		buf_printf(out, "Content-Length: %llu\r\n",
		    (unsigned long long)r->body_n);
	buf_append_text(out, TEXT("\r\n"));
	r->head_n = buf_len(out);
}

static void
say_body(struct request *r)
{
	uint64_t at = 0;

	if (!r->chunked) {
		body_append(&r->bytes, body_of_request(r), 0,
		    (size_t)r->body_n);
		return;
	}
	while (at < r->body_n) {
		size_t n = 1 + dice(r->body_n > 2000 ? 4000 : 300);

		if (n > r->body_n - at)
			n = (size_t)(r->body_n - at);
		buf_printf(&r->bytes, "%zx\r\n", n);
		body_append(&r->bytes, body_of_request(r), at, n);
		buf_append_text(&r->bytes, TEXT("\r\n"));
		at += n;
	}
	buf_append_text(&r->bytes, dice_one_in(8) ?
	    TEXT("0\r\nX-Trailer: CLIENTSECRET\r\n\r\n") :
	    TEXT("0\r\n\r\n"));
}

/* The method at least: without "HEAD " an answer would need a body. */
#define SAID_FIRST	5

/* How it is sent: with pauses, or not to its end. */
static void
plan_saying(struct request *r)
{
	size_t n = buf_len(&r->bytes);

	r->pause_at = r->given_up_at = SIZE_MAX;
	if (dice_one_in(8)) {
		r->pause_at = SAID_FIRST + dice(n - SAID_FIRST + 1);
		r->pause_ns = dice_between(0, dice_one_in(4) ?
		    setting()->longest_ns * 2 : 2 * NS_PER_S);
	}
	r->trickles = dice_one_in(mood()->clients_err * 4);
	if (dice_one_in(mood()->clients_err * 3))
		r->given_up_at = dice_one_in(2) ? SAID_FIRST +
		    dice(n - SAID_FIRST) : r->head_n;
}

/* -- the whole request -- */

static enum kind
choose_kind(size_t listener)
{
	static const unsigned weights[N_KINDS] = { 80, 3, 3, 2, 2, 3, 3, 1,
	    1 };
	enum kind kind = (enum kind)dice_weighed(weights, N_KINDS);

	/* On the Unix socket any host is accepted. */
	return kind == KIND_HOST && listener == BY_UNIX ? KIND_PLAIN : kind;
}

const struct attempt *
request_last(const struct request *r)
{
	const struct attempt *last = &r->attempts[0];

	for (unsigned i = 1; i < r->n_attempts; i++) {
		if (r->attempts[i].nth > last->nth)
			last = &r->attempts[i];
	}
	return last;
}

struct request *
request_of_nobody(void)
{
	struct request *r = xcalloc(1, sizeof(*r));

	r->key = CONF_NONE;
	r->method = "GET";
	r->idempotent = true;
	r->number = ++n_made;
	r->next = all;
	all = r;
	buf_init(&r->bytes, NULL);
	return r;
}

struct request *
request_new(const struct client *client, size_t listener, bool stranger)
{
	struct request *r = request_of_nobody();

	r->kind = choose_kind(listener);
	r->listener = listener;
	r->stranger = stranger;
	r->client = client;
	r->numbered = true;
	r->old = dice_one_in(6);
	choose_method(r);
	choose_path(r);
	choose_body(r);
	spoil(r);
	trace_choose(&r->trace, r->number);
	r->head_only = strcmp(r->method, "HEAD") == 0;
	say_head(r);
	say_body(r);
	plan_saying(r);
	history("request %u: %s %s, body of %llu", r->number, r->method,
	    r->path, (unsigned long long)r->body_n);
	return r;
}

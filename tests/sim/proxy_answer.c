/*
 * Answers of proxies; see proxy_answer.h.
 */
#include "proxy_answer.h"

#include "base/clock.h"
#include "dice.h"
#include "history.h"
#include "setting.h"

static const char page[] = "<html>" PROXY_MARK " who are you?</html>";

/* -- the bytes -- */

static void
say_head(struct proxy_answer *a, unsigned version, unsigned status,
    const char *fields)
{
	buf_printf(&a->bytes, "HTTP/1.%u %u " PROXY_MARK "\r\n%s%s\r\n",
	    version, status, dice_one_in(2) ? "Via: 1.1 " PROXY_MARK "\r\n" :
	    "", fields);
	a->status = status;
}

static void
say_interims(struct proxy_answer *a, unsigned n)
{
	while (n-- != 0)
		say_head(a, 1, dice_one_in(2) ? 100 : 103, "");
}

static void
say_page(struct proxy_answer *a, unsigned status, const char *fields)
{
	say_head(a, 1, status, fields);
	buf_append(&a->bytes, page, sizeof(page) - 1);
}

static void
open_tunnel(struct proxy_answer *a, unsigned version, unsigned status,
    const char *fields)
{
	say_head(a, version, status, fields);
	a->opens_at = buf_len(&a->bytes);
}

static void
refuse(struct proxy_answer *a, struct text asked)
{
	static const struct {
		unsigned status;
		const char *fields;
	} refusals[] = {
		{ 407, "Proxy-Authenticate: Basic realm=\"" PROXY_MARK
		    "\"\r\nContent-Length: 43\r\n" },
		{ 403, "Content-Type: text/html\r\n" },
		{ 502, "Transfer-Encoding: chunked\r\n" },
		{ 302, "Location: http://" PROXY_MARK ".example/\r\n"
		    "Content-Length: 43\r\n" },
		{ 503, "Retry-After: 1\r\n" },
		{ 401, "WWW-Authenticate: Basic\r\nContent-Length: 0\r\n" },
		{ 500, "Connection: close\r\n" },
	};
	size_t i = dice(sizeof(refusals) / sizeof(*refusals));

	(void)asked;
	if (dice_one_in(2))
		say_page(a, refusals[i].status, refusals[i].fields);
	else
		say_head(a, 1, refusals[i].status, refusals[i].fields);
}

static void
echo(struct proxy_answer *a, struct text asked)
{
	const char *field = memmem(asked.p, asked.n, "Proxy-Auth", 10);
	struct text t = field != NULL ? text_range(field,
	    asked.p + asked.n - 4) : TEXT("Nothing: was told");

	buf_printf(&a->bytes, "HTTP/1.1 407 %.*s\r\n%.*s\r\n\r\n%.*s",
	    TEXT_ARG(t), TEXT_ARG(t), TEXT_ARG(asked));
	a->status = 407;
}

static void
say_garbage(struct proxy_answer *a, struct text asked)
{
	static const char *const texts[] = { "SSH-2.0-" PROXY_MARK "\r\n\r\n",
	    "ICY 200 OK\r\n\r\n", "\r\n\r\n\r\n",
	    "\x15\x03\x03\x01\x02\x02\x28",
	    "HTTP/1.1 200\nX: " PROXY_MARK "\n\n", "HTTP/2 200 OK\r\n\r\n" };

	(void)asked;
	buf_append_text(&a->bytes, text_of(texts[dice(6)]));
	buf_append(&a->bytes, page, sizeof(page) - 1);
}

static void
say_huge(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	buf_append_text(&a->bytes, TEXT("HTTP/1.1 200 OK\r\n"));
	for (unsigned i = 0; i < 500; i++)
		buf_printf(&a->bytes, "X-%u: " PROXY_MARK "\r\n", i);
	buf_append_text(&a->bytes, TEXT("\r\n"));
}

static void
say_two_meanings(struct proxy_answer *a, struct text asked)
{
	static const char *const fields[] = {
		"Content-Length: 0\r\nContent-Length: 0\r\n",
		"Content-Length: 0, 43\r\n", PROXY_MARK " : 1\r\n",
		"X: " PROXY_MARK "\001\r\n", " " PROXY_MARK "\r\n",
		"Transfer-Encoding: identity\r\n" };

	(void)asked;
	say_head(a, 1, 200, fields[dice(6)]);
	a->status = 0;
}

static void
say_tunnel(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	open_tunnel(a, 1, 200, "");
}

static void
say_old_tunnel(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	open_tunnel(a, 0, 200, "Connection: close\r\n");
}

static void
say_empty_tunnel(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	open_tunnel(a, 1, 200, "Content-Length: 0\r\n");
}

static void
say_other_tunnel(struct proxy_answer *a, struct text asked)
{
	static const unsigned others[] = { 201, 204, 206, 299 };

	(void)asked;
	open_tunnel(a, 1, others[dice(4)], "");
}

/* As many interim responses as may be. */
static void
say_tunnel_late(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	say_interims(a, 1 + (unsigned)dice(4));
	open_tunnel(a, 1, 200, "");
}

static void
say_interims_only(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	say_interims(a, 5 + (unsigned)dice(20));
	say_head(a, 1, 200, "");
	a->status = 0;
}

static void
say_page_of_length(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	say_page(a, 200, "Content-Length: 43\r\n");
}

static void
say_page_in_chunks(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	say_page(a, 200, "Transfer-Encoding: chunked\r\n");
}

static void
say_switch(struct proxy_answer *a, struct text asked)
{
	(void)asked;
	say_head(a, 1, 101, "Upgrade: tls\r\nConnection: upgrade\r\n");
}

/* -- what happens behind it -- */

static void
lead_astray(struct proxy_answer *a)
{
	a->leads = PROXY_ASTRAY;
}

static void
lead_nowhere(struct proxy_answer *a)
{
	a->leads = PROXY_NOWHERE;
}

static void
end(struct proxy_answer *a)
{
	a->ends = true;
}

static void
talk(struct proxy_answer *a)
{
	a->talks = true;
	a->leads = dice_one_in(2) ? PROXY_NOWHERE : PROXY_TO_HOST;
}

static void
glue(struct proxy_answer *a)
{
	buf_append_text(&a->bytes, dice_one_in(2) ? TEXT("x") :
	    text_of(page));
}

static void
stall(struct proxy_answer *a)
{
	a->stop_at = dice(buf_len(&a->bytes));
	a->opens_at = UINT64_MAX;
	a->status = 0;
}

static void
cut(struct proxy_answer *a)
{
	stall(a);
	a->ends = true;
}

static void
say_nothing(struct proxy_answer *a)
{
	stall(a);
	a->stop_at = 0;
}

static void
leave(struct proxy_answer *a)
{
	cut(a);
	a->stop_at = 0;
}

/* -- the whole -- */

/* How often it is chosen among those that are fine, and among all others. */
static const struct {
	const char *name;
	unsigned fine, lie;
	void (*say)(struct proxy_answer *, struct text asked);
	void (*behind)(struct proxy_answer *);	/* or NULL */
} kinds[] = {
	{ "a tunnel", 60, 0, say_tunnel, NULL },
	{ "a tunnel of HTTP/1.0", 6, 0, say_old_tunnel, NULL },
	{ "a tunnel and a length of 0", 6, 0, say_empty_tunnel, NULL },
	{ "a tunnel after others", 6, 0, say_tunnel_late, NULL },
	{ "a tunnel by another status", 6, 0, say_other_tunnel, NULL },
	{ "a tunnel to another", 0, 3, say_tunnel, lead_astray },
	{ "a tunnel to nobody", 0, 2, say_tunnel, lead_nowhere },
	{ "a tunnel that ends", 0, 3, say_tunnel, end },
	{ "a tunnel with a page in it", 0, 3, say_tunnel, talk },
	{ "a tunnel and more", 0, 4, say_tunnel, glue },
	{ "a page", 0, 3, say_page_of_length, NULL },
	{ "a page in chunks", 0, 1, say_page_in_chunks, NULL },
	{ "a refusal", 0, 9, refuse, NULL },
	{ "what it was told", 0, 3, echo, NULL },
	{ "101", 0, 1, say_switch, NULL },
	{ "many others", 0, 1, say_interims_only, NULL },
	{ "garbage", 0, 2, say_garbage, NULL },
	{ "a huge head", 0, 1, say_huge, NULL },
	{ "a head of two meanings", 0, 1, say_two_meanings, NULL },
	{ "never", 0, 2, say_tunnel, say_nothing },
	{ "by closing", 0, 4, say_tunnel, leave },
	{ "half, and stall", 0, 2, say_tunnel, stall },
	{ "half, and close", 0, 4, say_tunnel, cut },
};

#define N_KINDS	(sizeof(kinds) / sizeof(*kinds))

static size_t
choose(void)
{
	bool lies = dice_one_in(mood()->proxies_lie);
	unsigned weights[N_KINDS];

	for (size_t i = 0; i < N_KINDS; i++)
		weights[i] = lies ? kinds[i].lie : kinds[i].fine;
	return dice_weighed(weights, N_KINDS);
}

static int64_t
some_delay(void)
{
	if (!dice_one_in(4))
		return dice_between(0, 3 * NS_PER_MS);
	return dice_between(0, dice_one_in(4) ? 4 * NS_PER_S :
	    300 * NS_PER_MS);
}

static void
begin(struct proxy_answer *a)
{
	*a = (struct proxy_answer){ .opens_at = UINT64_MAX,
	    .stop_at = SIZE_MAX, .leads = PROXY_TO_HOST,
	    .how = (enum wire_end)(WIRE_CLEAN + dice(3)),
	    .delay_ns = some_delay(), .rest_ns = some_delay() };
	buf_init(&a->bytes, NULL);
}

void
proxy_answer_plan(struct proxy_answer *a, struct text asked)
{
	size_t kind = choose();

	begin(a);
	kinds[kind].say(a, asked);
	if (kinds[kind].behind != NULL)
		kinds[kind].behind(a);
	if (a->stop_at > buf_len(&a->bytes))
		a->stop_at = buf_len(&a->bytes);
	history("the proxy will answer %s", kinds[kind].name);
}

bool
proxy_answer_unasked(struct proxy_answer *a)
{
	begin(a);
	if (!dice_one_in(mood()->proxies_lie * 20))
		return false;
	open_tunnel(a, 1, 200, "");
	a->stop_at = buf_len(&a->bytes);
	a->delay_ns = 0;
	return true;
}

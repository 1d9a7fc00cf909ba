/*
 * upstream/tunnel: what a proxy is told, and with which key.
 */
#include "upstream/tunnel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/proxies.h"
#include "stats/reader.h"

struct way {
	struct conf_upstream upstream;
	struct conf_key key;
	struct conf conf;
	struct stats *stats;
	struct tunnel *tunnel;
	struct dial_conf dial;
	char why[200];
};

static char corp[] = "corp", host[] = "api.example", six[] = "::1",
    proxy[] = "proxy.example", basic[] = "basic", bearer[] = "Bearer";

static void
set_up(struct way *w, char *scheme, const char *value)
{
	memset(w, 0, sizeof(*w));
	w->key = (struct conf_key){ .name = corp, .scheme = scheme,
		.expires = CONF_NO_TIME,
		.value = secret_copy(value, strlen(value)) };
	w->upstream = (struct conf_upstream){ .name = host, .host = host,
		.connect_host = host, .connect_port = 8443,
		.proxy = { .url = proxy, .host = proxy, .port = 3128 },
		.timeouts = { .tunnel = 1234 } };
	w->conf = (struct conf){ .workers = 1, .keys = &w->key, .n_keys = 1,
		.upstreams = &w->upstream, .n_upstreams = 1 };
	w->stats = stats_new_alone(&w->conf);
	w->tunnel = tunnel_new(&w->conf, 0, NULL, w->stats,
	    &codec_limits_default);
	tunnel_lead(w->tunnel, &w->dial);
}

static void
tear_down(struct way *w)
{
	tunnel_free(w->tunnel);
	stats_free(w->stats);
	secret_free(w->key.value);
}

/* What is said to the proxy, or "". */
static const char *
said(struct way *w)
{
	static char text[1024];
	const struct preface *p = w->dial.preface;
	struct buf out;
	void *state;

	buf_init(&out, NULL);
	state = p->begin(p->ctx, &out, w->why, sizeof(w->why));
	(void)snprintf(text, sizeof(text), "%.*s", TEXT_ARG(buf_text(&out)));
	buf_release(&out);
	if (state != NULL)
		p->end(state);
	return text;
}

#define REQUEST	"CONNECT api.example:8443 HTTP/1.1\r\n" \
	"Host: api.example:8443\r\n"

static void
without_a_proxy_there_is_no_tunnel(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	tunnel_free(w.tunnel);
	w.upstream.proxy.host = NULL;
	w.tunnel = tunnel_new(&w.conf, 0, NULL, w.stats,
	    &codec_limits_default);
	assert_null(w.tunnel);
	w.dial = (struct dial_conf){ .host = host, .port = 1 };
	tunnel_lead(w.tunnel, &w.dial);
	assert_ptr_equal(w.dial.host, host);
	assert_null(w.dial.preface);
	tear_down(&w);
}

static void
dials_go_to_the_proxy(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	assert_string_equal(w.dial.host, "proxy.example");
	assert_int_equal(w.dial.port, 3128);
	assert_int_equal(w.dial.preface_ms, 1234);
	tear_down(&w);
}

static void
a_pair_is_encoded(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "Aladdin:open-sesame");
	assert_string_equal(said(&w), REQUEST "Proxy-Authorization: basic "
	    "QWxhZGRpbjpvcGVuLXNlc2FtZQ==\r\n\r\n");
	tear_down(&w);
}

static void
what_is_encoded_is_sent_as_it_is(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "QWxhZGRpbjpvcGVuLXNlc2FtZQ==");
	assert_string_equal(said(&w), REQUEST "Proxy-Authorization: basic "
	    "QWxhZGRpbjpvcGVuLXNlc2FtZQ==\r\n\r\n");
	tear_down(&w);
}

static void
a_token_is_no_pair(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, bearer, "to:ken");
	assert_string_equal(said(&w), REQUEST
	    "Proxy-Authorization: Bearer to:ken\r\n\r\n");
	tear_down(&w);
}

static void
without_a_key_there_is_no_field(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	w.upstream.proxy.key = CONF_NONE;
	assert_string_equal(said(&w), REQUEST "\r\n");
	tear_down(&w);
}

static void
an_ipv6_address_is_in_brackets(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	w.upstream.connect_host = six;
	w.upstream.proxy.key = CONF_NONE;
	assert_string_equal(said(&w), "CONNECT [::1]:8443 HTTP/1.1\r\n"
	    "Host: [::1]:8443\r\n\r\n");
	tear_down(&w);
}

static void
decide(struct way *w, unsigned facts)
{
	stats_decide(stats_shared(w->stats), stats_numbers(w->stats)->keys[0],
	    (struct stats_decision){ .facts = facts });
}

static void
a_key_that_is_disabled_or_expired_is_not_sent(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	decide(&w, KEY_OFF_DISABLED | KEY_OFF_EXPIRED);
	assert_string_equal(said(&w), "");
	assert_string_equal(w.why, "the proxy's key 'corp' is disabled");
	decide(&w, KEY_OFF_EXPIRED);
	assert_string_equal(said(&w), "");
	assert_string_equal(w.why, "the proxy's key 'corp' is expired");
	decide(&w, 0);
	assert_string_not_equal(said(&w), "");
	tear_down(&w);
}

static void
a_key_that_an_api_rejects_or_whose_end_is_in_doubt_is_sent(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	decide(&w, KEY_OFF_REJECTED);
	assert_string_not_equal(said(&w), "");
	decide(&w, KEY_OFF_EXPIRED | KEY_DOUBTED);
	assert_string_not_equal(said(&w), "");
	tear_down(&w);
}

/* What the proxy answers to one that asks, or not. */
static void
answer(struct way *w, const char *text)
{
	const struct preface *p = w->dial.preface;
	struct buf out;
	void *one;

	buf_init(&out, NULL);
	one = p->begin(p->ctx, &out, w->why, sizeof(w->why));
	assert_non_null(one);
	(void)p->input(one, (const uint8_t *)text, strlen(text), w->why,
	    sizeof(w->why));
	p->end(one);
	buf_release(&out);
}

static void
a_proxy_that_answered_407_is_not_asked_again_at_once(void **state)
{
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	answer(&w, "HTTP/1.1 403 No\r\n\r\n");
	assert_string_not_equal(said(&w), "");
	answer(&w, "HTTP/1.1 407 No\r\n\r\n");
	assert_true(stats_proxy_refuses(w.stats, &w.conf, 0));
	assert_string_equal(said(&w), "");
	assert_string_equal(w.why, "the proxy answered 407 lately, and is not "
	    "asked again yet");
	/* Another one is another matter. */
	w.upstream.proxy.port++;
	tunnel_free(w.tunnel);
	w.tunnel = tunnel_new(&w.conf, 0, NULL, w.stats,
	    &codec_limits_default);
	tunnel_lead(w.tunnel, &w.dial);
	assert_false(stats_proxy_refuses(w.stats, &w.conf, 0));
	assert_string_not_equal(said(&w), "");
	tear_down(&w);
}

static void
a_tunnel_ends_what_was_refused(void **state)
{
	struct way w;
	const struct preface *p;
	struct buf out;
	void *one;

	(void)state;
	set_up(&w, basic, "a:b");
	p = w.dial.preface;
	buf_init(&out, NULL);
	one = p->begin(p->ctx, &out, w.why, sizeof(w.why));
	answer(&w, "HTTP/1.1 407 No\r\n\r\n");
	(void)p->input(one, (const uint8_t *)"HTTP/1.1 200 OK\r\n\r\n", 19,
	    w.why, sizeof(w.why));
	p->end(one);
	buf_release(&out);
	assert_false(stats_proxy_refuses(w.stats, &w.conf, 0));
	assert_string_not_equal(said(&w), "");
	tear_down(&w);
}

static void
its_use_is_counted(void **state)
{
	struct way w;
	uint32_t number;

	(void)state;
	set_up(&w, basic, "a:b");
	number = stats_numbers(w.stats)->keys[0];
	assert_int_equal(stats_read_key(stats_shared(w.stats),
	    number).requests, 0);
	said(&w);
	said(&w);
	assert_int_equal(stats_read_key(stats_shared(w.stats),
	    number).requests, 2);
	tear_down(&w);
}

static void
only_an_answer_that_opens_the_tunnel_ends_the_preface_well(void **state)
{
	static const struct {
		const char *answer;
		enum preface_state state;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n", PREFACE_DONE },
		{ "HTTP/1.1 200 OK\r\n", PREFACE_MORE },
		{ "nonsense\r\n", PREFACE_REFUSED },
		{ "HTTP/1.1 407 No\r\n\r\n", PREFACE_REFUSED },
	};
	struct way w;

	(void)state;
	set_up(&w, basic, "a:b");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct preface *p = w.dial.preface;
		struct buf out;
		void *one;

		buf_init(&out, NULL);
		one = p->begin(p->ctx, &out, w.why, sizeof(w.why));
		assert_int_equal(p->input(one,
		    (const uint8_t *)cases[i].answer, strlen(cases[i].answer),
		    w.why, sizeof(w.why)), cases[i].state);
		p->end(one);
		buf_release(&out);
	}
	tear_down(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_proxy_there_is_no_tunnel),
		cmocka_unit_test(dials_go_to_the_proxy),
		cmocka_unit_test(a_pair_is_encoded),
		cmocka_unit_test(what_is_encoded_is_sent_as_it_is),
		cmocka_unit_test(a_token_is_no_pair),
		cmocka_unit_test(without_a_key_there_is_no_field),
		cmocka_unit_test(an_ipv6_address_is_in_brackets),
		cmocka_unit_test(
		    a_key_that_is_disabled_or_expired_is_not_sent),
		cmocka_unit_test(
		    a_key_that_an_api_rejects_or_whose_end_is_in_doubt_is_sent),
		cmocka_unit_test(
		    a_proxy_that_answered_407_is_not_asked_again_at_once),
		cmocka_unit_test(a_tunnel_ends_what_was_refused),
		cmocka_unit_test(its_use_is_counted),
		cmocka_unit_test(
		    only_an_answer_that_opens_the_tunnel_ends_the_preface_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

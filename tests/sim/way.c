/*
 * How clients come in; see way.h.  This writes the PROXY protocol by the
 * specification's section 2.2, and knows of each header whether it is one.  Of
 * a handshake only the first byte is that of TLS; see accept.h.
 */
#include "way.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "dice.h"
#include "history.h"
#include "setting.h"

#define LOCAL		0x20
#define PROXY		0x21

#define TCP4		0x11
#define TCP6		0x21

/* The ports of balancers. */
#define FIRST_PORT	50000

/* An address of a network of 24 bits. */
static void
set_address(struct addr *a, const char *net, size_t last, unsigned long port)
{
	const char *why = "";
	char text[64];

	(void)snprintf(text, sizeof(text), "%s.%zu:%lu", net, last, port);
	must(addr_parse(text, a, &why), "%s: %s", text, why);
}

static void
set_address_of_6(struct addr *a, size_t last, unsigned long port)
{
	const char *why = "";
	char text[64];

	(void)snprintf(text, sizeof(text), "[2001:db8::%zx]:%lu", last, port);
	must(addr_parse(text, a, &why), "%s: %s", text, why);
}

/* -- headers -- */

static void
put_fixed(struct way *w, uint8_t command, uint8_t family, size_t n)
{
	const uint8_t rest[] = { command, family, (uint8_t)(n >> 8),
	    (uint8_t)n };

	buf_append(&w->header, "\r\n\r\n\0\r\nQUIT\n", 12);
	buf_append(&w->header, rest, sizeof(rest));
}

/* The client's, and then our own, which nobody reads. */
static void
put_addresses(struct way *w)
{
	const struct sockaddr_in *in = (const void *)&w->client.ss;
	const struct sockaddr_in6 *in6 = (const void *)&w->client.ss;

	if (w->client.sa.sa_family == AF_INET) {
		buf_append(&w->header, &in->sin_addr, 4);
		buf_append(&w->header, "\x0a\x09\x09\x09", 4);
		buf_append(&w->header, &in->sin_port, 2);
	} else {
		buf_append(&w->header, &in6->sin6_addr, 16);
		buf_append(&w->header, "\xfd\x09\x09\x09\x09\x09\x09\x09"
		    "\x09\x09\x09\x09\x09\x09\x09\x09", 16);
		buf_append(&w->header, &in6->sin6_port, 2);
	}
	buf_append(&w->header, "\x01\xbb", 2);
}

static uint8_t
family_of(const struct way *w)
{
	return w->client.sa.sa_family == AF_INET ? TCP4 : TCP6;
}

static size_t
size_of(const struct way *w)
{
	return family_of(w) == TCP4 ? 12 : 36;
}

/* With so many more bytes, which are not written. */
static void
say_client(struct way *w, size_t more)
{
	put_fixed(w, PROXY, family_of(w), size_of(w) + more);
	put_addresses(w);
}

/* One TLV, of n bytes in all, that says that it has some more. */
static void
put_tlv(struct way *w, size_t n, size_t more)
{
	const uint8_t head[] = { (uint8_t)(0x20 + dice(8)),
	    (uint8_t)((n - 3 + more) >> 8), (uint8_t)(n - 3 + more) };

	buf_append(&w->header, head, sizeof(head));
	for (size_t i = 3; i < n; i++)
		buf_append(&w->header, "t", 1);
}

static void
say_plain(struct way *w)
{
	say_client(w, 0);
}

static void
say_tlvs(struct way *w)
{
	size_t most = dice_one_in(2) ? 40 : 4096 - 16 - 36 - 6;
	size_t n = 3 + dice(most), m = 3;

	say_client(w, n + m);
	put_tlv(w, n, 0);
	put_tlv(w, m, 0);
}

/* It is the balancer's own connection, whatever is behind. */
static void
say_local(struct way *w)
{
	size_t n = dice(60);

	put_fixed(w, LOCAL, dice_one_in(2) ? 0 : TCP4, n);
	while (n-- != 0)
		buf_append(&w->header, "l", 1);
	addr_set_port(&w->from, (uint16_t)w->number);
	w->client = w->from;
}

static void
say_version_1(struct way *w)
{
	buf_printf(&w->header, "PROXY TCP4 198.51.100.1 10.9.9.9 %lu 443\r\n",
	    w->number);
}

static void
say_nothing(struct way *w)
{
	(void)w;
}

static void
say_hello(struct way *w)
{
	buf_append(&w->header, "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", 10);
}

/* One byte of the fixed part is another one. */
static void
say_spoilt(struct way *w)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} spoilt[] = {
		{ 5, '\n' }, { 11, '\r' },		/* the signature */
		{ 12, 0x11 }, { 12, 0x31 }, { 12, 0x22 }, { 12, 0x2f },
		{ 13, 0x00 }, { 13, 0x12 }, { 13, 0x22 }, { 13, 0x31 },
		{ 13, 0x10 }, { 13, 0x1f },
	};
	size_t i = dice(sizeof(spoilt) / sizeof(*spoilt));
	uint8_t *p;

	say_client(w, 0);
	p = (uint8_t *)(uintptr_t)buf_data(&w->header);
	p[spoilt[i].at] = spoilt[i].byte;
}

static void
say_short(struct way *w)
{
	put_fixed(w, PROXY, family_of(w), dice(size_of(w)));
}

static void
say_long(struct way *w)
{
	say_client(w, 4096 - 16 - size_of(w) + 1 + dice(60000));
}

static void
say_beyond(struct way *w)
{
	size_t n = dice_one_in(3) ? 1 + dice(2) : 3 + dice(30);

	say_client(w, n);
	if (n < 3)
		buf_append(&w->header, "\x20\x00", n);
	else
		put_tlv(w, n, 1 + dice(300));
}

static const struct {
	const char *name;
	unsigned fine, bad;		/* how often, among such */
	void (*say)(struct way *);
} kinds[] = {
	{ "a header", 6, 0, say_plain },
	{ "a header with more", 3, 0, say_tlvs },
	{ "a header of its own", 1, 0, say_local },
	{ "a header of version 1", 0, 1, say_version_1 },
	{ "no header", 0, 2, say_nothing },
	{ "a hello", 0, 1, say_hello },
	{ "a spoilt header", 0, 4, say_spoilt },
	{ "a header without its addresses", 0, 1, say_short },
	{ "a header that is too long", 0, 1, say_long },
	{ "a header with an end beyond it", 0, 2, say_beyond },
};

#define N_KINDS_OF_HEADERS	(sizeof(kinds) / sizeof(*kinds))

/* -- handshakes -- */

/* Of those that have none or a short one some are refused at once. */
static void
choose_certificate(struct way *w)
{
	w->certificate = NO_CERTIFICATE;
	if (dice_one_in(3))
		return;
	w->certificate = dice(N_CERTIFICATES);
	w->until = clock_wall() / NS_PER_S + (dice_one_in(2) ? 86400 :
	    dice_between(1, 90));
}

static void
say_what_is_none(struct way *w)
{
	w->fails = true;
	w->hello_n = 1 + dice(20);
	for (size_t i = 0; i < w->hello_n; i++)
		buf_append(&w->header, "\x80", 1);
}

static void
choose_handshake(struct way *w)
{
	bool bad = dice_one_in(mood()->handshakes_fail);
	size_t before = buf_len(&w->header);

	w->kind = "a handshake";
	if (bad && dice_one_in(3)) {
		w->is_plain = true;
		w->kind = "plain text where TLS is spoken";
		return;
	}
	if (bad && dice_one_in(3)) {
		w->kind = "no handshake";
		say_what_is_none(w);
		return;
	}
	choose_certificate(w);
	w->hello_n = 2 + dice(600);
	buf_append(&w->header, "\x16", 1);
	for (size_t i = 1; i < w->hello_n; i++)
		buf_append(&w->header, "h", 1);
	if (bad && dice_one_in(2)) {
		w->kind = "a handshake that fails";
		w->fails = true;
	} else if (bad || (mood()->floods && !dice_one_in(3))) {
		w->kind = "a part of a handshake";
		w->stops_at = before + dice(w->hello_n);
		w->leaves = dice_one_in(mood()->floods ? 8 : 2);
	}
}

/* -- the choice -- */

static void
choose_client(struct way *w)
{
	if (dice_one_in(3))
		set_address_of_6(&w->client, 1 + dice(0xffff), w->number);
	else
		set_address(&w->client, "198.51.100", 1 + dice(200),
		    w->number);
}

static void
choose_header(struct way *w)
{
	bool bad = dice_one_in(mood()->headers_lie);
	unsigned weights[N_KINDS_OF_HEADERS];
	size_t kind;

	for (size_t i = 0; i < N_KINDS_OF_HEADERS; i++)
		weights[i] = bad ? kinds[i].bad : kinds[i].fine;
	kind = dice_weighed(weights, N_KINDS_OF_HEADERS);
	w->kind = kinds[kind].name;
	w->is_malformed = bad;
	kinds[kind].say(w);
	if (bad || !dice_one_in(mood()->floods ? 2 : mood()->headers_lie))
		return;
	w->stops_at = dice_one_in(3) ? 0 : dice(buf_len(&w->header));
	w->leaves = dice_one_in(mood()->floods ? 8 : 2);
	w->kind = "a part of a header";
}

void
way_choose(struct way *w, size_t listener, unsigned long number)
{
	*w = (struct way){ .listener = listener, .number = number,
	    .stops_at = SIZE_MAX, .certificate = NO_CERTIFICATE };
	buf_init(&w->header, NULL);
	if (listener == BY_UNIX) {
		w->from.kind = ADDR_UNIX;
		w->from.sa.sa_family = AF_UNIX;
	} else if (listener == BY_TCP) {
		set_address(&w->from, "127.0.0", 1, number);
	} else if (listener == BY_TLS) {
		set_address(&w->from, "203.0.113", mood()->floods &&
		    !dice_one_in(3) ? 1 : 1 + dice(4), number);
		choose_handshake(w);
	} else {
		w->is_foreign = dice_one_in(mood()->headers_lie * 3);
		set_address(&w->from, w->is_foreign ? "192.0.2" : "10.0.0",
		    1 + dice(3), FIRST_PORT + number % 1000);
		choose_client(w);
		choose_header(w);
		if (way_leads_in(w) && mood()->balancer_shakes)
			choose_handshake(w);
		return;
	}
	w->client = w->from;
}

void
way_release(struct way *w)
{
	buf_release(&w->header);
}

/* -- facts -- */

void
way_info(const struct way *w, struct client_info *info)
{
	*info = (struct client_info){ .address = w->from,
	    .has_user = w->listener == BY_UNIX };
	if (!info->has_user)
		return;
	info->uid = (uid_t)w->number;
	info->gid = 77;
}

size_t
way_length(const struct way *w)
{
	return w->listener == BY_BALANCER && buf_len(&w->header) == 0 ? 2 :
	    buf_len(&w->header);
}

size_t
way_header_n(const struct way *w)
{
	return way_length(w) - w->hello_n;
}

bool
way_leads_in(const struct way *w)
{
	return !w->is_foreign && !w->is_malformed && !w->is_plain &&
	    !w->fails && w->stops_at == SIZE_MAX;
}

bool
way_is_over(const struct way *w)
{
	return w->certificate != NO_CERTIFICATE &&
	    clock_wall() >= w->until * NS_PER_S;
}

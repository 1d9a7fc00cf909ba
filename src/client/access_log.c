/*
 * The access line; see access_log.h.  It is written once per exchange, before
 * the client may send its next request, so it is put together from constant
 * pieces: no printf, no allocation but the buffer's.
 */
#include "client/access_log.h"

#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/json.h"
#include "conf/essu.h"

/*
 * Fields that clients and upstreams choose are cut, so that no single one fills
 * the log.  The parser bounds the target.
 */
#define MAX_METHOD	32
#define MAX_ID		256
#define MAX_USER_AGENT	512
#define MAX_RAW		64
#define MAX_DETAIL	512

#define PUT(out, literal) \
	buf_append((out), "" literal, sizeof(literal) - 1)

/* ,"name":"value", where there is a value; name brings its punctuation. */
#define PUT_TEXT(out, name, value, max)					\
	do {								\
		if ((value).n != 0)					\
			json_put(out, TEXT(",\"" name "\":\""),		\
			    shown(value, max));				\
	} while (0)

#define PUT_STR(out, name, value)					\
	do {								\
		if ((value) != NULL)					\
			json_put(out, TEXT(",\"" name "\":\""),		\
			    text_of(value));				\
	} while (0)

/*
 * A text as it may be shown: no longer than max, and without anything that
 * looks like a key of Elastic Cloud, which a client may have put into a wrong
 * place.
 */
static struct text
shown(struct text t, size_t max)
{
	const struct text key = ESSU_PREFIX;
	const char *p;

	if (t.n > max)
		t.n = max;
	p = t.n > key.n ? memmem(t.p, t.n, key.p, key.n) : NULL;
	return p != NULL ? text_range(t.p, p + key.n) : t;
}

/* Durations; a clock that went back gives 0. */
static void
put_ns(struct buf *out, int64_t ns)
{
	buf_append_u64(out, ns > 0 ? (uint64_t)ns : 0);
}

/* "GET 421 no_route: detail" */
static void
put_message(const struct record *r, struct buf *out)
{
	if (r->method.n != 0)
		json_escape(out, shown(r->method, MAX_METHOD));
	else
		PUT(out, "-");
	PUT(out, " ");
	if (r->status != 0)
		buf_append_u64(out, r->status);
	else
		PUT(out, "-");
	if (r->fault == FAULT_NONE)
		return;
	PUT(out, " ");
	buf_append_text(out, text_of(fault_code(r->fault)));
	if (r->detail == NULL)
		return;
	PUT(out, ": ");
	json_escape(out, shown(text_of(r->detail), MAX_DETAIL));
}

/* ,"reason":"upstream elastic-cloud cannot be reached: connection refused" */
static void
put_reason(const struct record *r, struct buf *out)
{
	struct buf words;

	if (r->fault == FAULT_NONE)
		return;
	buf_init(&words, NULL);
	fault_message(r->fault, record_subject(r), r->detail, &words);
	PUT_TEXT(out, "reason", buf_text(&words), MAX_DETAIL);
	buf_release(&words);
}

static struct text
outcome(const struct record *r)
{
	if (r->fault != FAULT_NONE || r->status >= 400)
		return TEXT("failure");
	return r->status != 0 ? TEXT("success") : TEXT("unknown");
}

static void
put_event(const struct record *r, struct buf *out)
{
	char when[CLOCK_TEXT];

	PUT(out, "{\"@timestamp\":\"");
	buf_append(out, when, clock_format_ms(when, r->began_wall_ns));
	if (r->fault == FAULT_NONE)
		PUT(out, "\",\"log.level\":\"info\",\"message\":\"");
	else
		PUT(out, "\",\"log.level\":\"warn\",\"message\":\"");
	put_message(r, out);
	PUT(out, "\",\"ecs.version\":\"8.11.0\","
	    "\"service\":{\"name\":\"sallyport\"},\"event\":{"
	    "\"kind\":\"event\",\"category\":[\"web\"],"
	    "\"type\":[\"access\"],\"dataset\":\"sallyport.access\","
	    "\"duration\":");
	put_ns(out, r->ended_ns - r->began_ns);
	PUT(out, ",\"outcome\":\"");
	buf_append_text(out, outcome(r));
	PUT(out, "\"");
	put_reason(r, out);
	PUT(out, "}");
}

static struct text
version_text(uint8_t version)
{
	switch (version) {
	case 10:
		return TEXT("1.0");
	case 11:
		return TEXT("1.1");
	case 20:
		return TEXT("2");
	default:
		return TEXT("");
	}
}

/* The client's own request id, or else one that no other line has. */
static void
put_id(const struct record *r, struct buf *out)
{
	PUT_TEXT(out, "id", r->request_id, MAX_ID);
	if (r->request_id.n != 0 || r->run == NULL)
		return;
	PUT(out, ",\"id\":\"");
	buf_append_text(out, text_of(r->run));
	PUT(out, "-");
	buf_append_u64(out, r->serial);
	PUT(out, "\"");
}

static void
put_http(const struct record *r, struct buf *out)
{
	struct text version = version_text(r->version);

	PUT(out, ",\"http\":{\"request\":{\"body\":{\"bytes\":");
	buf_append_u64(out, r->request_bytes);
	PUT(out, "}");
	PUT_TEXT(out, "method", r->method, MAX_METHOD);
	put_id(r, out);
	PUT(out, "}");
	if (r->status != 0) {
		PUT(out, ",\"response\":{\"status_code\":");
		buf_append_u64(out, r->status);
		PUT(out, ",\"body\":{\"bytes\":");
		buf_append_u64(out, r->response_bytes);
		PUT(out, "}}");
	}
	PUT_TEXT(out, "version", version, version.n);
	PUT(out, "}");
}

static void
put_url(struct text target, bool with_query, struct buf *out)
{
	struct text path, query = shown(target, target.n);

	if (target.n == 0)
		return;
	(void)text_split(&query, '?', &path);
	json_put(out, TEXT(",\"url\":{\"path\":\""), path);
	if (!with_query)
		query = TEXT("");
	PUT_TEXT(out, "query", query, query.n);
	PUT(out, "}");
}

/* One byte of an IPv4 address, in decimal. */
static char *
put_byte(char *p, uint8_t v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

/* IPv4, which local clients mostly use, without inet_ntop()'s printf. */
static void
put_ip(const struct addr_ip *ip, struct buf *out)
{
	const uint8_t *part = (const void *)&ip->in.sin_addr;
	char text[ADDR_TEXT], *p = text;
	struct addr a;

	if (ip->sa.sa_family != AF_INET) {
		addr_ip_to(ip, &a);
		addr_format_ip(&a, text);
		buf_append_text(out, text_of(text));
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		if (i != 0)
			*p++ = '.';
		p = put_byte(p, part[i]);
	}
	buf_append(out, text, (size_t)(p - text));
}

static void
put_client(const struct principal *p, struct buf *out)
{
	if (p == NULL)
		return;
	if (p->has_user) {
		PUT(out, ",\"client\":{\"user\":{\"id\":\"");
		buf_append_u64(out, p->uid);
		PUT(out, "\"");
		PUT_STR(out, "name", p->user_name);
		PUT(out, "}}");
	} else if (p->ip.len != 0) {
		PUT(out, ",\"client\":{\"ip\":\"");
		put_ip(&p->ip, out);
		PUT(out, "\",\"port\":");
		buf_append_u64(out, ntohs(p->ip.in.sin_port));
		PUT(out, "}");
	}
}

static void
put_user_agent(const struct record *r, struct buf *out)
{
	if (r->user_agent.n == 0)
		return;
	json_put(out, TEXT(",\"user_agent\":{\"original\":\""),
	    shown(r->user_agent, MAX_USER_AGENT));
	PUT(out, "}");
}

static void
put_expiry(const struct record *r, struct buf *out)
{
	char when[CLOCK_TEXT];

	if (!r->expiry_told)
		return;
	if (!r->expiry_read) {
		PUT_TEXT(out, "key_expires_raw", r->expires_raw, MAX_RAW);
		return;
	}
	PUT(out, ",\"key_expires\":\"");
	buf_append(out, when, clock_format_s(when, r->expires));
	PUT(out, "\"");
}

static void
put_sallyport(const struct record *r, struct buf *out)
{
	PUT(out, ",\"sallyport\":{\"attempts\":");
	buf_append_u64(out, r->attempts);
	PUT_STR(out, "listener", r->listener);
	PUT_STR(out, "route", r->route);
	PUT_STR(out, "key", r->key);
	PUT_STR(out, "upstream", r->upstream);
	PUT_STR(out, "fault", fault_code(r->fault));
	if (r->attempts != 0 && r->reused)
		PUT(out, ",\"reused\":true");
	else if (r->attempts != 0)
		PUT(out, ",\"reused\":false");
	if (r->upstream_began_ns != 0 && r->upstream_head_ns != 0) {
		PUT(out, ",\"upstream_ns\":");
		put_ns(out, r->upstream_head_ns - r->upstream_began_ns);
	}
	PUT_TEXT(out, "upstream_request_id", r->upstream_request_id, MAX_ID);
	put_expiry(r, out);
	PUT(out, "}");
}

void
access_log_format(const struct record *r, bool with_query, struct buf *out)
{
	put_event(r, out);
	put_http(r, out);
	put_url(r->target, with_query, out);
	put_client(r->principal, out);
	put_user_agent(r, out);
	put_sallyport(r, out);
	PUT(out, "}");
}

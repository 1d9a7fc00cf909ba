/*
 * The facts of an exchange's line; see access_facts.h.  They are read once per
 * exchange, before the client may send its next request: no printf, and no
 * allocation but for the words of a fault.
 */
#include "client/access_facts.h"

#include <netinet/in.h>
#include <string.h>

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
#define MAX_NAME	512

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
static uint64_t
duration(int64_t ns)
{
	return ns > 0 ? (uint64_t)ns : 0;
}

static struct text
outcome(const struct record *r)
{
	if (r->fault != FAULT_NONE || r->status >= 400)
		return TEXT("failure");
	return r->status != 0 ? TEXT("success") : TEXT("unknown");
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

static void
read_fault(struct access_facts *f, const struct record *r)
{
	f->fault = fault_code(r->fault);
	if (r->fault == FAULT_NONE)
		return;
	if (r->detail != NULL)
		f->detail = shown(text_of(r->detail), MAX_DETAIL);
	fault_message(r->fault, record_subject(r), r->detail, &f->words);
	f->reason = shown(buf_text(&f->words), MAX_DETAIL);
}

/* The client's own request id, or else one that no other line has. */
static void
read_id(struct access_facts *f, const struct record *r)
{
	size_t n;
	struct text serial;

	f->id = shown(r->request_id, MAX_ID);
	if (r->request_id.n != 0 || r->run == NULL)
		return;
	n = strnlen(r->run, RECORD_RUN - 1);
	memcpy(f->made_id, r->run, n);
	f->made_id[n++] = '-';
	serial = text_of_u64(r->serial, f->digits);
	memcpy(f->made_id + n, serial.p, serial.n);
	f->id = (struct text){ .p = f->made_id, .n = n + serial.n };
}

static void
read_target(struct access_facts *f, struct text target, bool with_query)
{
	struct text query = shown(target, target.n);

	if (target.n == 0)
		return;
	(void)text_split(&query, '?', &f->path);
	if (with_query)
		f->query = query;
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
static struct text
write_ip(const struct addr_ip *ip, char *text)
{
	const uint8_t *part = (const void *)&ip->in.sin_addr;
	char *p = text;
	struct addr a;

	if (ip->sa.sa_family != AF_INET) {
		addr_ip_to(ip, &a);
		addr_format_ip(&a, text);
		return text_of(text);
	}
	for (size_t i = 0; i < 4; i++) {
		if (i != 0)
			*p++ = '.';
		p = put_byte(p, part[i]);
	}
	return text_range(text, p);
}

/* As ECS wants a digest: in upper case. */
static void
read_certificate(struct access_facts *f, const struct cert_names *names)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		f->sha256[2 * i] = digits[names->sha256[i] >> 4];
		f->sha256[2 * i + 1] = digits[names->sha256[i] & 15];
	}
	f->certificate = (struct text){ .p = f->sha256,
		.n = sizeof(f->sha256) };
	f->subject = shown(text_of(names->subject), MAX_NAME);
	f->issuer = shown(text_of(names->issuer), MAX_NAME);
}

static void
read_client(struct access_facts *f, const struct principal *p)
{
	const char *name;

	if (p == NULL)
		return;
	name = principal_name(p);
	if (name != NULL)
		f->user_name = shown(text_of(name), MAX_NAME);
	if (p->certificate != NULL)
		read_certificate(f, p->certificate);
	if (p->has_user) {
		f->uid = text_of_u64(p->uid, f->digits);
	} else if (p->ip.len != 0) {
		f->ip = write_ip(&p->ip, f->address);
		f->port = ntohs(p->ip.in.sin_port);
	}
}

static void
read_expiry(struct access_facts *f, const struct record *r)
{
	if (!r->expiry_told)
		return;
	if (r->expiry_read)
		f->key_expires = (struct text){ .p = f->expires,
			.n = clock_format_s(f->expires, r->expires) };
	else
		f->key_expires_raw = shown(r->expires_raw, MAX_RAW);
}

static void
read_upstream(struct access_facts *f, const struct record *r)
{
	f->upstream = r->upstream;
	f->attempts = r->attempts;
	f->reused = r->reused;
	f->answered = r->upstream_began_ns != 0 && r->upstream_head_ns != 0;
	if (f->answered)
		f->upstream_ns = duration(r->upstream_head_ns -
		    r->upstream_began_ns);
	f->upstream_request_id = shown(r->upstream_request_id, MAX_ID);
	f->diagnosis = r->diagnosis;
	f->refused_key = r->refused_key;
	read_expiry(f, r);
}

void
access_facts_read(struct access_facts *f, const struct record *r,
    bool with_query)
{
	*f = (struct access_facts){
		.level = r->fault == FAULT_NONE ? LOG_LEVEL_INFO :
		    LOG_LEVEL_WARN,
		.outcome = outcome(r),
		.duration_ns = duration(r->ended_ns - r->began_ns),
		.method = shown(r->method, MAX_METHOD),
		.version = version_text(r->version),
		.user_agent = shown(r->user_agent, MAX_USER_AGENT),
		.request_bytes = r->request_bytes,
		.status = r->status,
		.response_bytes = r->response_bytes,
		.listener = r->listener,
		.route = r->route,
		.key = r->key,
		.trace_id = r->trace_id,
		.span_id = r->span_id,
		.trace_made = r->trace_made,
		.trace_dropped = r->trace_dropped,
	};
	buf_init(&f->words, NULL);
	(void)clock_format_ms(f->when, r->began_wall_ns);
	read_fault(f, r);
	read_id(f, r);
	read_target(f, r->target, with_query);
	read_client(f, r->principal);
	read_upstream(f, r);
}

void
access_facts_release(struct access_facts *f)
{
	buf_release(&f->words);
}

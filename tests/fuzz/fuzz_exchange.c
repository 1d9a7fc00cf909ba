/*
 * Whole exchanges, from clients' bytes to the upstream's and back, over a
 * network in memory.  For any bytes from either side, in any pieces and order:
 *
 * - the key is in nothing but requests to the upstream on a connection that
 *   was verified: once in each, as its only Authorization, or in the key's
 *   own field and without one; nowhere if it is not sealed for that host;
 * - of the client's fields that stay here none goes upstream in any spelling,
 *   but for those that the route lets pass, by their names;
 * - requests are strictly valid, and so are responses, of which clients get no
 *   more than they asked for; a message that is cut does not look whole;
 * - each exchange has its line in the log;
 * - nothing is left at the end.
 *
 * Input: four bytes that decide the order of things, one of flags, then the
 * upstream's bytes, and after each 0xff the bytes of one client.  "@K@" in the
 * upstream's bytes is the key, "@H@" its first half, "@P@" and "@J@" the key as
 * in URLs and JSON.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/sink.h"
#include "client/env.h"
#include "client/forward.h"
#include "client/sessions.h"
#include "upstream/secret_patterns.h"
#include "../sim/memory.h"

enum {
	FOREIGN_KEY = 0x01,	/* sealed for another host */
	ONE_CONNECTION = 0x02,	/* of the upstream at a time */
	SMALL_BODIES = 0x04,	/* limits.body */
	GO_ON = 0x08,		/* let all end by itself */
	OWN_FIELD = 0x10,	/* the key is not in Authorization */
	PASSES = 0x20,		/* the route lets fields of clients pass */
	IDENTITY = 0x40,	/* the upstream must not encode */
};

#define CLIENTS		4
#define STEPS		800
#define EXCHANGES	1024		/* more than a client can have */

static char host[] = "api.example", other_host[] = "other.example",
    name[] = "k", own_field[] = "X-Own_Key", local[] = "h", access_name[] = "none";
static char *local_hosts[] = { local };
static size_t first[] = { 0 };

static struct conf_listener listener = {
	.name = name, .hosts = { local_hosts, 1 },
};
static struct conf_upstream upstream = {
	.name = name, .host = host, .authority = host, .connect_host = host,
	.port = 443, .connect_port = 443,
	.max_age = 3600000,
	.timeouts = { 5000, 5000, 25000, 60000, 50000 },
};
static char *key_hosts[1];
static struct conf_key key = {
	.name = name, .hosts = { key_hosts, 1 },
	.expires = CONF_NO_TIME,
};
static struct secret_patterns patterns;
static enum field_id passed[] = { FIELD_COOKIE, FIELD_X_FOUND_CLUSTER };
static struct conf_route route = {
	.name = name, .client = CONF_NONE, .keys = first, .n_keys = 1,
};
static struct conf conf = {
	.workers = 1,
	.log = { .access = access_name, .level = LOG_LEVEL_ERROR },
	.timeouts = { 10000, 30000, 75000, 60000 },
	.limits = { .head = 4096, .target = 1024, .trailers = 1024,
	    .body_rate = 500, .fields = 20, .interim = 3, .clients = 100 },
	.listeners = &listener, .n_listeners = 1,
	.upstreams = &upstream, .n_upstreams = 1,
	.routes = &route, .n_routes = 1,
	.keys = &key, .n_keys = 1,
};

/* The rest of one side's bytes. */
struct script {
	const uint8_t *p;
	size_t n;
	size_t n_said;			/* sent before p */
	struct wire *wire;		/* a client's, once it connected */
};

struct run {
	uint32_t seed;
	uint8_t flags;
	struct buf said;		/* the upstream's bytes, with the key */
	struct script upstream;
	struct script clients[CLIENTS];
	size_t n_clients;
	struct loop *loop;
	struct stats *stats;
	struct sink *access;
	struct env *env;
	struct forward *forward;
	struct sessions *sessions;
};

static struct text
key_text(void)
{
	return (struct text){ .p = (const char *)secret_read(key.value),
	    .n = secret_len(key.value) };
}

static struct text
half_key(void)
{
	return (struct text){ .p = key_text().p, .n = key_text().n / 2 };
}

static size_t
count(struct text where, struct text what)
{
	size_t n = 0;

	while (where.n >= what.n) {
		const char *p = memmem(where.p, where.n, what.p, what.n);

		if (p == NULL)
			break;
		n++;
		where = text_range(p + what.n, where.p + where.n);
	}
	return n;
}

/* -- reading what was sent -- */

/* A strict reader on one side of a wire. */
struct reader {
	stream_id stream;
	struct codec *codec;
	struct codec_limits limits;
	struct codec_shared shared;
	struct fields scratch;
	size_t n_heads, n_ends;		/* without interim ones and trailers */
	bool heads_only[EXCHANGES];	/* of a server: was it HEAD? */
	bool malformed, truncated;
	bool checks_key;
	bool answers;
};

/* Whether CGI and the like may read a name as this one, in lower case. */
static bool
reads_like(struct text t, const char *plain)
{
	size_t n = strlen(plain);

	while (t.n != 0 && ascii_is_one_of(t.p[0], "-_."))
		t = text_range(t.p + 1, t.p + t.n);
	while (t.n != 0 && ascii_is_one_of(t.p[t.n - 1], "-_."))
		t.n--;
	for (size_t i = 0; i < n && t.n == n; i++) {
		char c = ascii_is_one_of(t.p[i], "_.") ? '-' :
		    ascii_lower(t.p[i]);

		if (c != plain[i])
			return false;
	}
	return t.n == n;
}

static bool
may_pass(const struct field *f)
{
	for (size_t i = 0; i < route.pass.n; i++) {
		if (text_eq_nocase(f->name, field_name(route.pass.v[i])))
			return true;
	}
	return false;
}

static size_t
count_like(const struct head *h, const char *plain)
{
	size_t n = 0;

	for (size_t i = 0; i < h->fields.n; i++) {
		const struct field *f = &h->fields.v[i];

		n += reads_like(f->name, plain) && !may_pass(f);
	}
	return n;
}

static void
check_stays(const struct head *h)
{
	static const char *const names[] = {
		"cookie", "x-management-request", "x-found-cluster",
		"es-secondary-authorization", "es-security-runas-user",
		"proxy-authorization", "upgrade", "http2-settings", "te",
		"keep-alive", "connection",
	};
	const struct field *f = fields_find(&h->fields, FIELD_ACCEPT_ENCODING);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		fuzz_assert(count_like(h, names[i]) == 0);
	if (upstream.accept_encoding != CONF_ENCODING_IDENTITY)
		return;
	fuzz_assert(count_like(h, "accept-encoding") == 1);
	fuzz_assert(text_eq(f->value, TEXT("identity")));
}

/* The key's field is the last but for those that frame the body. */
static const struct field *
last_field(const struct head *h)
{
	size_t i = h->fields.n - 1;

	fuzz_assert(h->fields.n != 0);
	while (i != 0 && (h->fields.v[i].id == FIELD_CONTENT_LENGTH ||
	    h->fields.v[i].id == FIELD_TRANSFER_ENCODING))
		i--;
	return &h->fields.v[i];
}

static void
check_key(const struct head *h)
{
	const struct field *f = last_field(h);
	bool own = key.field != NULL;

	fuzz_assert(text_eq(f->name, own ? text_of(own_field) :
	    TEXT("Authorization")));
	fuzz_assert(count_like(h, "authorization") == !own);
	fuzz_assert(!own || count_like(h, "x-own-key") == 1);
	fuzz_assert(f->value.n == key_text().n +
	    (own ? 0 : strlen("ApiKey ")));
	fuzz_assert(count(f->value, key_text()) == 1);
	fuzz_assert(text_eq(h->authority, text_of(host)));
	check_stays(h);
}

static void
answer(struct reader *r)
{
	struct head h = { .kind = HEAD_RESPONSE, .version = 11, .status = 204,
	    .framing = BODY_NONE };

	codec_send_head(r->codec, r->stream, &h, true);
	codec_output_done(r->codec, codec_output(r->codec).n);
}

static void
on_end(struct reader *r)
{
	r->n_ends++;
	if (r->answers)
		answer(r);
}

static void
on_head(void *owner, const struct head *h, bool end)
{
	struct reader *r = owner;

	if (h->kind == HEAD_REQUEST && r->checks_key)
		check_key(h);
	if (h->kind == HEAD_REQUEST && r->n_heads < EXCHANGES)
		r->heads_only[r->n_heads] = text_eq(h->method, TEXT("HEAD"));
	if (h->kind == HEAD_REQUEST || h->kind == HEAD_RESPONSE) {
		r->n_heads++;
		codec_credit(r->codec, r->stream, 1 << 30);
	}
	if (end)
		on_end(r);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	(void)p;
	(void)n;
	if (end)
		on_end(owner);
}

static void
on_reset(void *owner, enum codec_error why)
{
	struct reader *r = owner;

	if (why == CODEC_TRUNCATED)
		r->truncated = true;
	else
		r->malformed = true;
}

static const struct stream_events stream_events = {
	.head = on_head,
	.body = on_body,
	.reset = on_reset,
};

static void
on_request(void *owner, stream_id s, const struct head *h, bool end)
{
	struct reader *r = owner;

	r->stream = s;
	codec_own(r->codec, s, &stream_events, r);
	on_head(r, h, end);
}

static void
on_refused(void *owner, stream_id s, enum codec_error why,
    const struct head *read)
{
	struct reader *r = owner;

	(void)s;
	/* This one gets an answer, too. */
	if (r->n_heads < EXCHANGES)
		r->heads_only[r->n_heads] = text_eq(read->method,
		    TEXT("HEAD"));
	on_reset(r, why);
}

static const struct codec_events events = {
	.request = on_request,
	.refused = on_refused,
};

static void
reader_start(struct reader *r, enum codec_role role)
{
	memset(r, 0, sizeof(*r));
	r->limits = codec_limits_default;
	/*
	 * The request may have more fields than the client sent: the key and
	 * others.
	 */
	r->limits.fields += 10;
	r->shared = (struct codec_shared){
		.limits = &r->limits,
		.blocks = blocks_new(4096, 2),
		.scratch = &r->scratch,
	};
	r->answers = role == CODEC_SERVER;
	r->codec = h1_codec_new(role, &r->shared, &events, r);
}

static void
reader_end(struct reader *r)
{
	codec_free(r->codec);
	fields_release(&r->scratch);
	blocks_free(r->shared.blocks);
}

static void
feed(struct reader *r, struct text t)
{
	codec_input(r->codec, (const uint8_t *)t.p, t.n);
	while (codec_has_events(r->codec))
		codec_input(r->codec, NULL, 0);
}

static void
check_upstream(const struct wire *w, uint8_t flags)
{
	size_t n_keys = count(buf_text(&w->out), key_text());
	struct reader r;

	reader_start(&r, CODEC_SERVER);
	r.checks_key = true;
	feed(&r, buf_text(&w->out));
	fuzz_assert(!r.malformed);
	/* The last head may not have left completely. */
	fuzz_assert(n_keys == r.n_heads || n_keys == r.n_heads + 1);
	fuzz_assert(n_keys == 0 || !(flags & FOREIGN_KEY));
	reader_end(&r);
}

static void
ask(struct reader *r, bool head_only)
{
	struct head h = { .kind = HEAD_REQUEST, .version = 11,
	    .method = head_only ? TEXT("HEAD") : TEXT("GET"),
	    .target = TEXT("/"), .authority = TEXT("h"),
	    .framing = BODY_NONE };

	r->stream = codec_open(r->codec, &stream_events, r);
	fuzz_assert(r->stream != STREAM_NONE);
	codec_send_head(r->codec, r->stream, &h, true);
	codec_output_done(r->codec, codec_output(r->codec).n);
}

/* The requests that were HEAD, in the order of their responses. */
static void
read_requests(const struct script *s, struct reader *asked)
{
	const char *p = (const char *)s->p;

	reader_start(asked, CODEC_SERVER);
	feed(asked, text_range(p - s->n_said, p));
}

/* Counts the responses that look complete. */
static size_t
check_client(const struct script *s)
{
	const struct wire *w = s->wire;
	struct text out = buf_text(&w->out);
	struct reader asked, r;
	size_t n = 0;

	fuzz_assert(!secret_patterns_found(&patterns, out));
	read_requests(s, &asked);
	reader_start(&r, CODEC_CLIENT);
	for (size_t i = 0; i < out.n; i++) {
		if (n == r.n_ends) {
			/*
			 * The last one may answer bytes that were no request.
			 */
			fuzz_assert(n <= asked.n_heads);
			fuzz_assert(n < EXCHANGES);
			ask(&r, asked.heads_only[n++]);
		}
		feed(&r, (struct text){ .p = out.p + i, .n = 1 });
		fuzz_assert(!r.malformed);
	}
	codec_input_eof(r.codec, w->end != LINK_END_ABORT);
	fuzz_assert(!r.malformed);
	n = r.n_ends;
	reader_end(&asked);
	reader_end(&r);
	return n;
}

/* -- the run -- */

static uint32_t
next(struct run *r)
{
	r->seed = r->seed * 1664525 + 1013904223;
	return r->seed >> 8;
}

static void
accept_client(struct run *r, struct script *s)
{
	struct client_info info = { .has_user = true, .uid = 1, .gid = 1 };
	int fd;

	info.address.kind = ADDR_UNIX;
	info.address.sa.sa_family = AF_UNIX;
	s->wire = memory_client(&fd);
	sessions_accept(r->sessions, 0, fd, &info);
	memory_turn();
}

static void
say(struct run *r, struct script *s, struct wire *w)
{
	size_t n;

	if (w == NULL || s->n == 0)
		return;
	n = fuzz_piece(&r->seed, s->n);
	if (!memory_feed(w, s->p, n))
		return;
	s->p += n;
	s->n -= n;
	s->n_said += n;
}

static struct script *
some_client(struct run *r)
{
	struct script *s = &r->clients[next(r) % r->n_clients];

	if (s->wire == NULL)
		accept_client(r, s);
	return s;
}

/* The latest that is open, or at times an older one. */
static struct wire *
some_upstream(struct run *r)
{
	struct wire *found = NULL;

	for (struct wire *w = memory_wires(); w != NULL; w = w->next) {
		if (!w->upstream || w->link == NULL)
			continue;
		if (found == NULL || next(r) % 4 == 0)
			found = w;
	}
	return found;
}

static void
mishap(struct run *r)
{
	struct wire *w = some_upstream(r);
	struct script *s = some_client(r);

	switch (next(r) % 11) {
	case 0:
		memory_connect(false);
		break;
	case 1:
	case 2:
		if (w != NULL)
			memory_eof(w, next(r) % 2 == 0);
		break;
	case 3:
		if (w != NULL)
			memory_fail(w);
		break;
	case 4:
		memory_eof(s->wire, true);
		break;
	case 5:
		memory_fail(s->wire);
		break;
	case 6:
	case 7:
		memory_fire();
		break;
	case 8:
		memory_dial(DIAL_TIMEOUT);
		break;
	case 9:
		if (w != NULL)
			w->unnoticed = true;
		break;
	case 10:
		memory_sleep(60000);
		break;
	}
}

static void
change_room(struct run *r)
{
	struct wire *w = next(r) % 2 == 0 ? some_upstream(r) :
	    some_client(r)->wire;

	if (w != NULL)
		memory_set_room(w, next(r) % 3 == 0 ? next(r) % 64 :
		    SIZE_MAX);
}

static void
step(struct run *r)
{
	struct script *s;

	switch (next(r) % 16) {
	case 0: case 1: case 2: case 3: case 4:
		s = some_client(r);
		say(r, s, s->wire);
		break;
	case 5: case 6: case 7: case 8: case 9:
		say(r, &r->upstream, some_upstream(r));
		break;
	case 10: case 11: case 12:
		memory_connect(true);
		break;
	case 13: case 14:
		change_room(r);
		break;
	case 15:
		if (next(r) % 4 == 0)
			mishap(r);
		break;
	}
}

/* Ends what is left to happen. */
static bool
is_over(const struct run *r, unsigned n_steps)
{
	size_t left = r->upstream.n;

	for (size_t i = 0; i < r->n_clients; i++)
		left += r->clients[i].n;
	return left == 0 && n_steps % 128 == 127;
}

/* All sides read, the upstream ends, the clients wait until they are late. */
static void
go_on(struct run *r)
{
	for (struct wire *w = memory_wires(); w != NULL; w = w->next)
		memory_set_room(w, SIZE_MAX);
	for (unsigned i = 0; i < STEPS && sessions_count(r->sessions) != 0; i++) {
		if (!memory_connect(false) && !memory_fire())
			break;
		for (struct wire *w = memory_wires(); w != NULL; w = w->next)
			memory_set_room(w, SIZE_MAX);
	}
	fuzz_assert(sessions_count(r->sessions) == 0);
}

static void
set_up(struct run *r, int fd)
{
	char why[256];

	key_hosts[0] = r->flags & FOREIGN_KEY ? other_host : host;
	upstream.max_connections = r->flags & ONE_CONNECTION ? 1 : 3;
	upstream.accept_encoding = r->flags & IDENTITY ?
	    CONF_ENCODING_IDENTITY : CONF_ENCODING_PASS;
	key.field = r->flags & OWN_FIELD ? own_field : NULL;
	route.pass = (struct conf_passed){ .v = passed,
	    .n = r->flags & PASSES ? 2 : 0 };
	conf.limits.body = r->flags & SMALL_BODIES ? 50 : 0;
	r->loop = loop_new();
	memory_start(r->loop);
	r->stats = stats_new_alone(&conf);
	r->access = sink_new(fd, NULL, NULL);
	r->env = env_new(&conf, r->loop,
	    r->stats, r->access);
	r->forward = forward_new(r->env, r->stats, why,
	    sizeof(why));
	fuzz_assert(r->forward != NULL);
}

static void
full(void *owner, size_t which, bool is_full)
{
	(void)owner;
	(void)which;
	fuzz_assert(!is_full);
}

/*
 * Whether a response could look complete, by the line of its exchange: if it
 * was complete, or one of ours.
 */
static bool
may_be_whole(struct text line, bool *faultless)
{
	char what[64];

	*faultless = count(line, TEXT("\"fault\":")) == 0;
	if (*faultless)
		return true;
	for (enum fault f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		(void)snprintf(what, sizeof(what), "\"fault\":\"%s\"",
		    fault_code(f));
		if (count(line, text_of(what)) == 0)
			continue;
		(void)snprintf(what, sizeof(what), "\"status_code\":%u",
		    fault_status(f));
		return count(line, text_of(what)) != 0;
	}
	fprintf(stderr, "no fault: %.*s\n", TEXT_ARG(line));
	abort();
}

/* One line for each exchange, without even half the key in it. */
static void
check_access(int fd, uint64_t n_requests, size_t n_whole)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *p = xmalloc((size_t)n + 1);
	struct text t = { .p = p, .n = (size_t)n }, line;
	size_t n_faultless = 0, n_may = 0;
	bool faultless;

	fuzz_assert(pread(fd, p, (size_t)n, 0) == n);
	fuzz_assert(count(t, TEXT("\n")) == n_requests);
	fuzz_assert(count(t, half_key()) == 0);
	while (text_split(&t, '\n', &line)) {
		if (line.n == 0)
			continue;
		n_may += may_be_whole(line, &faultless);
		n_faultless += faultless;
	}
	fuzz_assert(n_faultless <= n_whole && n_whole <= n_may);
	free(p);
}

/* Counts the responses that look complete. */
static size_t
check_wires(const struct run *r)
{
	size_t n = 0;

	for (struct wire *w = memory_wires(); w != NULL; w = w->next) {
		if (w->upstream)
			check_upstream(w, r->flags);
	}
	for (size_t i = 0; i < r->n_clients; i++) {
		if (r->clients[i].wire != NULL)
			n += check_client(&r->clients[i]);
	}
	return n;
}

static void
run(struct run *r)
{
	int fd = memfd_create("access", MFD_CLOEXEC);

	set_up(r, fd);
	r->sessions = sessions_new(r->env, forward_handler(r->forward),
	    100, full, NULL);
	for (unsigned i = 0; i < STEPS && !is_over(r, i); i++)
		step(r);
	if (r->flags & GO_ON)
		go_on(r);
	sessions_cut(r->sessions);
	memory_turn();
	sessions_free(r->sessions);
	forward_free(r->forward);
	env_free(r->env);
	loop_free(r->loop);
	sink_free(r->access);
	check_access(fd, stats_requests(r->stats), check_wires(r));
	close(fd);
	stats_free(r->stats);
	memory_end();
}

/* -- the input -- */

static void
make_key(void)
{
	uint8_t *p;

	if (key.value != NULL)
		return;
	log_start(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_LEVEL_DEBUG,
	    NULL);
	key.value = secret_new(48);
	p = secret_bytes(key.value);
	for (unsigned i = 0; i < 48; i++)
		p[i] = (uint8_t)('A' + i * 7 % 26);
	secret_patterns_init(&patterns, &key, xcalloc(1, secret_patterns_room(48)));
}

/*
 * Writes what the text's first three bytes stand for; false: they are literal.
 */
static bool
write_mark(struct buf *b, struct text t)
{
	struct text k = key_text();

	if (t.n < 3 || t.p[0] != '@' || t.p[2] != '@')
		return false;
	switch (t.p[1]) {
	case 'K':
		buf_append_text(b, k);
		return true;
	case 'H':
		buf_append_text(b, half_key());
		return true;
	case 'P':
		for (size_t i = 0; i < k.n; i++)
			buf_printf(b, i % 3 ? "%%%02x" : "%c", k.p[i]);
		return true;
	case 'J':
		for (size_t i = 0; i < k.n; i++)
			buf_printf(b, i % 5 ? "\\u%04X" : "%c", k.p[i]);
		return true;
	}
	return false;
}

static void
write_said(struct buf *b, struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (write_mark(b, text_range(t.p + i, t.p + t.n)))
			i += 2;
		else
			buf_append(b, t.p + i, 1);
	}
}

/* False if there is no client. */
static bool
read_scripts(struct run *r, const uint8_t *p, size_t n)
{
	struct text rest = { .p = (const char *)p, .n = n }, t;

	(void)text_split(&rest, (char)0xff, &t);
	write_said(&r->said, t);
	r->upstream = (struct script){ .p = buf_data(&r->said),
	    .n = buf_len(&r->said) };
	while (r->n_clients < CLIENTS && text_split(&rest, (char)0xff, &t))
		r->clients[r->n_clients++] = (struct script){
		    .p = (const uint8_t *)t.p, .n = t.n };
	return r->n_clients != 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct run r = { .seed = 0 };

	if (n < sizeof(r.seed) + 1 || n > 20000)
		return 0;
	make_key();
	/* A client that knows the key is not tested here. */
	if (count((struct text){ .p = (const char *)p, .n = n },
	    half_key()) != 0)
		return 0;
	memcpy(&r.seed, p, sizeof(r.seed));
	r.flags = p[sizeof(r.seed)];
	buf_init(&r.said, NULL);
	if (read_scripts(&r, p + sizeof(r.seed) + 1,
	    n - sizeof(r.seed) - 1))
		run(&r);
	buf_release(&r.said);
	return 0;
}

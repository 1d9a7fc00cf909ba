/*
 * Requests with keys; see call.h.
 *
 * All that concerns keys: it picks the key of a request, puts it into the head,
 * as the last field, reads what a response tells of it, and makes sure that it
 * does not come back.  The attempt carries requests and responses.
 */
#include "upstream/call.h"

#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "http/codec.h"
#include "stats/counting.h"
#include "upstream/call_parts.h"
#include "upstream/credential.h"

/* -- the key in messages of others -- */

static bool
head_has(const struct head *head, const struct secret_patterns *ns)
{
	for (size_t i = 0; i < head->fields.n; i++) {
		if (secret_patterns_found(ns, head->fields.v[i].name) ||
		    secret_patterns_found(ns, head->fields.v[i].value))
			return true;
	}
	return false;
}

/*
 * Whether a head of any kind has the key.  The reason phrase is not searched:
 * clients get the registered one.
 */
static bool
key_is_reflected(const struct secret_set *set, const struct head *head)
{
	for (size_t i = 0; i < set->n; i++) {
		if (head_has(head, set->v[i]))
			return true;
	}
	return false;
}

/* Whether the key began at the end of the body and goes on in a trailer. */
static bool
key_goes_on(struct call *s, const struct secret_set *set,
    const struct head *trailers)
{
	for (size_t i = 0; i < trailers->fields.n; i++) {
		const struct field *f = &trailers->fields.v[i];

		if (reflection_goes_on(&s->reflection, set, f->name) ||
		    reflection_goes_on(&s->reflection, set, f->value))
			return true;
	}
	return false;
}

/* -- the request -- */

/*
 * The request is built from scratch: method, target, Host, the client's
 * end-to-end fields, and last of all the key.
 */
static void
send_head(struct call *s, struct codec *codec, stream_id id,
    bool end)
{
	struct caller *e = s->caller;
	const struct conf_key *key = &e->conf->keys[s->key];
	const struct credential_use use = {
		.route = s->of.route, .upstream = s->upstream, .key = key,
	};
	struct head head = {
		.kind = HEAD_REQUEST,
		.version = 11,
		.method = s->of.request->method,
		.target = s->of.request->target,
		.authority = text_of(s->upstream->authority),
		.framing = s->of.request->framing,
		.length = s->of.request->length,
	};
	size_t n;
	char *value = credential_value(key, s->of.arena, &n);

	fields_clear(&e->fields);
	credential_request_fields(s->of.request, &use, &e->fields);
	credential_add(key, (struct text){ .p = value, .n = n }, &e->fields);
	head.fields = e->fields;
	codec_send_head(codec, id, &head, end);
	fields_clear(&e->fields);
	explicit_bzero(value, n);
}

static bool
call_on_send(void *owner, struct codec *codec, stream_id id, bool end)
{
	struct call *s = owner;

	if (!call_keep_key(s))
		return false;
	/*
	 * The handshake verified this host; the key's sealed file must name it,
	 * too.
	 */
	if (!keyring_allows(&s->caller->keyring, s->key, s->upstream->host)) {
		attempt_fail(&s->attempt, FAULT_KEY_UNAVAILABLE,
		    "the key is not sealed for this host");
		return false;
	}
	s->sent = true;
	send_head(s, codec, id, end);
	if (s->upstream->foreign_use)
		call_count_sent(s);
	if (!s->of.probe)
		stats_count_use(s->caller->keyring.stats, s->key, s->asked);
	return true;
}

static void
call_on_room(void *owner)
{
	struct call *s = owner;

	s->of.events->room(s->of.owner);
}

/* -- the response -- */

/* A text of the response, as a line may show it. */
static struct text
kept(struct call *s, const struct secret_set *set, struct text t)
{
	return arena_text(s->of.arena, secret_set_touch(set, t) ?
	    TEXT(RECORD_WITHHELD) : t);
}

/* What names the request, and whether something tells of the quota. */
static void
note_fields(struct call *s, const struct secret_set *set,
    const struct head *head)
{
	const struct field *cloud = NULL, *other = NULL;
	bool quota = false;

	for (size_t i = 0; i < head->fields.n; i++) {
		const struct field *f = &head->fields.v[i];

		if (f->id == FIELD_X_CLOUD_REQUEST_ID && cloud == NULL)
			cloud = f;
		else if (f->id == FIELD_X_REQUEST_ID && other == NULL)
			other = f;
		else if (f->id == FIELD_X_RATELIMIT_REMAINING)
			quota = true;
	}
	if (cloud != NULL && cloud->value.n != 0)
		s->of.record->upstream_request_id = kept(s, set,
		    cloud->value);
	else if (other != NULL)
		s->of.record->upstream_request_id = kept(s, set,
		    other->value);
	if (quota)
		call_note_quota(s, head);
}

/* What it tells of the key, for all and for the line. */
static void
note_key(struct call *s, const struct secret_set *set,
    const struct head *head)
{
	struct keyring_expiry e = call_learn(s, head);
	struct record *r = s->of.record;

	r->expiry_told = e.result != EXPIRY_ABSENT;
	r->expiry_read = e.result == EXPIRY_READ;
	r->expires = e.seconds;
	/* Only a value that could not be read is shown as it came. */
	if (e.raw.n != 0)
		r->expires_raw = kept(s, set, e.raw);
}

/* Passes a head on with the fields that are for the client. */
static void
pass_head(struct call *s, const struct head *head, bool end)
{
	struct caller *e = s->caller;
	struct head out = *head;

	fields_clear(&e->fields);
	credential_response_fields(head, &e->fields);
	out.fields = e->fields;
	s->of.events->head(s->of.owner, &out, end);
}

static void
pass_body(struct call *s, struct text t, bool end)
{
	if (t.n != 0 || end)
		s->of.events->body(s->of.owner, (const uint8_t *)t.p, t.n, end);
}

/* The call may have been freed when it returns. */
static bool
refuse(struct call *s, const char *where)
{
	attempt_close(&s->attempt);
	s->of.events->fault(s->of.owner, FAULT_KEY_REFLECTED, where);
	return false;
}

/* What is learnt from the head of the response itself. */
static void
take_response(struct call *s, const struct secret_set *set,
    const struct head *head, bool end)
{
	struct blocks *blocks = loop_blocks(s->caller->loop);

	note_key(s, set, head);
	note_fields(s, set, head);
	if (head->status >= 400)
		call_note_refusal(s, overhear_head(&s->overhear, s->of.arena,
		    blocks, head, end));
	reflection_start(&s->reflection, blocks);
}

static bool
call_on_head(void *owner, const struct head *head, bool end)
{
	struct call *s = owner;
	const struct secret_set set = call_secrets(s);

	if (key_is_reflected(&set, head) ||
	    (head->kind == HEAD_TRAILERS && key_goes_on(s, &set, head)))
		return refuse(s, "in a field");
	if (head->kind == HEAD_RESPONSE)
		take_response(s, &set, head, end);
	if (head->kind == HEAD_TRAILERS) {
		call_note_refusal(s, overhear_end(&s->overhear));
		pass_body(s, reflection_rest(&s->reflection), false);
	}
	pass_head(s, head, end);
	return true;
}

static bool
call_on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct call *s = owner;
	const struct secret_set set = call_secrets(s);
	struct text first, second, rest;

	if (s->overhear.head != NULL)
		call_note_refusal(s, overhear_body(&s->overhear, p, n, end));
	if (!reflection_pass(&s->reflection, &set,
	    (struct text){ .p = (const char *)p, .n = n }, &first, &second))
		return refuse(s, "in the body");
	rest = end ? reflection_rest(&s->reflection) : TEXT("");
	pass_body(s, first, false);
	pass_body(s, second, end && rest.n == 0);
	if (rest.n != 0)
		pass_body(s, rest, true);
	return true;
}

static void
call_on_fault(void *owner, enum fault fault, const char *detail)
{
	struct call *s = owner;

	s->of.events->fault(s->of.owner, fault, detail);
}

static const struct attempt_events attempt_events = {
	.send = call_on_send,
	.head = call_on_head,
	.body = call_on_body,
	.wants_look = call_wants_look,
	.look = call_on_look,
	.room = call_on_room,
	.fault = call_on_fault,
};

/* -- calls -- */

/*
 * A body that is never sent again need not be kept; with the next key any may
 * be.
 */
static size_t
replay_limit(const struct conf *conf, const struct call_order *of)
{
	return of->route->n_keys > 1 ||
	    method_is_idempotent(of->request->method) ? conf->limits.replay :
	    0;
}

struct call *
call_open(struct caller *e, const struct call_order *of)
{
	const struct conf_route *route = of->route;
	struct call *s = blocks_take(e->calls);

	*s = (struct call){
		.caller = e,
		.of = *of,
		.upstream = &e->conf->upstreams[route->upstream],
		.key = CONF_NONE,
		.tried = CONF_NONE,
	};
	LIST_PUSH(e->open, s);
	attempt_init(&s->attempt, &(struct attempt_of){
		.loop = e->loop,
		.upstream = s->upstream,
		.request = of->request,
		.replay = replay_limit(e->conf, of),
		.alone = of->probe,
		.record = of->record,
		.arena = of->arena,
		.events = &attempt_events,
		.owner = s,
	});
	s->asked = clock_wall() / NS_PER_S;
	call_choose_key(s);
	return s;
}

size_t
call_room(const struct call *s)
{
	return attempt_room(&s->attempt);
}

void
call_body(struct call *s, const uint8_t *p, size_t n, bool end)
{
	attempt_body(&s->attempt, p, n, end);
}

enum refusal
call_refusal(const struct call *s)
{
	return s->refusal;
}

void
call_credit(struct call *s, size_t n)
{
	attempt_credit(&s->attempt, n);
}

void
call_close(struct call **call)
{
	struct call *s = *call;

	if (s == NULL)
		return;
	*call = NULL;
	if (s->counted != 0)
		call_count_ended(s);
	if (call_awaits_quota(s))
		call_leave_quota(s);
	attempt_close(&s->attempt);
	if (s->overhear.head != NULL)
		call_note_refusal(s, overhear_end(&s->overhear));
	call_leave_key(s);
	reflection_release(&s->reflection);
	LIST_REMOVE(s);
	blocks_give(s->caller->calls, s);
}

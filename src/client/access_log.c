/*
 * The access line as JSON and as text; see access_log.h.  It is put together
 * from constant pieces: no printf, no allocation but the buffer's.  What it
 * tells is decided in access_facts.c.
 */
#include "client/access_log.h"

#include "base/json.h"
#include "client/access_facts.h"

#define PUT(out, literal) \
	buf_append((out), "" literal, sizeof(literal) - 1)

/* ,"name":"value", where there is a value; name brings its punctuation. */
#define PUT_TEXT(out, name, value)					\
	do {								\
		if ((value).n != 0)					\
			json_put(out, TEXT(",\"" name "\":\""), value);	\
	} while (0)

#define PUT_STR(out, name, value)					\
	do {								\
		if ((value) != NULL)					\
			json_put(out, TEXT(",\"" name "\":\""),		\
			    text_of(value));				\
	} while (0)

/* -- as JSON -- */

/* "GET 421 no_route: detail" */
static void
put_message(const struct access_facts *f, struct buf *out)
{
	if (f->method.n != 0)
		json_escape(out, f->method);
	else
		PUT(out, "-");
	PUT(out, " ");
	if (f->status != 0)
		buf_append_u64(out, f->status);
	else
		PUT(out, "-");
	if (f->fault == NULL)
		return;
	PUT(out, " ");
	buf_append_text(out, text_of(f->fault));
	if (f->detail.n == 0)
		return;
	PUT(out, ": ");
	json_escape(out, f->detail);
}

static void
put_event(const struct access_facts *f, struct buf *out)
{
	PUT(out, "{\"@timestamp\":\"");
	buf_append_text(out, text_of(f->when));
	if (f->level == LOG_LEVEL_INFO)
		PUT(out, "\",\"log.level\":\"info\",\"message\":\"");
	else
		PUT(out, "\",\"log.level\":\"warn\",\"message\":\"");
	put_message(f, out);
	PUT(out, "\",\"ecs.version\":\"8.11.0\","
	    "\"service\":{\"name\":\"sallyport\"},\"event\":{"
	    "\"kind\":\"event\",\"category\":[\"web\"],"
	    "\"type\":[\"access\"],\"dataset\":\"sallyport.access\","
	    "\"duration\":");
	buf_append_u64(out, f->duration_ns);
	PUT(out, ",\"outcome\":\"");
	buf_append_text(out, f->outcome);
	PUT(out, "\"");
	PUT_TEXT(out, "reason", f->reason);
	PUT(out, "}");
}

static void
put_http(const struct access_facts *f, struct buf *out)
{
	PUT(out, ",\"http\":{\"request\":{\"body\":{\"bytes\":");
	buf_append_u64(out, f->request_bytes);
	PUT(out, "}");
	PUT_TEXT(out, "method", f->method);
	PUT_TEXT(out, "id", f->id);
	PUT(out, "}");
	if (f->status != 0) {
		PUT(out, ",\"response\":{\"status_code\":");
		buf_append_u64(out, f->status);
		PUT(out, ",\"body\":{\"bytes\":");
		buf_append_u64(out, f->response_bytes);
		PUT(out, "}}");
	}
	PUT_TEXT(out, "version", f->version);
	PUT(out, "}");
}

static void
put_url(const struct access_facts *f, struct buf *out)
{
	if (f->path.n == 0)
		return;
	json_put(out, TEXT(",\"url\":{\"path\":\""), f->path);
	PUT_TEXT(out, "query", f->query);
	PUT(out, "}");
}

static void
put_client(const struct access_facts *f, struct buf *out)
{
	if (f->uid.n != 0) {
		json_put(out, TEXT(",\"client\":{\"user\":{\"id\":\""), f->uid);
		PUT_TEXT(out, "name", f->user_name);
		PUT(out, "}}");
	} else if (f->ip.n != 0) {
		json_put(out, TEXT(",\"client\":{\"ip\":\""), f->ip);
		PUT(out, ",\"port\":");
		buf_append_u64(out, f->port);
		if (f->user_name.n != 0) {
			json_put(out, TEXT(",\"user\":{\"name\":\""),
			    f->user_name);
			PUT(out, "}");
		}
		PUT(out, "}");
	}
}

/* The client's certificate. */
static void
put_tls(const struct access_facts *f, struct buf *out)
{
	if (f->certificate.n == 0)
		return;
	json_put(out, TEXT(",\"tls\":{\"client\":{\"hash\":{\"sha256\":\""),
	    f->certificate);
	PUT(out, "}");
	PUT_TEXT(out, "subject", f->subject);
	PUT_TEXT(out, "issuer", f->issuer);
	PUT(out, "}}");
}

static void
put_user_agent(const struct access_facts *f, struct buf *out)
{
	if (f->user_agent.n == 0)
		return;
	json_put(out, TEXT(",\"user_agent\":{\"original\":\""),
	    f->user_agent);
	PUT(out, "}");
}

/* As ECS has them: beside each other, and the span is none of ours. */
static void
put_trace(const struct access_facts *f, struct buf *out)
{
	if (f->trace_id.n == 0)
		return;
	json_put(out, TEXT(",\"trace\":{\"id\":\""), f->trace_id);
	json_put(out, TEXT("},\"span\":{\"id\":\""), f->span_id);
	PUT(out, "}");
}

static void
put_sallyport(const struct access_facts *f, struct buf *out)
{
	PUT(out, ",\"sallyport\":{\"attempts\":");
	buf_append_u64(out, f->attempts);
	PUT_STR(out, "listener", f->listener);
	PUT_STR(out, "route", f->route);
	PUT_STR(out, "key", f->key);
	PUT_STR(out, "upstream", f->upstream);
	PUT_STR(out, "fault", f->fault);
	if (f->attempts != 0 && f->reused)
		PUT(out, ",\"reused\":true");
	else if (f->attempts != 0)
		PUT(out, ",\"reused\":false");
	if (f->answered) {
		PUT(out, ",\"upstream_ns\":");
		buf_append_u64(out, f->upstream_ns);
	}
	PUT_TEXT(out, "upstream_request_id", f->upstream_request_id);
	PUT_TEXT(out, "key_expires_raw", f->key_expires_raw);
	PUT_TEXT(out, "key_expires", f->key_expires);
	PUT_STR(out, "refused_key", f->refused_key);
	PUT_STR(out, "diagnosis", f->diagnosis);
	if (f->trace_made)
		PUT(out, ",\"trace_made\":true");
	PUT_STR(out, "trace_dropped", f->trace_dropped);
	PUT(out, "}");
}

static void
put_json(const struct access_facts *f, struct buf *out)
{
	put_event(f, out);
	put_http(f, out);
	put_url(f, out);
	put_client(f, out);
	put_tls(f, out);
	put_user_agent(f, out);
	put_trace(f, out);
	put_sallyport(f, out);
	PUT(out, "}");
}

/* -- as text, for people: what they look for first -- */

/* "GET /api/v1/deployments?size=1" */
static void
write_request(const struct access_facts *f, struct buf *out)
{
	log_escape(out, f->method.n != 0 ? f->method : TEXT("-"));
	PUT(out, " ");
	log_escape(out, f->path.n != 0 ? f->path : TEXT("-"));
	if (f->query.n == 0)
		return;
	PUT(out, "?");
	log_escape(out, f->query);
}

/* "502 upstream_unreachable: upstream x cannot be reached; " */
static void
write_result(const struct access_facts *f, struct buf *out)
{
	if (f->status != 0)
		buf_append_u64(out, f->status);
	else
		PUT(out, "-");
	if (f->fault != NULL) {
		PUT(out, " ");
		buf_append_text(out, text_of(f->fault));
		PUT(out, ": ");
		log_escape(out, f->reason);
	}
	PUT(out, "; ");
}

/* "955 bytes in 5.042 ms" */
static void
write_size(const struct access_facts *f, struct buf *out)
{
	uint64_t us = f->duration_ns / 1000;
	char part[] = ".000";

	buf_append_u64(out, f->response_bytes);
	PUT(out, " bytes in ");
	buf_append_u64(out, us / 1000);
	for (size_t i = 3; i > 0; i--, us /= 10)
		part[i] = (char)('0' + us % 10);
	buf_append(out, part, sizeof(part) - 1);
	PUT(out, " ms");
}

/* "; client 127.0.0.1:50123", "; user build"; both by certificate */
static void
write_client(const struct access_facts *f, struct buf *out)
{
	if (f->uid.n != 0) {
		PUT(out, "; user ");
		log_escape(out, f->user_name.n != 0 ? f->user_name : f->uid);
	} else if (f->ip.n != 0) {
		PUT(out, "; client ");
		buf_append_text(out, f->ip);
		PUT(out, " port ");
		buf_append_u64(out, f->port);
		if (f->user_name.n != 0) {
			PUT(out, "; user ");
			log_escape(out, f->user_name);
		}
	}
}

static void
write_name(struct text what, const char *name, struct buf *out)
{
	if (name == NULL)
		return;
	PUT(out, "; ");
	buf_append_text(out, what);
	PUT(out, " ");
	log_escape(out, text_of(name));
}

/* "; refused with key a; the key was revoked" */
static void
write_diagnosis(const struct access_facts *f, struct buf *out)
{
	write_name(TEXT("refused with key"), f->refused_key, out);
	if (f->diagnosis == NULL)
		return;
	PUT(out, "; ");
	log_escape(out, text_of(f->diagnosis));
}

static void
put_text(const struct access_facts *f, struct buf *out)
{
	log_text_begin(out, f->when, f->level);
	write_request(f, out);
	PUT(out, " ");
	write_result(f, out);
	write_size(f, out);
	write_client(f, out);
	write_name(TEXT("listener"), f->listener, out);
	write_name(TEXT("route"), f->route, out);
	write_name(TEXT("key"), f->key, out);
	write_name(TEXT("upstream"), f->upstream, out);
	write_diagnosis(f, out);
}

void
access_log_format(const struct record *r, enum log_format format,
    bool with_query, struct buf *out)
{
	struct access_facts f;

	access_facts_read(&f, r, with_query);
	switch (format) {
	case LOG_FORMAT_JSON:
		put_json(&f, out);
		break;
	case LOG_FORMAT_TEXT:
		put_text(&f, out);
		break;
	}
	access_facts_release(&f);
}

/*
 * The expected results of requests; see request.h.
 */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "history.h"
#include "request.h"
#include "way.h"

static void
refused(struct request *r, const char *code, unsigned status)
{
	r->fault = code;
	r->fault_status = status;
}

static const struct way *
way_of(const struct request *r)
{
	return client_way(client_wire(r->client));
}

/* Whether it must be refused before there is a route. */
static bool
expect_refusal(struct request *r, const struct setting *s)
{
	uint64_t most = s->conf.limits.body;

	if (way_of(r)->is_plain || r->kind == KIND_MALFORMED)
		refused(r, "bad_request", 400);
	else if (r->kind == KIND_HUGE)
		refused(r, "head_too_large", 431);
	else if (r->kind == KIND_LONG)
		refused(r, "target_too_long", 414);
	else if (r->stranger && s->users_are_listed)
		refused(r, "client_refused", 421);
	else if (setting_refuses_certificate(s, r->listener,
	    way_of(r)->certificate))
		refused(r, "client_refused", 421);
	else if (r->kind == KIND_TRACE ||
	    (r->kind == KIND_WEBSOCKET && !r->old))
		refused(r, "bad_request", 400);
	else if (r->kind == KIND_HOST)
		refused(r, "host_refused", 421);
	else if (r->kind == KIND_BROWSER)
		refused(r, "browser_refused", 421);
	else if (most != 0 && !r->chunked && r->body_n > most)
		refused(r, "body_too_large", 413);
	return r->fault != NULL;
}

static void
expect_target(struct request *r)
{
	const char *rest = r->path;

	if (r->route->strip) {
		rest += strlen(r->route->path);
		(void)snprintf(r->target, sizeof(r->target), "%s%s",
		    *rest == '/' ? "" : "/", rest);
	} else {
		(void)snprintf(r->target, sizeof(r->target), "%s", rest);
	}
}

static void
expect_route(struct request *r, const struct setting *s)
{
	const struct asked asked = {
		.listener = r->listener, .method = r->method,
		.path = r->path, .token = r->token,
		.certificate = way_of(r)->certificate,
	};

	r->route = setting_route(s, &asked);
	if (r->route == NULL) {
		refused(r, "no_route", 421);
		return;
	}
	expect_target(r);
	if (strstr(r->path, "/_security/api_key") != NULL &&
	    !r->route->allow_minting) {
		refused(r, "minting_refused", 421);
		return;
	}
	r->cookie_passes = r->route->pass.n != 0;
}

void
request_expect(struct request *r, const struct setting *s)
{
	if (!expect_refusal(r, s))
		expect_route(r, s);
	history("request %u: shall %s", r->number,
	    r->fault != NULL ? r->fault : "pass");
}

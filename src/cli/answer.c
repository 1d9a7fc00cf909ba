/*
 * Answers of `explain`; see answer.h.  Judges nothing.
 */
#include "cli/answer.h"

#include <string.h>

#include "cli/limits.h"
#include "cli/passed.h"
#include "cli/say.h"
#include "policy/fault.h"
#include "policy/readings.h"
#include "policy/route.h"

/* The conditions of a route, by the option that sets them. */
static const struct {
	const char *option, *text;
} conditions[] = {
	{ "listener", "it came to another listener" },
	{ "host", "its Host is another than 'host'" },
	{ "path", "its path does not begin with 'path'" },
	{ "methods", "its method is none of 'methods'" },
	{ "users", "its user is none of 'users' and in none of 'groups'" },
	{ "groups", "its user is in none of 'groups'" },
	{ "from", "its client's address is in none of 'from'" },
	{ "certificate", "no name in its certificate is among "
	    "'certificate'" },
	{ "client_key", "it does not present 'client_key'" },
};

static const char *
condition_text(const char *option)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		if (strcmp(conditions[i].option, option) == 0)
			return conditions[i].text;
	}
	return option;
}

/* Calls each for every route that does not serve this request. */
static void
each_unmet(struct question *q, void (*each)(void *ctx, const char *route,
    const char *option), void *ctx)
{
	struct readings readings;

	if (q->verdict.fault != FAULT_NO_ROUTE)
		return;
	readings_init(&readings, q->head->target, &q->arena);
	for (size_t i = 0; i < q->conf->n_routes; i++) {
		const struct conf_route *r = &q->conf->routes[i];

		each(ctx, r->name, route_unmet(q->conf, q->listener, &q->who,
		    q->head, &readings, r));
	}
}

static void
append_message(const struct question *q, struct buf *out)
{
	const struct verdict *v = &q->verdict;

	fault_message(v->fault, v->route != NULL ? v->route->name : NULL,
	    v->detail, out);
}

/* -- for people -- */

static void
print_unmet(void *ctx, const char *route, const char *option)
{
	(void)ctx;
	say("  not route %s: %s\n", route, condition_text(option));
}

static void
print_refusal(struct question *q)
{
	struct buf message;

	buf_init(&message, NULL);
	append_message(q, &message);
	say("refused: %s: %.*s\n", fault_code(q->verdict.fault),
	    TEXT_ARG(buf_text(&message)));
	buf_release(&message);
	each_unmet(q, print_unmet, NULL);
}

static void
print_proxy(const struct question *q)
{
	const struct conf_proxy *p =
	    &q->conf->upstreams[q->verdict.route->upstream].proxy;

	if (p->host == NULL)
		return;
	say("proxy: %s", p->url);
	if (p->key != CONF_NONE)
		say(", which is sent key %s", q->conf->keys[p->key].name);
	say("\n");
}

void
answer_print(struct question *q)
{
	const struct verdict *v = &q->verdict;

	say("listener: %s\n", q->conf->listeners[q->listener].name);
	if (q->who.certificate != NULL && principal_name(&q->who) != NULL)
		say("client: %s\n", principal_name(&q->who));
	if (v->route != NULL)
		say("route: %s\nupstream: %s\n", v->route->name,
		    q->conf->upstreams[v->route->upstream].name);
	if (v->route != NULL)
		print_proxy(q);
	if (v->route != NULL && v->route->pass.n != 0) {
		say("passes: ");
		passed_print(&v->route->pass);
		say("\n");
	}
	if (v->route != NULL && v->route->trace)
		say("trace: one of our own, unless the client brings one\n");
	if (v->route != NULL)
		limits_print(v->route);
	if (v->fault != FAULT_NONE)
		print_refusal(q);
	else
		say("key: %s\ntarget: %.*s\n",
		    q->conf->keys[q->key].name, TEXT_ARG(v->target));
}

/* -- for programs -- */

static void
write_unmet(void *ctx, const char *route, const char *option)
{
	struct json *j = ctx;

	json_object(j, NULL);
	json_str(j, "route", route);
	json_str(j, "option", option);
	json_object_end(j);
}

static void
write_fault(struct question *q, struct json *j)
{
	struct buf message;

	if (q->verdict.fault == FAULT_NONE) {
		json_null(j, "fault");
		json_null(j, "status");
		json_null(j, "message");
	} else {
		buf_init(&message, NULL);
		append_message(q, &message);
		json_str(j, "fault", fault_code(q->verdict.fault));
		json_u64(j, "status", fault_status(q->verdict.fault));
		json_text(j, "message", buf_text(&message));
		buf_release(&message);
	}
	json_array(j, "unmet");
	each_unmet(q, write_unmet, j);
	json_array_end(j);
}

static void
write_proxy(const struct question *q, struct json *j)
{
	const struct conf_proxy none = { .key = CONF_NONE }, *p = &none;

	if (q->verdict.route != NULL)
		p = &q->conf->upstreams[q->verdict.route->upstream].proxy;
	json_str_or_null(j, "proxy", p->host != NULL ? p->url : NULL);
	json_str_or_null(j, "proxy_key", p->host != NULL &&
	    p->key != CONF_NONE ? q->conf->keys[p->key].name : NULL);
}

void
answer_write(struct question *q, struct json *j)
{
	const struct conf *c = q->conf;
	const struct verdict *v = &q->verdict;
	const struct conf_route *r = v->route;
	const struct conf_passed none = { .n = 0 };

	json_str_or_null(j, "listener", q->listener != CONF_NONE ?
	    c->listeners[q->listener].name : NULL);
	json_str_or_null(j, "client", q->who.certificate != NULL ?
	    principal_name(&q->who) : NULL);
	json_str_or_null(j, "route", r != NULL ? r->name : NULL);
	json_str_or_null(j, "upstream", r != NULL ?
	    c->upstreams[r->upstream].name : NULL);
	write_proxy(q, j);
	json_str_or_null(j, "key", q->key != CONF_NONE ?
	    c->keys[q->key].name : NULL);
	if (q->key != CONF_NONE)
		json_text(j, "target", v->target);
	else
		json_null(j, "target");
	passed_write(r != NULL ? &r->pass : &none, j, "passes");
	json_bool(j, "trace", r != NULL && r->trace);
	limits_write(r, j);
	write_fault(q, j);
}

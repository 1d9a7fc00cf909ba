/*
 * Requests of admin listeners; see admin_handler.h.
 *
 * They are judged as on any listener, as far as that is about client and head.
 * What they get is said when all of the request came.
 */
#include "daemon/admin_handler.h"

#include "client/exchange.h"
#include "pages/admin_answer.h"
#include "policy/judge.h"
#include "policy/target.h"

/* A path that is read. */
struct path {
	const char *path;
	void (*page)(const struct admin_facts *, struct admin_page *);
};

static const struct path paths[] = {
	{ .path = "/", .page = admin_page_people },
	{ .path = "/healthz", .page = admin_page_healthz },
	{ .path = "/readyz", .page = admin_page_readyz },
	{ .path = "/metrics", .page = admin_page_metrics },
	{ .path = "/status", .page = admin_page_status },
};

/* What it keeps for an exchange, in the exchange's arena. */
struct asking {
	struct admin_handler *admin;
	const struct path *path;	/* NULL: it changes something */
	struct text query;		/* of its target */
	struct admin_command command;
};

static const struct path *
find_path(struct text path)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (text_eq(path, text_of(paths[i].path)))
			return &paths[i];
	}
	return NULL;
}

/* -- what may be asked -- */

static bool
refuse(struct exchange *x, enum fault fault, const char *detail)
{
	exchange_fault(x, fault, detail);
	return false;
}

/* The client and the head, as on any listener. */
static bool
is_admitted(const struct admin_handler *a, struct exchange *x)
{
	const struct head *head = x->request;
	const char *detail;
	enum fault fault;

	if (a->env->phase == ENV_STOPPING)
		return refuse(x, FAULT_DRAINING, NULL);
	fault = judge_admits(x->client->terms->listener, x->client->principal,
	    head, &x->arena, &detail);
	if (fault != FAULT_NONE)
		return refuse(x, fault, detail);
	if (head->framing == BODY_LENGTH && head->length > ADMIN_BODY)
		return refuse(x, FAULT_BODY_TOO_LARGE, NULL);
	detail = target_refusal(head->target, &x->arena);
	return detail == NULL || refuse(x, FAULT_BAD_REQUEST, detail);
}

/* It is one that is read, or else a command. */
static bool
method_is_served(struct exchange *x, const struct path *path, bool command)
{
	struct text method = x->request->method;
	bool reads = text_eq(method, TEXT("GET")) ||
	    text_eq(method, TEXT("HEAD"));
	bool changes = text_eq(method, TEXT("POST"));

	if (changes && !x->client->principal->has_user)
		return refuse(x, FAULT_CLIENT_REFUSED, "a POST needs a Unix "
		    "socket: who connects over TCP is not known");
	if (path == NULL && !command)
		return refuse(x, FAULT_NO_ROUTE, "there is GET /, /healthz, "
		    "/readyz, /metrics, /status, and POST /reload, "
		    "/keys/NAME/disable, /keys/NAME/enable, "
		    "/keys/NAME/promote");
	if (command ? changes : reads)
		return true;
	admin_answer_method(x, command ? "POST" : "GET, HEAD");
	return false;
}

/* -- what it gets -- */

static void
send_page(const struct asking *k, struct exchange *x)
{
	struct admin_page page = { .status = 200, .query = k->query };

	buf_init(&page.body, NULL);
	buf_init(&page.policy, NULL);
	k->path->page(k->admin->facts, &page);
	admin_answer_page(x, &page);
	buf_release(&page.policy);
	buf_release(&page.body);
}

static void
act(struct asking *k, struct exchange *x)
{
	if (k->path != NULL)
		send_page(k, x);
	else
		admin_waiters_ask(k->admin->waiters, &k->command, x);
}

/* A body is read and dropped, if it is small. */
static void
take_body(struct exchange *x)
{
	static const struct head go_on = {
		.kind = HEAD_INTERIM, .version = 11, .status = 100,
	};

	if (x->awaits_continue)
		exchange_send_head(x, &go_on, false);
	exchange_credit(x, ADMIN_BODY + 1);
}

/* -- the handler -- */

static void
admin_on_begin(void *owner, struct exchange *x)
{
	struct admin_handler *a = owner;
	struct text target = x->request->target, where;
	const struct path *path;
	struct admin_command command;
	struct asking *k;

	if (!is_admitted(a, x))
		return;
	(void)text_split(&target, '?', &where);
	path = find_path(where);
	if (!method_is_served(x, path, admin_command_of(where, &x->arena,
	    &command)))
		return;
	k = arena_zalloc(&x->arena, sizeof(*k));
	k->admin = a;
	k->path = path;
	k->query = arena_text(&x->arena, target);
	k->command = command;
	x->work = k;
	exchange_set_state(x, EXCHANGE_OPEN);
	if (x->request_ended)
		act(k, x);
	else
		take_body(x);
}

static void
admin_on_body(struct exchange *x, const uint8_t *p, size_t n, bool end)
{
	(void)p;
	(void)n;
	if (end)
		act(x->work, x);
}

/* What is said to a client is handed over at once. */
static void
admin_on_room(struct exchange *x)
{
	(void)x;
}

static void
admin_on_closed(struct exchange *x)
{
	const struct asking *k = x->work;

	admin_waiters_forget(k->admin->waiters, x);
}

void
admin_handler_init(struct admin_handler *a, struct env *env,
    const struct admin_facts *facts, struct admin_waiters *waiters)
{
	*a = (struct admin_handler){
		.handler = {
			.owner = a,
			.begin = admin_on_begin,
			.body = admin_on_body,
			.room = admin_on_room,
			.closed = admin_on_closed,
		},
		.env = env,
		.facts = facts,
		.waiters = waiters,
	};
}

/*
 * Requests of admin listeners; see admin_handler.h.
 *
 * They take turns.  They are judged as on any listener, as far as that is about
 * client and head.  What they get is said when all of the request came, and not
 * before the client has read what it got last: who asks for many pages and
 * reads none costs one.  An order is passed on without waiting for that.
 */
#include "daemon/admin_handler.h"

#include "client/exchange.h"
#include "pages/admin_answer.h"
#include "policy/judge.h"
#include "policy/target.h"

/* What it keeps for an exchange, in the exchange's arena. */
struct asking {
	struct admin_turn turn;		/* first, see asking_of() */
	struct admin_handler *admin;
	struct exchange *exchange;
	const struct admin_path *path;	/* NULL: it changes something */
	struct text query;		/* of its target */
	struct admin_command command;
	bool is_command;
	bool urgent;
	bool admitted;			/* and its body is read */
	uint64_t ticket;		/* for its page */
	int64_t since;			/* it waits, by the loop's clock */
};

static struct asking *
asking_of(struct admin_turn *turn)
{
	return (struct asking *)turn;
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
method_is_served(const struct asking *k)
{
	struct exchange *x = k->exchange;
	struct text method = x->request->method;
	bool reads = text_eq(method, TEXT("GET")) ||
	    text_eq(method, TEXT("HEAD"));
	bool changes = text_eq(method, TEXT("POST"));

	if (changes && !x->client->principal->has_user)
		return refuse(x, FAULT_CLIENT_REFUSED, "a POST needs a Unix "
		    "socket: who connects over TCP is not known");
	if (k->path == NULL && !k->is_command)
		return refuse(x, FAULT_NO_ROUTE, "there is GET /, /healthz, "
		    "/readyz, /metrics, /status, and POST /reload, "
		    "/keys/NAME/disable, /keys/NAME/enable, "
		    "/keys/NAME/promote");
	if (k->is_command ? changes : reads)
		return true;
	admin_answer_method(x, k->is_command ? "POST" : "GET, HEAD");
	return false;
}

/* -- what it gets -- */

static enum admin_turn_end
act(struct asking *k)
{
	struct admin_handler *a = k->admin;
	const struct admin_page *page;

	if (k->path == NULL) {
		exchange_set_state(k->exchange, EXCHANGE_OPEN);
		admin_waiters_ask(a->waiters, &k->command, k->exchange);
		return ADMIN_TURN_TAKEN;
	}
	page = admin_pages_page(&a->pages, k->path, k->query, k->ticket,
	    &a->may_make);
	if (page == NULL)
		return ADMIN_TURN_LEFT;
	admin_answer_page(k->exchange, page);
	return ADMIN_TURN_TAKEN;
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

/* -- turns -- */

/* An order to disable a key, by somebody who may give one. */
static bool
is_urgent(const struct asking *k)
{
	struct exchange *x = k->exchange;
	const struct exchange_client *client = x->client;
	const char *detail;

	return k->is_command && admin_command_is_urgent(&k->command) &&
	    text_eq(x->request->method, TEXT("POST")) &&
	    client->principal->has_user &&
	    judge_admits(client->terms->listener, client->principal,
	    x->request, &x->arena, &detail) == FAULT_NONE;
}

static void
await_turn(struct asking *k)
{
	struct admin_handler *a = k->admin;

	k->ticket = admin_pages_ticket(&a->pages);
	k->since = loop_now(a->env->loop);
	admin_turns_wait(&a->turns, &k->turn, k->urgent);
}

/* It has to read first, and has as long as for a response that is sent. */
static enum admin_turn_end
await_reading(struct asking *k)
{
	const struct env *env = k->admin->env;

	if (loop_now(env->loop) - k->since <
	    env->conf->timeouts.send * NS_PER_MS)
		return ADMIN_TURN_LEFT;
	exchange_fault(k->exchange, FAULT_CLIENT_STALLED, NULL);
	return ADMIN_TURN_TAKEN;
}

static enum admin_turn_end
admin_on_turn(void *owner, struct admin_turn *turn)
{
	struct asking *k = asking_of(turn);
	struct exchange *x = k->exchange;

	if (!k->urgent && !exchange_is_read(x))
		return await_reading(k);
	if (!k->admitted && (!is_admitted(owner, x) || !method_is_served(k)))
		return ADMIN_TURN_TAKEN;
	k->admitted = true;
	if (x->request_ended)
		return act(k);
	take_body(x);
	return ADMIN_TURN_TAKEN;
}

static void
admin_on_turns(void *owner)
{
	((struct admin_handler *)owner)->may_make = true;
}

static void
admin_on_rest(void *owner)
{
	admin_pages_forget(&((struct admin_handler *)owner)->pages);
}

/* -- the handler -- */

static void
admin_on_begin(void *owner, struct exchange *x)
{
	struct text target = x->request->target, where;
	struct asking *k = arena_zalloc(&x->arena, sizeof(*k));

	(void)text_split(&target, '?', &where);
	k->admin = owner;
	k->exchange = x;
	k->path = admin_path_find(where);
	k->query = arena_text(&x->arena, target);
	k->is_command = admin_command_of(where, &x->arena, &k->command);
	k->urgent = is_urgent(k);
	x->work = k;
	await_turn(k);
}

/* Where it ends before its turn has come, that is seen then. */
static void
admin_on_body(struct exchange *x, const uint8_t *p, size_t n, bool end)
{
	struct asking *k = x->work;

	(void)p;
	(void)n;
	if (end && k->admitted)
		await_turn(k);
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
	struct asking *k = x->work;

	admin_turns_leave(&k->turn);
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
		.waiters = waiters,
		.may_make = true,
	};
	admin_pages_init(&a->pages, facts);
	admin_turns_init(&a->turns, env->loop, admin_on_turn, admin_on_turns,
	    admin_on_rest, a);
}

void
admin_handler_end(struct admin_handler *a)
{
	admin_turns_end(&a->turns);
	admin_pages_forget(&a->pages);
}

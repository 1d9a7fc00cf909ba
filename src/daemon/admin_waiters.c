/*
 * Waiting for results; see admin_waiters.h.
 */
#include "daemon/admin_waiters.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/list.h"
#include "base/log.h"
#include "client/users.h"
#include "daemon/control_channel.h"
#include "pages/admin_answer.h"
#include "pages/admin_page.h"
#include "pages/packed.h"

#define BLOCK		4096

/* The errors of a large configuration. */
#define RESULT_MOST	((size_t)16 * 1024 * 1024)

/* A command that the parent has. */
struct admin_waiter {
	struct admin_waiter *next, **prev;
	struct admin_waiters *all;
	struct exchange *exchange;	/* NULL: the client is gone */
	uint64_t id;
	bool order, urgent;		/* about a key; see admin_command.h */
	bool ours;			/* see client/env.h */
	uid_t who;
	struct timer deadline;
};

/* Orders about keys are logged when they are followed. */
static void
log_asker(const struct exchange *x)
{
	const struct principal *who = x->client->principal;
	char *user = users_text(who->uid, who->user_name);

	log_info("a reload was asked for by %s", user);
	free(user);
}

static void
answer_late(struct exchange *x, bool order)
{
	if (order)
		admin_answer_error(x, 504, "sallyport.key_timeout", "it is "
		    "not known yet what became of it: the state of the key is "
		    "told by GET /status, or 'sallyport status'");
	else
		admin_answer_error(x, 504, "sallyport.reload_timeout", "it is "
		    "not known yet what became of the reload: the last one is "
		    "told by GET /status, or 'sallyport status'");
}

/* -- places -- */

static bool
is_ours(const struct exchange *x)
{
	const struct exchange_client *client = x->client;

	return env_is_ours(client->terms->env, client->principal->uid);
}

static bool
has_urgent_room(const struct admin_waiters *r, uid_t who, bool by_us)
{
	size_t ours = 0, others, own = 0;

	for (const struct admin_waiter *w = r->list; w != NULL; w = w->next) {
		own += w->urgent && w->who == who;
		ours += w->urgent && w->ours;
	}
	if (by_us)
		return ours < ADMIN_WAITERS;
	others = r->n_urgent - ours;
	return others + own < (own != 0 ? 1 : 2) * (size_t)ADMIN_WAITERS;
}

static bool
has_room(const struct admin_waiters *r, const struct admin_message *m,
    bool by_us)
{
	if (admin_command_is_urgent(&m->command))
		return has_urgent_room(r, m->who, by_us);
	return r->n - r->n_urgent < ADMIN_WAITERS;
}

static void
leave(struct admin_waiter *w)
{
	struct admin_waiters *r = w->all;

	timer_end(&w->deadline);
	LIST_REMOVE(w);
	r->n--;
	if (w->urgent)
		r->n_urgent--;
	free(w);
}

/* What became of it is still told by status. */
static void
waiters_on_late(void *owner)
{
	struct admin_waiter *w = owner;
	struct exchange *x = w->exchange;
	bool order = w->order;

	leave(w);
	if (x != NULL)
		answer_late(x, order);
}

static void
wait_for_result(struct admin_waiters *r, const struct admin_message *m,
    struct exchange *x)
{
	const struct admin_command *c = &m->command;
	struct admin_waiter *w = xcalloc(1, sizeof(*w));

	w->all = r;
	w->exchange = x;
	w->id = ++r->n_ever;
	w->order = c->key != NULL;
	w->urgent = admin_command_is_urgent(c);
	w->who = m->who;
	w->ours = is_ours(x);
	LIST_PUSH(r->list, w);
	r->n++;
	if (w->urgent)
		r->n_urgent++;
	timer_init(&w->deadline, x->client->terms->env->loop, waiters_on_late,
	    w);
	timer_set(&w->deadline, w->order ? ADMIN_ORDER_MS : ADMIN_RELOAD_MS);
}

static void
answer_unknown(struct exchange *x, const char *key)
{
	char *text = xasprintf("there is no key %s", key);

	admin_answer_error(x, 421, "sallyport.key_unknown", text);
	free(text);
}

void
admin_waiters_ask(struct admin_waiters *r, const struct admin_command *c,
    struct exchange *x)
{
	const struct admin_message m = {
		.its = r->n_ever + 1,
		.who = x->client->principal->uid,
		.command = *c,
	};
	char text[CONTROL_TEXT];

	if (!admin_message_write(&m, text, sizeof(text))) {
		answer_unknown(x, c->key);
		return;
	}
	if (!has_room(r, &m, is_ours(x)) || r->control == -1 ||
	    !control_send(r->control, CONTROL_COMMAND, -1, text)) {
		exchange_fault(x, FAULT_OVERLOADED, r->control == -1 ?
		    "the daemon stops" : "too many wait for an answer");
		return;
	}
	if (c->key == NULL)
		log_asker(x);
	wait_for_result(r, &m, x);
}

void
admin_waiters_forget(struct admin_waiters *r, const struct exchange *x)
{
	for (struct admin_waiter *w = r->list; w != NULL; w = w->next) {
		if (w->exchange == x)
			w->exchange = NULL;
	}
}

/* -- results -- */

/* What the parent said. */
struct result {
	uint64_t id;
	enum admin_outcome outcome;
	const char *text;	/* of a reload: the errors, or warnings; may be
				   empty */
};

static void
answer_good(struct exchange *x, const char *member, const char *text)
{
	struct buf body;
	struct json j;

	buf_init(&body, NULL);
	json_start(&j, &body);
	json_object(&j, NULL);
	json_str(&j, "result", "success");
	json_str_or_null(&j, member, *text != '\0' ? text : NULL);
	json_object_end(&j);
	buf_append_text(&body, TEXT("\n"));
	admin_answer(x, 200, ADMIN_JSON, buf_text(&body));
	buf_release(&body);
}

static void
answer_reload(struct exchange *x, const struct result *result)
{
	if (result->outcome == ADMIN_DONE)
		answer_good(x, "warnings", result->text);
	else
		admin_answer_error(x, 500, "sallyport.reload_refused",
		    result->text);
}

static void
answer_order(struct exchange *x, const struct result *result)
{
	static const struct {
		unsigned status;
		const char *code;
	} errors[ADMIN_OUTCOMES] = {
		[ADMIN_REFUSED] = { 409, "sallyport.key_refused" },
		[ADMIN_UNKNOWN] = { 421, "sallyport.key_unknown" },
		[ADMIN_NOT_KEPT] = { 500, "sallyport.key_not_kept" },
		[ADMIN_NOT_OBEYED] = { 504, "sallyport.key_timeout" },
	};

	if (result->outcome == ADMIN_DONE)
		answer_good(x, "message", result->text);
	else
		admin_answer_error(x, errors[result->outcome].status,
		    errors[result->outcome].code, result->text);
}

static void
answer(struct admin_waiters *r, const struct result *result)
{
	struct admin_waiter *w = r->list;
	struct exchange *x;
	bool order;

	while (w != NULL && w->id != result->id)
		w = w->next;
	if (w == NULL)
		return;
	x = w->exchange;
	order = w->order;
	leave(w);
	if (x == NULL)
		return;
	if (order)
		answer_order(x, result);
	else
		answer_reload(x, result);
}

static bool
read_result(struct text bytes, struct arena *arena, struct result *result)
{
	struct unpacking u = { .rest = bytes, .arena = arena };
	uint64_t outcome;

	result->id = unpack_u64(&u);
	outcome = unpack_u64(&u);
	result->text = unpack_str(&u);
	if (outcome >= ADMIN_OUTCOMES)
		return false;
	result->outcome = (enum admin_outcome)outcome;
	return unpack_is_whole(&u) && result->text != NULL;
}

void
admin_waiters_result(struct admin_waiters *r, int fd)
{
	struct blocks *blocks = blocks_new(BLOCK, 0);
	struct result result;
	struct arena arena;
	struct buf b;

	buf_init(&b, NULL);
	arena_init(&arena, blocks);
	if (unpack_from_fd(fd, RESULT_MOST, &b) &&
	    read_result(buf_text(&b), &arena, &result))
		answer(r, &result);
	arena_release(&arena);
	blocks_free(blocks);
	buf_release(&b);
}

void
admin_waiters_give_up(struct admin_waiters *r)
{
	while (r->list != NULL)
		waiters_on_late(r->list);
}

void
admin_waiters_fail(struct admin_waiters *r)
{
	r->control = -1;
	while (r->list != NULL) {
		struct exchange *x = r->list->exchange;

		leave(r->list);
		if (x != NULL)
			exchange_fault(x, FAULT_DRAINING, NULL);
	}
}

void
admin_waiters_release(struct admin_waiters *r)
{
	while (r->list != NULL)
		leave(r->list);
}

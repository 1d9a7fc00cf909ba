/*
 * Waiting for reloads; see admin_reloads.h.
 */
#include "daemon/admin_reloads.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/list.h"
#include "base/log.h"
#include "daemon/admin_answer.h"
#include "daemon/admin_page.h"
#include "daemon/control_channel.h"
#include "daemon/packed.h"

#define BLOCK		4096

/* The errors of a large configuration. */
#define RESULT_MOST	((size_t)16 * 1024 * 1024)

static void
log_asker(const struct exchange *x)
{
	const struct principal *who = x->client->principal;

	log_info("a reload was asked for by user %s (%u)",
	    who->user_name != NULL ? who->user_name : "?",
	    (unsigned)who->uid);
}

/* What became of it is still told by status. */
static void
reloads_on_late(void *owner)
{
	struct admin_reload_waiter *w = owner;
	struct exchange *x = w->exchange;

	admin_reloads_forget(w->all, w);
	admin_answer_error(x, 504, "sallyport.reload_timeout", "it is not "
	    "known yet what became of the reload: the last one is told by "
	    "GET /status, or 'sallyport status'");
}

static bool
ask_parent(const struct admin_reloads *r, uint64_t id)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, id);
	return control_send(r->control, CONTROL_RELOAD, -1, text);
}

void
admin_reloads_ask(struct admin_reloads *r, struct admin_reload_waiter *w,
    struct exchange *x)
{
	if (r->n == ADMIN_RELOADS || r->control == -1 ||
	    !ask_parent(r, r->n_ever + 1)) {
		exchange_fault(x, FAULT_OVERLOADED, r->control == -1 ?
		    "the daemon stops" : "too many wait for a reload");
		return;
	}
	log_asker(x);
	w->all = r;
	w->exchange = x;
	w->id = ++r->n_ever;
	LIST_PUSH(r->list, w);
	r->n++;
	timer_init(&w->deadline, x->client->terms->env->loop, reloads_on_late,
	    w);
	timer_set(&w->deadline, ADMIN_RELOAD_MS);
}

void
admin_reloads_forget(struct admin_reloads *r, struct admin_reload_waiter *w)
{
	if (w->id == 0)
		return;
	w->id = 0;
	timer_end(&w->deadline);
	LIST_REMOVE(w);
	r->n--;
}

/* What the parent said. */
struct result {
	uint64_t id;
	bool good;
	const char *text;	/* the errors, or warnings; may be empty */
};

static void
answer_good(struct exchange *x, const char *warnings)
{
	struct buf body;
	struct json j;

	buf_init(&body, NULL);
	json_start(&j, &body);
	json_object(&j, NULL);
	json_str(&j, "result", "success");
	json_str_or_null(&j, "warnings", *warnings != '\0' ? warnings : NULL);
	json_object_end(&j);
	buf_append_text(&body, TEXT("\n"));
	admin_answer(x, 200, ADMIN_JSON, buf_text(&body));
	buf_release(&body);
}

static void
answer(struct admin_reloads *r, const struct result *result)
{
	struct admin_reload_waiter *w = r->list;
	struct exchange *x;

	while (w != NULL && w->id != result->id)
		w = w->next;
	if (w == NULL)
		return;
	x = w->exchange;
	admin_reloads_forget(r, w);
	if (result->good)
		answer_good(x, result->text);
	else
		admin_answer_error(x, 500, "sallyport.reload_refused",
		    result->text);
}

static bool
read_result(struct text bytes, struct arena *arena, struct result *result)
{
	struct unpacking u = { .rest = bytes, .arena = arena };

	result->id = unpack_u64(&u);
	result->good = unpack_u64(&u) != 0;
	result->text = unpack_str(&u);
	return unpack_is_whole(&u) && result->text != NULL;
}

void
admin_reloads_result(struct admin_reloads *r, int fd)
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
admin_reloads_give_up(struct admin_reloads *r)
{
	while (r->list != NULL)
		reloads_on_late(r->list);
}

void
admin_reloads_fail(struct admin_reloads *r)
{
	r->control = -1;
	while (r->list != NULL)
		exchange_fault(r->list->exchange, FAULT_DRAINING, NULL);
}

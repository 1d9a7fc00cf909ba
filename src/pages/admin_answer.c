/*
 * Heads and bodies of the admin process's answers; see admin_answer.h.
 */
#include "pages/admin_answer.h"

#include "base/json.h"
#include "pages/admin_page.h"

/* What an answer has besides its content. */
struct answer {
	unsigned status;
	const char *type;
	const char *allow;	/* the methods, or NULL */
	struct text policy;	/* for browsers, or empty */
};

static void
add_field(struct env *env, struct text name, struct text value)
{
	fields_add(&env->answer, FIELD_OTHER, name, value);
}

/* A page: browsers keep to its policy, and tell others nothing of it. */
static void
add_policy(struct env *env, struct text policy)
{
	add_field(env, TEXT("Content-Security-Policy"), policy);
	add_field(env, TEXT("Referrer-Policy"), TEXT("no-referrer"));
	add_field(env, TEXT("Cross-Origin-Resource-Policy"),
	    TEXT("same-origin"));
	add_field(env, TEXT("Cross-Origin-Opener-Policy"),
	    TEXT("same-origin"));
}

static void
add_fields(struct env *env, const struct answer *a)
{
	fields_clear(&env->answer);
	fields_add(&env->answer, FIELD_DATE, TEXT("Date"), env_date(env));
	fields_add(&env->answer, FIELD_CONTENT_TYPE, TEXT("Content-Type"),
	    text_of(a->type));
	add_field(env, TEXT("Cache-Control"), TEXT("no-store"));
	add_field(env, TEXT("X-Content-Type-Options"), TEXT("nosniff"));
	if (a->allow != NULL)
		add_field(env, TEXT("Allow"), text_of(a->allow));
	if (a->policy.n > 0)
		add_policy(env, a->policy);
}

static void
respond(struct exchange *x, const struct answer *a, struct text content)
{
	struct env *env = x->client->terms->env;
	bool no_body = text_eq(x->request->method, TEXT("HEAD"));
	struct head head = {
		.kind = HEAD_RESPONSE,
		.version = 11,
		.status = (uint16_t)a->status,
		.framing = BODY_LENGTH,
		.length = content.n,
	};

	add_fields(env, a);
	head.fields = env->answer;
	exchange_send_head(x, &head, no_body);
	if (!no_body)
		exchange_send_body(x, (const uint8_t *)content.p, content.n,
		    true);
}

void
admin_answer(struct exchange *x, unsigned status, const char *type,
    struct text content)
{
	respond(x, &(struct answer){ .status = status, .type = type },
	    content);
}

void
admin_answer_page(struct exchange *x, const struct admin_page *page)
{
	respond(x, &(struct answer){
		.status = page->status,
		.type = page->type,
		.policy = buf_text(&page->policy),
	}, buf_text(&page->body));
}

void
admin_answer_error(struct exchange *x, unsigned status, const char *code,
    const char *message)
{
	struct buf body;
	struct json j;

	buf_init(&body, NULL);
	json_start(&j, &body);
	json_object(&j, NULL);
	json_array(&j, "errors");
	json_object(&j, NULL);
	json_str(&j, "code", code);
	json_str(&j, "message", message);
	json_object_end(&j);
	json_array_end(&j);
	json_object_end(&j);
	admin_answer(x, status, ADMIN_JSON, buf_text(&body));
	buf_release(&body);
}

void
admin_answer_method(struct exchange *x, const char *allow)
{
	struct buf body;

	buf_init(&body, NULL);
	fault_body(FAULT_METHOD_REFUSED, NULL, NULL, &body);
	x->record.fault = FAULT_METHOD_REFUSED;
	respond(x, &(struct answer){
		.status = fault_status(FAULT_METHOD_REFUSED),
		.type = ADMIN_JSON,
		.allow = allow,
	}, buf_text(&body));
	buf_release(&body);
}

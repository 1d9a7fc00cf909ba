/*
 * Heads and bodies of the admin process's answers; see admin_answer.h.
 */
#include "daemon/admin_answer.h"

#include "base/json.h"
#include "daemon/admin_page.h"

static void
respond(struct exchange *x, unsigned status, const char *type,
    struct text content, const char *allow)
{
	struct env *env = x->client->terms->env;
	bool no_body = text_eq(x->request->method, TEXT("HEAD"));
	struct head head = {
		.kind = HEAD_RESPONSE,
		.version = 11,
		.status = (uint16_t)status,
		.framing = BODY_LENGTH,
		.length = content.n,
	};

	fields_clear(&env->answer);
	fields_add(&env->answer, FIELD_DATE, TEXT("Date"), env_date(env));
	fields_add(&env->answer, FIELD_CONTENT_TYPE, TEXT("Content-Type"),
	    text_of(type));
	fields_add(&env->answer, FIELD_OTHER, TEXT("Cache-Control"),
	    TEXT("no-store"));
	if (allow != NULL)
		fields_add(&env->answer, FIELD_OTHER, TEXT("Allow"),
		    text_of(allow));
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
	respond(x, status, type, content, NULL);
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
	respond(x, fault_status(FAULT_METHOD_REFUSED), ADMIN_JSON,
	    buf_text(&body), allow);
	buf_release(&body);
}

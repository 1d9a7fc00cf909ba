/*
 * The head and the body of an answer of our own; see answer.h.
 */
#include "client/answer.h"

#include <stdio.h>

/* Faults that pass by themselves; an expired key is none of them. */
static bool
will_pass(enum fault fault)
{
	return fault == FAULT_OVERLOADED || fault == FAULT_DRAINING ||
	    fault == FAULT_RATE_LIMITED;
}

/*
 * Elastic's clients read the code from a field, too.  Date is RFC 9110 section
 * 6.6.1: we are the origin of this response.
 */
static void
add_fields(struct fields *fields, struct env *env, enum fault fault,
    const char *retry_after)
{
	fields_add(fields, FIELD_DATE, TEXT("Date"), env_date(env));
	fields_add(fields, FIELD_CONTENT_TYPE, TEXT("Content-Type"),
	    TEXT("application/json"));
	fields_add(fields, FIELD_OTHER, TEXT("X-Cloud-Error-Codes"),
	    text_of(fault_full_code(fault)));
	fields_add(fields, FIELD_OTHER, TEXT("Cache-Control"),
	    TEXT("no-store"));
	if (will_pass(fault))
		fields_add(fields, FIELD_OTHER, TEXT("Retry-After"),
		    text_of(retry_after));
}

void
answer_make(struct answer *a, struct env *env, enum fault fault,
    const char *subject, const char *detail, unsigned retry_s)
{
	(void)snprintf(a->retry_after, sizeof(a->retry_after), "%u",
	    retry_s != 0 ? retry_s : 1);
	buf_init(&a->body, env->codec.blocks);
	fault_body(fault, subject, detail, &a->body);
	fields_clear(&env->answer);
	add_fields(&env->answer, env, fault, a->retry_after);
	a->head = (struct head){
		.kind = HEAD_RESPONSE,
		.version = 11,
		.status = (uint16_t)fault_status(fault),
		.framing = BODY_LENGTH,
		.length = buf_len(&a->body),
		.fields = env->answer,
	};
}

void
answer_release(struct answer *a)
{
	buf_release(&a->body);
}

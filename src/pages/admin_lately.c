/*
 * Faults, and events of keys; see admin_lately.h.
 */
#include "pages/admin_lately.h"

#include "base/clock.h"
#include "stats/reader.h"

static void
put_fault(struct json *j, const struct admin_facts *f, enum fault fault)
{
	uint64_t count = stats_read_fault(f->memory, fault);

	if (count == 0)
		return;
	json_object(j, NULL);
	json_str(j, "fault", fault_code(fault));
	json_u64(j, "count", count);
	json_u64(j, "last_minute", admin_pace_fault(f->pace, fault, count));
	json_object_end(j);
}

static void
put_event(struct json *j, const struct key_event_told *e)
{
	char at[CLOCK_TEXT];

	clock_format_s(at, e->at);
	json_object(j, NULL);
	json_str(j, "at", at);
	json_str(j, "action", e->action);
	json_str(j, "key", e->key);
	json_str(j, "text", e->text);
	json_object_end(j);
}

void
admin_lately_put(struct json *j, const struct admin_facts *f)
{
	const struct key_events *events = f->news->events;

	json_array(j, "faults");
	for (unsigned i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		put_fault(j, f, (enum fault)i);
	json_array_end(j);
	json_array(j, "events");
	for (size_t i = 0; events != NULL && i < events->n; i++)
		put_event(j, &events->v[i]);
	json_array_end(j);
}

/*
 * One request by a codec of its own; see request.h.  Called by `explain`.
 */
#include "http/request.h"

struct reading {
	struct arena *arena;
	struct head *head;
	enum codec_error why;
};

static void
request_on_request(void *owner, stream_id id, const struct head *head, bool end)
{
	struct reading *r = owner;

	(void)id;
	(void)end;
	if (r->head == NULL)
		r->head = head_copy(r->arena, head);
}

static void
request_on_refused(void *owner, stream_id id, enum codec_error why,
    const struct head *read)
{
	struct reading *r = owner;

	(void)id;
	(void)read;
	if (r->head == NULL)
		r->why = why;
}

static const struct codec_events events = {
	.request = request_on_request,
	.refused = request_on_refused,
};

struct head *
request_read(struct text t, const struct codec_limits *limits,
    struct blocks *blocks, struct arena *arena, enum codec_error *why,
    const char **complaint)
{
	struct reading r = { .arena = arena, .why = CODEC_BAD_MESSAGE };
	struct fields scratch = { .v = NULL };
	struct codec_shared shared = {
		.limits = limits, .blocks = blocks, .scratch = &scratch,
	};
	struct codec *codec = h1_codec_new(CODEC_SERVER, &shared, &events, &r);

	codec_input(codec, (const uint8_t *)t.p, t.n);
	*complaint = codec_complaint(codec);
	if (*complaint != NULL)
		*complaint = arena_cstr(arena, text_of(*complaint));
	codec_free(codec);
	fields_release(&scratch);
	*why = r.why;
	return r.head;
}

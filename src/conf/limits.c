/*
 * Limits; see limits.h.
 */
#include "conf/limits.h"

struct codec_limits
limits_of_codec(const struct conf_limits *c)
{
	struct codec_limits limits = codec_limits_default;

	limits.head = (size_t)c->head;
	limits.target = (size_t)c->target;
	limits.fields = c->fields;
	limits.trailers = (size_t)c->trailers;
	limits.interim = c->interim;
	return limits;
}

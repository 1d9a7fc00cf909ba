/*
 * The texts of error codes; see status.h.
 */
#include "base/status.h"

const char *
status_text(enum status s)
{
	static const char *const texts[] = {
#define STATUS(name, text) [STATUS_##name] = text,
#include "base/status.tbl"
#undef STATUS
	};

	return texts[s];
}

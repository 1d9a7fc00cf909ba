/*
 * Making files; see new_file.h.  Does not know their content.
 */
#include "cli/new_file.h"

#include "base/replace.h"
#include "cli/say.h"
#include "tty/interrupt.h"

static bool
write_new(const char *path, const void *bytes, size_t n, bool shared)
{
	struct replacement *r = NULL;
	enum status status;

	interrupt_hold();
	status = replace_begin(&r, path, REPLACE_NEW);
	if (status == STATUS_OK && shared)
		status = replace_share(r);
	if (status == STATUS_OK)
		status = replace_write(r, bytes, n);
	if (status == STATUS_OK)
		status = replace_commit(r);
	if (status != STATUS_OK)
		(void)say_failed("%s: %m; %s", path, replace_left(r));
	replace_end(r);
	interrupt_release();
	return status == STATUS_OK;
}

bool
new_file_write(const char *path, const void *bytes, size_t n)
{
	return write_new(path, bytes, n, false);
}

bool
new_file_write_shared(const char *path, const void *bytes, size_t n)
{
	return write_new(path, bytes, n, true);
}

/*
 * Output of verbs; see output.h.
 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "cli/say.h"
#include "tty/interrupt.h"

static bool
is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode);
}

/* Signals are held back, so that none leaves an incomplete file behind. */
static enum status
begin_file(struct output *o)
{
	enum status status;

	interrupt_hold();
	status = replace_begin(&o->file, o->name, REPLACE_EITHER);
	if (status != STATUS_OK)
		interrupt_release();
	return status;
}

bool
output_begin(struct output *o, const char *path)
{
	enum status status = STATUS_OK;

	*o = (struct output){ .name = "standard output",
		.fd = STDOUT_FILENO };
	if (path == NULL || strcmp(path, "-") == 0)
		return true;
	*o = (struct output){ .name = path, .fd = -1 };
	if (is_special(path)) {
		o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		status = o->fd < 0 ? STATUS_SYSTEM : STATUS_OK;
	} else {
		status = begin_file(o);
	}
	if (status != STATUS_OK)
		(void)say_failed("%s: %m", path);
	return status == STATUS_OK;
}

bool
output_is_terminal(const struct output *o)
{
	return o->fd == STDOUT_FILENO && isatty(STDOUT_FILENO) == 1;
}

static enum status
write_output(void *ctx, const uint8_t *p, size_t n)
{
	struct output *o = ctx;

	o->n += n;
	if (o->file != NULL)
		return replace_write(o->file, p, n);
	return write_all(o->fd, p, n) ? STATUS_OK : STATUS_SYSTEM;
}

struct seal_writer
output_writer(struct output *o)
{
	return (struct seal_writer){ .write = write_output, .ctx = o };
}

bool
output_commit(struct output *o)
{
	if (o->file == NULL || replace_commit(o->file) == STATUS_OK)
		return true;
	(void)say_failed("%s: %m; %s", o->name, replace_left(o->file));
	return false;
}

void
output_end(struct output *o)
{
	if (o->file != NULL) {
		replace_end(o->file);
		o->file = NULL;
		interrupt_release();
	}
	if (o->fd > STDERR_FILENO)
		(void)close(o->fd);
	o->fd = -1;
}

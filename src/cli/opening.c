/*
 * Opening a whole configuration; see opening.h.
 */
#include "cli/opening.h"

#include "tty/progress.h"


static struct secret *
ask(void *ctx, const char *file)
{
	return input_passphrase_of(ctx, file);
}

static void
tried(void *ctx)
{
	(void)ctx;
	progress_end();
}

struct conf_opening
cli_opening(const struct cli_args *args, struct input_passphrases *p)
{
	*p = (struct input_passphrases){
		.file = cli_args_value(args, "passphrase-file"),
	};
	return (struct conf_opening){
		.identity = cli_args_value(args, "identity"),
		.ask = ask,
		.tried = tried,
		.ctx = p,
	};
}

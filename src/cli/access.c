/*
 * Access to sealed files; see access.h.
 */
#include "cli/access.h"

#include <stdlib.h>

#include "cli/say.h"
#include "tty/interrupt.h"

/* Earlier messages are printed before the question. */
static struct secret *
ask(void *ctx, const char *file)
{
	struct access *a = ctx;

	say_reasons(&a->why);
	return input_passphrase_of(&a->passphrases, file);
}

bool
access_begin(struct access *a, const struct cli_args *args)
{
	struct unlock_options how = {
		.asker = { .ask = ask, .ctx = a }, .why = &a->why,
	};
	bool good = true;

	*a = (struct access){
		.passphrases.file = cli_args_value(args, "passphrase-file"),
		.conf = config_file_find(args),
	};
	how.conf = a->conf;
	how.asker.from_file = a->passphrases.file != NULL;
	unlock_init(&a->unlock, &how);
	for (size_t i = 0; good && i < args->n_given; i++) {
		if (args->given[i].option->letter == 'i')
			good = access_said(a, unlock_add_given(&a->unlock,
			    args->given[i].value));
	}
	if (!good)
		access_end(a);
	return good;
}

void
access_end(struct access *a)
{
	say_reasons(&a->why);
	unlock_free(&a->unlock);
	free(a->conf);
	*a = (struct access){ .conf = NULL };
}

bool
access_said(struct access *a, bool good)
{
	return say_why(&a->why, good);
}

bool
access_save(struct access *a, struct keyfile *v, struct text body)
{
	bool good;

	interrupt_hold();
	good = access_said(a, keyfile_save(v, body));
	interrupt_release();
	return good;
}

bool
access_read_keys(struct access *a, const struct keyfile *v, struct text body,
    struct contents *keys)
{
	return access_said(a, keyfile_read_keys(v, body, keys));
}

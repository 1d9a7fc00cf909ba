/*
 * Recipients on the command line; see recipient_options.h.
 */
#include "cli/recipient_options.h"

#include "cli/input.h"
#include "cli/say.h"
#include "conf/source.h"
#include "keyfile/recipients.h"

static bool
add_word(struct recipients *r, const char *word)
{
	struct reasons why = { .n = 0 };

	return say_why(&why, recipients_add_word(r, word, &why));
}

static bool
add_file(struct recipients *r, const char *file)
{
	struct secret *bytes = input_read(file, FILE_OBEYED, "recipients",
	    INPUT_MAX);
	struct reasons why = { .n = 0 };
	bool good;

	if (bytes == NULL)
		return false;
	good = say_why(&why, recipients_add_lines(r, source_name(file),
	    secret_text(bytes), &why));
	secret_free(bytes);
	return good;
}

struct recipients *
recipients_given(const struct cli_args *args)
{
	struct recipients *r = recipients_new();
	bool good = true;

	for (size_t i = 0; good && i < args->n_given; i++) {
		const struct cli_given *g = &args->given[i];

		if (g->option->letter == 'r')
			good = add_word(r, g->value);
		else if (g->option->letter == 'R')
			good = add_file(r, g->value);
	}
	if (good)
		return r;
	recipients_free(r);
	return NULL;
}

/*
 * The verb `key import`.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/csv.h"
#include "cli/import.h"
#include "cli/input.h"
#include "cli/key_new.h"
#include "cli/recipients.h"
#include "cli/terminal.h"
#include "cli/vault.h"
#include "cli/verbs.h"
#include "proxy/expiry.h"

#define CSV_MAX		((size_t)1 << 20)

struct job {
	const struct cli_args *args;
	struct csv csv;
	struct import import;
	size_t column;			/* of the keys */
	struct key_new options;		/* what holds for all of them */
	struct vault vault;
	struct secret *text;		/* of the vault so far */
	size_t n_added;
};

/* Which column. */

/* "column 3 'Secret' (essu_..., fingerprint 0123abcd)" */
static char *
describe_cell(const struct job *job, size_t row, size_t column)
{
	struct text heading = import_heading(&job->import, &job->csv, column);
	struct text cell = csv_cell(&job->csv, row, column);
	struct secret *copy = secret_new(cell.n);
	char fingerprint[KEY_FINGERPRINT], *all;

	if (cell.n != 0)
		memcpy(secret_bytes(copy), cell.p, cell.n);
	key_new_fingerprint(copy, fingerprint);
	secret_free(copy);
	all = xasprintf("column %zu%s%.*s%s (%s%zu characters, fingerprint "
	    "%s)", column + 1, heading.n != 0 ? " '" : "",
	    TEXT_ARG(heading), heading.n != 0 ? "'" : "",
	    text_starts_with(cell, TEXT("essu_")) ? "essu_..., " : "",
	    cell.n, fingerprint);
	return all;
}

static void
list_candidates(const struct job *job)
{
	for (size_t i = 0; i < job->import.n_keys; i++) {
		char *line = describe_cell(job, job->csv.n_rows - 1,
		    job->import.keys[i]);

		(void)fprintf(stderr, "  %s\n", line);
		free(line);
	}
}

static bool
choose_by_asking(struct job *job)
{
	char answer[64];

	(void)fprintf(stderr, "More than one column may hold the key:\n");
	list_candidates(job);
	if (!terminal_ask("Which column is the key? ", answer,
	    sizeof(answer)))
		return false;
	job->column = import_find_column(&job->import, &job->csv,
	    text_trim(text_of(answer)));
	if (job->column != IMPORT_NO_COLUMN)
		return true;
	(void)cli_failed("there is no such column");
	return false;
}

static bool
choose_column(struct job *job, const char *file)
{
	const char *given = cli_args_value(job->args, "column");

	if (given != NULL) {
		job->column = import_find_column(&job->import, &job->csv,
		    text_of(given));
		if (job->column == IMPORT_NO_COLUMN)
			(void)cli_failed("%s: there is no column '%s'", file,
			    given);
		return job->column != IMPORT_NO_COLUMN;
	}
	if (job->import.n_keys == 0) {
		(void)cli_failed("%s: nothing in it looks like a key, and no "
		    "column is called like one; say which it is with "
		    "--column", file);
		return false;
	}
	job->column = job->import.keys[0];
	if (job->import.n_keys == 1)
		return true;
	if (terminal_there())
		return choose_by_asking(job);
	(void)cli_failed("%s: more than one column may hold the key; choose "
	    "with --column:", file);
	list_candidates(job);
	return false;
}

/* One row. */

static char *
find_name(const struct job *job, size_t row)
{
	char name[IMPORT_NAME] = "";

	if (job->options.name != NULL)
		return xstrdup(job->options.name);
	if (job->import.name != IMPORT_NO_COLUMN)
		import_make_name(csv_cell(&job->csv, row, job->import.name),
		    name);
	return xstrdup(name);
}

/* RFC 3339, or NULL: none, never, or not to be read. */
static char *
find_expiry(const struct job *job, size_t row, const char *name)
{
	struct text cell = job->import.expires == IMPORT_NO_COLUMN ?
	    TEXT("") : csv_cell(&job->csv, row, job->import.expires);
	char text[CLOCK_TEXT];
	int64_t seconds;

	if (job->options.expires != NULL)
		return xstrdup(job->options.expires);
	if (cell.n == 0 || text_eq_nocase(cell, TEXT("never")) ||
	    text_eq(cell, TEXT("-")))
		return NULL;
	if (expiry_parse(cell, &seconds)) {
		(void)clock_format_s(text, seconds);
		return xstrdup(text);
	}
	terminal_warn("key '%s': its expiry is written in a way that is not "
	    "understood, and left out: give it with --expires", name);
	return NULL;
}

static struct secret *
copy_value(const struct job *job, size_t row)
{
	struct text cell = csv_cell(&job->csv, row, job->column);
	struct secret *value = secret_new(cell.n);

	if (cell.n != 0)
		memcpy(secret_bytes(value), cell.p, cell.n);
	return value;
}

static void
say_what_was_found(const struct job *job, const struct key_new *k,
    size_t row)
{
	char *column = describe_cell(job, row, job->column);

	(void)printf("key '%s': %s, %s%s\n", k->name, column,
	    k->expires != NULL ? "expires " : "no expiry",
	    k->expires != NULL ? k->expires : "");
	free(column);
}

static struct text
current_text(const struct job *job)
{
	return job->text != NULL ? input_text(job->text) : job->vault.body;
}

static bool
add_value(struct job *job, const struct key_new *k,
    const struct secret *value)
{
	struct secret *text;

	if (!key_new_check(k) ||
	    !key_new_check_value(k, value, cli_args_has(job->args, "force")))
		return false;
	text = key_new_write(k, value, &job->vault, current_text(job));
	if (text == NULL)
		return false;
	secret_free(job->text);
	job->text = text;
	job->n_added++;
	return true;
}

static bool
add_row(struct job *job, size_t row)
{
	struct key_new k = job->options;
	char *name = find_name(job, row);
	char *expires = find_expiry(job, row, name);
	struct secret *value = copy_value(job, row);
	bool good;

	k.name = name;
	k.expires = expires;
	if (name[0] == '\0') {
		(void)cli_failed("the file does not name the key: give a "
		    "name with --name");
		good = false;
	} else {
		good = add_value(job, &k, value);
	}
	if (good)
		say_what_was_found(job, &k, row);
	secret_free(value);
	free(expires);
	free(name);
	return good;
}

/* All of them. */

static bool
add_rows(struct job *job, const char *file)
{
	size_t first = job->import.headings ? 1 : 0;

	if (job->options.name != NULL && job->csv.n_rows - first > 1) {
		(void)cli_failed("%s: holds %zu keys, and --name is for one",
		    file, job->csv.n_rows - first);
		return false;
	}
	for (size_t row = first; row < job->csv.n_rows; row++) {
		/* Rows that only hold remarks are none. */
		if (csv_cell(&job->csv, row, job->column).n != 0 &&
		    !add_row(job, row))
			return false;
	}
	if (job->n_added == 0)
		(void)cli_failed("%s: that column is empty", file);
	return job->n_added != 0;
}

static enum cli_exit
import_into(struct job *job, const struct recipients *given,
    const char *file)
{
	enum cli_exit result = CLI_FAILED;
	struct unlock u;

	if (!unlock_init(&u, job->args))
		return CLI_FAILED;
	if (vault_open_or_new(&job->vault, cli_args_value(job->args, "to"),
	    &u) && vault_keep_recipients(&job->vault, given, &u) &&
	    add_rows(job, file) &&
	    vault_save(&job->vault, current_text(job))) {
		(void)printf("%s: %zu key%s added; remove %s, it holds the "
		    "key%s in plain text\n", job->vault.path, job->n_added,
		    job->n_added == 1 ? "" : "s", file,
		    job->n_added == 1 ? "" : "s");
		result = CLI_DONE;
	}
	secret_free(job->text);
	vault_close(&job->vault);
	unlock_free(&u);
	return result;
}

static enum cli_exit
import_bytes(struct job *job, struct secret *bytes, const char *file)
{
	struct recipients *given = recipients_given(job->args);
	enum cli_exit result = CLI_FAILED;
	size_t line = csv_parse(&job->csv, bytes);

	import_understand(&job->import, &job->csv);
	if (given == NULL)
		result = CLI_FAILED;
	else if (line != 0)
		result = cli_failed("%s:%zu: a quote is never closed", file,
		    line);
	else if (choose_column(job, file))
		result = import_into(job, given, file);
	import_free(&job->import);
	csv_free(&job->csv);
	recipients_free(given);
	return result;
}

static enum cli_exit
run_key_import(const struct cli_args *args)
{
	const char *file = args->operands[0];
	struct secret *bytes = input_read(file, "the keys", CSV_MAX);
	struct job job = { .args = args };
	enum cli_exit result;

	if (bytes == NULL)
		return CLI_FAILED;
	key_new_from_args(&job.options, args);
	job.options.name = cli_args_value(args, "name");
	result = import_bytes(&job, bytes,
	    strcmp(file, "-") == 0 ? "standard input" : file);
	free(job.options.hosts);
	secret_free(bytes);
	return result;
}

static const struct cli_option key_import_options[] = {
	{ .name = "to", .argument = "FILE", .required = true,
	    .help = "The sealed file; made if there is none." },
	{ .name = "name", .argument = "NAME",
	    .help = "The key's name (default: what the file says)." },
	{ .name = "column", .argument = "NAME",
	    .help = "The column of the key, its heading or number." },
	CLI_KEY_OPTIONS,
	CLI_RECIPIENT_OPTIONS,
	CLI_UNLOCK_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_key_import = {
	.name = "key import",
	.summary = "adds keys from the CSV file that the console offers",
	.options = key_import_options,
	.operands = "CSV",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds the keys in CSV, the file that the Elastic Cloud "
	    "console offers when a\nkey is made, to a sealed file.  The key "
	    "is found by the name of its column or\nby its look, its name "
	    "and expiry are taken where they are, and what was\nrecognised "
	    "is printed, never a value.\n",
	.example = "sallyport key import ~/Downloads/api-key.csv "
	    "--to /etc/sallyport/keys.age \\\n"
	    "    --host api.elastic-cloud.com\n",
	.run = run_key_import,
};

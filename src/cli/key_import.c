/*
 * The verb `key import`.  First the whole table is read and judged, then the
 * sealed file is opened and replaced.  Messages show nothing of the table but
 * known headings, and names and fingerprints of keys that were taken.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/access.h"
#include "cli/input.h"
#include "cli/key_options.h"
#include "cli/recipient_options.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/essu.h"
#include "conf/source.h"
#include "keyfile/csv.h"
#include "keyfile/import.h"
#include "keyfile/import_rows.h"
#include "keyfile/key_json.h"
#include "keyfile/key_new.h"
#include "keyfile/key_peel.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"
#include "tty/terminal.h"

#define CSV_MAX		((size_t)1 << 20)

struct job {
	const struct cli_args *args;
	const char *file;		/* of the table, for messages */
	struct csv csv;
	struct import import;
	struct key_new options;		/* for all keys */
	struct import_rows rows;
	struct access access;
	struct keyfile keyfile;
};

/* Which column. */

/* "column 3, 'Secret'"; for an upright table "line 3, ...". */
static char *
name_column(const struct job *job, size_t column)
{
	struct text heading = import_heading(&job->import, &job->csv, column);
	const struct csv *c = &job->csv;

	return xasprintf("%s %zu%s%.*s%s",
	    job->import.upright ? "line" : "column", job->import.upright ?
	    (size_t)csv_line(c, 0, column) : column + 1,
	    heading.n != 0 ? ", '" : "", TEXT_ARG(heading),
	    heading.n != 0 ? "'" : "");
}

/* "column 3, 'Secret' (essu_..., 109 characters, fingerprint 0123abcd)" */
static char *
describe_value(const struct job *job, size_t column, struct text value)
{
	struct secret *copy = secret_copy(value.p, value.n);
	char fingerprint[KEY_FINGERPRINT], *all;
	char *name = name_column(job, column);

	key_new_fingerprint(copy, fingerprint);
	secret_free(copy);
	all = xasprintf("%s (%s%zu characters, fingerprint %s)", name,
	    text_starts_with(value, ESSU_PREFIX) ? "essu_..., " : "",
	    value.n, fingerprint);
	free(name);
	return all;
}

/* The first cell of a column that is not empty. */
static struct text
sample_cell(const struct job *job, size_t column)
{
	struct text cell = TEXT("");

	for (size_t i = import_first_row(&job->import);
	    cell.n == 0 && i < job->csv.n_rows; i++)
		cell = csv_cell(&job->csv, i, column);
	return key_peel(cell, job->options.field, job->options.scheme).text;
}

static void
list_candidates(const struct job *job)
{
	for (size_t i = 0; i < job->import.n_keys; i++) {
		size_t column = job->import.keys[i];
		char *line = describe_value(job, column,
		    sample_cell(job, column));

		say_aside("  %s\n", line);
		free(line);
	}
}

static bool
choose_given(struct job *job, struct text given, const char *what)
{
	size_t column = import_find_column(&job->import, &job->csv, given);

	if (column == IMPORT_NO_COLUMN) {
		(void)say_failed("%s: there is no such column%s", job->file,
		    what);
		return false;
	}
	job->import.key = column;
	return true;
}

static bool
choose_by_asking(struct job *job)
{
	char *answer;
	bool good;

	say_aside("More than one column may hold the key:\n");
	list_candidates(job);
	answer = terminal_ask("Which column is the key? ");
	good = answer != NULL &&
	    choose_given(job, text_trim(text_of(answer)), "");
	free(answer);
	return good;
}

static bool
choose_column(struct job *job)
{
	const char *given = cli_args_value(job->args, "column");

	if (given != NULL)
		return choose_given(job, text_of(given), " as --column says");
	if (job->import.n_keys == 0) {
		(void)say_failed("%s: nothing in it looks like a key, and no "
		    "column is called like one; say which it is with "
		    "--column", job->file);
		return false;
	}
	if (job->import.n_keys == 1)
		return true;
	if (terminal_there())
		return choose_by_asking(job);
	(void)say_failed("%s: more than one column may hold the key; choose "
	    "with --column:", job->file);
	list_candidates(job);
	return false;
}

static void
say_how_it_is_read(const struct job *job)
{
	char *headings = import_headings(&job->import, &job->csv);
	char *column = name_column(job, job->import.key);

	if (headings != NULL && job->import.upright)
		say_aside("%s: column 1 is taken as headings: "
		    "%s\n", job->file, headings);
	else if (headings != NULL)
		say_aside("%s: line %u is taken as headings: "
		    "%s\n", job->file, csv_line(&job->csv, 0, 0), headings);
	say_aside("%s: the keys are in %s\n", job->file, column);
	free(column);
	free(headings);
}

/* Judging it. */

/* Prints all that is wrong with the table; true if nothing is. */
static bool
conclude(struct job *job)
{
	bool good = job->rows.diagnostics.n_errors == 0;

	say_diagnostics(&job->rows.diagnostics);
	conf_diagnostics_free(&job->rows.diagnostics);
	if (!good)
		(void)say_failed("%s: nothing was written",
		    cli_args_value(job->args, "to"));
	return good;
}

static bool
judge(struct job *job)
{
	job->rows = (struct import_rows){ .file = job->file,
		.csv = &job->csv, .import = &job->import,
		.options = &job->options };
	import_rows_judge(&job->rows);
	return conclude(job);
}

/* Whether none of the names is in the keyfile yet. */
static bool
fits(struct job *job)
{
	struct contents keys;
	bool good = access_read_keys(&job->access, &job->keyfile,
	    job->keyfile.body, &keys);

	for (size_t i = 0; i < job->rows.n && good; i++) {
		const struct import_row *e = &job->rows.v[i];

		if (contents_find(&keys, e->name) != SIZE_MAX)
			conf_error(&job->rows.diagnostics, job->file, e->line,
			    "%s has a key '%s' already: choose another name, "
			    "or remove that first", job->keyfile.path, e->name);
	}
	contents_free(&keys);
	return good && conclude(job);
}

/* Writing them. */

static struct secret *
write_text(const struct job *job)
{
	struct key_new *keys = xcalloc(job->rows.n, sizeof(*keys));
	struct secret **values = xcalloc(job->rows.n, sizeof(*values)), *text;

	for (size_t i = 0; i < job->rows.n; i++) {
		keys[i] = job->options;
		keys[i].name = job->rows.v[i].name;
		keys[i].expires = job->rows.v[i].expires;
		keys[i].created = job->rows.v[i].created;
		values[i] = job->rows.v[i].value;
	}
	text = key_new_write(keys, values, job->rows.n, &job->keyfile,
	    job->keyfile.body);
	free(values);
	free(keys);
	return text;
}

static void
say_what_was_added(const struct job *job)
{
	const char *s = job->rows.n == 1 ? "" : "s";

	for (size_t i = 0; i < job->rows.n; i++) {
		const struct import_row *e = &job->rows.v[i];
		char *value = describe_value(job, job->import.key,
		    secret_text(e->value)), when[CLOCK_TEXT] = "";

		if (e->expires != CONF_NO_TIME)
			(void)clock_format_s(when, e->expires);
		say("key '%s': %s, %s%s\n", e->name, value,
		    *when != '\0' ? "expires " : "no expiry", when);
		free(value);
	}
	say("%s: %zu key%s added", job->keyfile.path, job->rows.n, s);
	if (!source_is_standard(job->args->operands[0]))
		say("; remove %s, it holds the key%s in plain text",
		    job->file, s);
	say("\nTo use %s, list %s in 'keys' of a route, then: sallyport "
	    "reload\n", job->rows.n == 1 ? "it" : "them",
	    job->rows.n == 1 ? "it" : "them");
}

static bool
save(struct job *job)
{
	struct secret *text = write_text(job);
	bool good = access_said(&job->access, text != NULL) &&
	    access_save(&job->access, &job->keyfile, secret_text(text));

	secret_free(text);
	if (good)
		say_what_was_added(job);
	return good;
}

static enum cli_exit
import_into(struct job *job, const struct recipients *given)
{
	struct unlock *u = &job->access.unlock;
	enum cli_exit result = CLI_FAILED;

	if (!access_begin(&job->access, job->args))
		return CLI_FAILED;
	if (access_said(&job->access, keyfile_open_or_new(&job->keyfile,
	    cli_args_value(job->args, "to"), u) &&
	    keyfile_recipients_keep(&job->keyfile, given, u) &&
	    key_new_may_join(&job->keyfile, NULL, u)) && fits(job) && save(job))
		result = CLI_DONE;
	keyfile_close(&job->keyfile);
	access_end(&job->access);
	return result;
}

static enum cli_exit
import_table(struct job *job, const struct recipients *given)
{
	if (!key_options_check(&job->options) || !choose_column(job))
		return CLI_FAILED;
	say_how_it_is_read(job);
	return judge(job) ? import_into(job, given) : CLI_FAILED;
}

/* Answers of APIs are for `key add`. */
static bool
refuse_json(const struct job *job, const struct secret *bytes)
{
	struct secret *value = NULL;
	bool joined;
	char *word;

	if (key_json_find(secret_text(bytes), &value, &joined) ==
	    KEY_JSON_OTHER)
		return false;
	secret_free(value);
	word = source_word(job->file);
	(void)say_failed("%s: is JSON and no table; to take the key out of it: "
	    "sallyport key add NAME --value-file %s ...", job->file, word);
	free(word);
	return true;
}

static enum cli_exit
import_bytes(struct job *job, struct secret *bytes)
{
	struct recipients *given = recipients_given(job->args);
	enum cli_exit result = CLI_FAILED;
	unsigned line = csv_parse(&job->csv, bytes);

	import_understand(&job->import, &job->csv);
	if (given != NULL && line != 0)
		(void)say_failed("%s:%u: a quote is never closed", job->file,
		    line);
	else if (given != NULL)
		result = import_table(job, given);
	import_rows_free(&job->rows);
	import_free(&job->import);
	csv_free(&job->csv);
	recipients_free(given);
	return result;
}

static enum cli_exit
run_key_import(const struct cli_args *args)
{
	const char *file = args->operands[0];
	struct secret *bytes = input_read(file, FILE_DATA, "the keys", CSV_MAX);
	struct job job = { .args = args, .file = source_name(file) };
	enum cli_exit result;

	if (bytes == NULL)
		return CLI_FAILED;
	result = CLI_FAILED;
	if (!refuse_json(&job, bytes) &&
	    key_options_take(&job.options, args)) {
		job.options.name = cli_args_value(args, "name");
		result = import_bytes(&job, bytes);
	}
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
	.operands_are = CLI_FILES,
	.about = "Adds the keys in CSV, the file that the Elastic Cloud "
	    "console offers when a\nkey is made, to a sealed file.  The key "
	    "is found by the name of its column or\nby its look, its name "
	    "and expiry are taken where they are, and what was\nrecognised "
	    "is printed, never a value.  Values are judged as by 'key add'.\n"
	    "If any row is wrong, every wrong one is listed and nothing is "
	    "written.\n",
	.example = "sallyport key import ~/Downloads/api-key.csv "
	    "--to /etc/sallyport/keys.age \\\n"
	    "    --host api.elastic-cloud.com\n",
	.run = run_key_import,
};

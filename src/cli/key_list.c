/*
 * The verb `key list`: everything about keys but their values.
 */
#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/span.h"
#include "cli/access.h"
#include "cli/document.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/verb.h"
#include "conf/parts.h"
#include "conf/source.h"
#include "keyfile/key_new.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"

/* The files' access, and the form of the output. */
struct listing {
	struct access *access;
	struct json *json;	/* NULL: for people */
};

static const struct table_column columns[] = {
	{ .name = "NAME" },
	{ .name = "FINGERPRINT" },
	{ .name = "SCHEME" },
	{ .name = "EXPIRES" },
	{ .name = "HOSTS" },
	{ .name = "FIELD" },
	{ .name = "NOTE" },
};

static char *
join_hosts(const struct conf_texts *hosts)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < hosts->n; i++) {
		char *more = xasprintf("%s%s%s", all, i != 0 ? "," : "",
		    hosts->v[i]);

		free(all);
		all = more;
	}
	return all;
}

static char *
format_expiry(int64_t expires)
{
	int64_t left = expires - clock_wall() / NS_PER_S;
	char text[CLOCK_TEXT], span[SPAN_TEXT];

	if (expires == CONF_NO_TIME)
		return xstrdup("-");
	(void)clock_format_s(text, expires);
	if (left <= 0)
		return xasprintf("%s (expired)", text);
	return xasprintf("%s (in %s)", text, span_format_left(span, left));
}

static void
add_row(struct table *t, const char *name, const struct conf_key *k)
{
	const char *scheme = conf_key_scheme(k);
	char fingerprint[KEY_FINGERPRINT];

	key_new_fingerprint(k->value, fingerprint);
	table_add(t, xstrdup(name));
	table_add(t, xstrdup(fingerprint));
	table_add(t, xstrdup(scheme[0] != '\0' ? scheme : "-"));
	table_add(t, format_expiry(k->expires));
	table_add(t, join_hosts(&k->hosts));
	table_add(t, xstrdup(conf_key_field(k)));
	table_add(t, xstrdup(k->note != NULL ? k->note : ""));
}

static void
print_keys(const struct contents *keys)
{
	size_t n = contents_count(keys);
	struct table table;
	struct buf out;

	if (n == 0) {
		say("  no keys\n");
		return;
	}
	table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < n; i++)
		add_row(&table, contents_name(keys, i), contents_key(keys, i));
	buf_init(&out, NULL);
	table_format(&table, TABLE_UNBOUND, &out);
	say_bytes(buf_data(&out), buf_len(&out));
	buf_release(&out);
	table_free(&table);
}

static void
print_recipients(const struct keyfile *v, const struct unlock *u)
{
	struct recipients *known = keyfile_recipients_known(v, u);
	char text[RECIPIENT_TEXT];

	if (v->by_passphrase)
		say("  sealed with a passphrase\n");
	else if (known == NULL)
		say("  sealed to %zu recipients that the file does "
		    "not name\n", v->n_stanzas);
	for (size_t i = 0; known != NULL && i < recipients_count(known); i++) {
		recipients_text(known, i, text);
		say("  sealed to %s\n", text);
	}
	recipients_free(known);
}

static void
write_key(struct json *j, const char *file, const char *name,
    const struct conf_key *k)
{
	const char *scheme = conf_key_scheme(k);
	char fingerprint[KEY_FINGERPRINT];

	key_new_fingerprint(k->value, fingerprint);
	json_object(j, NULL);
	json_str(j, "name", name);
	document_texts(j, "hosts", &k->hosts);
	json_str(j, "fingerprint", fingerprint);
	json_str_or_null(j, "scheme", scheme[0] != '\0' ? scheme : NULL);
	json_str(j, "field", conf_key_field(k));
	json_bool(j, "plain", k->plain);
	document_time(j, "expires", k->expires);
	if (k->expires != CONF_NO_TIME)
		json_i64(j, "days_left", span_days(k->expires -
		    clock_wall() / NS_PER_S));
	else
		json_null(j, "days_left");
	document_time(j, "created", k->created);
	json_str_or_null(j, "note", k->note);
	json_str(j, "file", file);
	json_object_end(j);
}

/* Prints one file, for people or for programs. */
static void
say_file(const struct listing *l, const struct keyfile *v,
    const struct contents *keys, const char *path)
{
	if (l->json == NULL) {
		say("%s\n", path);
		print_keys(keys);
		print_recipients(v, &l->access->unlock);
		return;
	}
	for (size_t i = 0; i < contents_count(keys); i++)
		write_key(l->json, path, contents_name(keys, i),
		    contents_key(keys, i));
}

/* Lists the keys of an open keyfile, and closes it. */
static bool
list_keyfile(struct keyfile *v, bool open, const struct listing *l)
{
	struct contents keys = { .memory = NULL };
	bool good = access_said(l->access, open &&
	    keyfile_read_keys(v, v->body, &keys));

	if (good)
		say_file(l, v, &keys, v->path);
	if (keys.memory != NULL)
		contents_free(&keys);
	keyfile_close(v);
	return good;
}

static bool
list_file(const char *path, const struct listing *l)
{
	struct keyfile v;
	bool open = keyfile_open(&v, path, KEYFILE_READ, &l->access->unlock);

	return list_keyfile(&v, open, l);
}

/* "-" is standard input. */
static bool
list_given(const char *path, const struct listing *l)
{
	struct keyfile v;
	bool open;

	if (!source_is_standard(path))
		return list_file(path, l);
	open = keyfile_open_standard(&v, input_read(path, FILE_DATA, "it",
	    KEYFILE_MAX), &l->access->unlock);
	return list_keyfile(&v, open, l);
}

static bool
is_part(const struct settings *s, const char *path)
{
	for (size_t i = 0; i < s->parts.n; i++) {
		if (strcmp(s->parts.v[i].path, path) == 0)
			return true;
	}
	return false;
}

static bool
list_pattern(const char *pattern, const struct settings *s,
    const struct listing *l)
{
	bool good = true;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0) {
		(void)say_failed("%s: no such file", pattern);
		return false;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (!is_part(s, found.gl_pathv[i]))
			good &= list_file(found.gl_pathv[i], l);
	}
	globfree(&found);
	return good;
}

/* The main file or a file that it includes: keys may be in there too. */
static bool
list_part(const struct part *part, const struct listing *l)
{
	char *word;

	if (part->sealed && source_is_standard(part->path)) {
		(void)say_failed("%s: holds keys: list them with 'sallyport "
		    "key list -'", SOURCE_STANDARD);
		return false;
	}
	if (part->sealed)
		return list_file(part->path, l);
	word = source_word(part->path);
	(void)say_failed("%s: holds keys and is not sealed, which 'sallyport "
	    "check' refuses; to seal it: sallyport seal -r RECIPIENT -o OUT %s",
	    source_name(part->path), word);
	free(word);
	return false;
}

/* The first part is the main file. */
static void
print_diagnostics(const struct settings *s)
{
	say_diagnostics(&s->diagnostics);
	if (s->diagnostics.n_errors != 0 &&
	    parts_main_is_missing(s->parts.v[0].path))
		(void)say_failed(PARTS_MISSING);
}

/* Names each part that could not be read, since it may hold keys, too. */
static bool
list_configured(const struct listing *l)
{
	const struct settings *s = unlock_settings(&l->access->unlock);
	bool good = s->diagnostics.n_errors == 0, some = s->n_sealed != 0;

	say_reasons(&l->access->why);
	print_diagnostics(s);
	for (size_t i = 0; i < s->parts.n; i++) {
		if (!s->parts.v[i].holds_keys)
			continue;
		some = true;
		good &= list_part(&s->parts.v[i], l);
	}
	for (size_t i = 0; i < s->n_sealed; i++)
		good &= list_pattern(s->sealed[i], s, l);
	if (good && !some && l->json == NULL)
		say("%s\n  no keys, and no sealed files\n",
		    source_name(s->parts.v[0].path));
	return good;
}

static bool
list(const struct cli_args *args, struct json *json)
{
	struct access a;
	const struct listing l = { .access = &a, .json = json };
	bool good = true;

	if (!access_begin(&a, args))
		return false;
	for (size_t i = 0; i < args->n_operands; i++)
		good &= list_given(args->operands[i], &l);
	if (args->n_operands == 0)
		good = list_configured(&l);
	access_end(&a);
	return good;
}

static enum cli_exit
run_key_list(const struct cli_args *args)
{
	struct document d;
	bool good;

	if (!cli_args_has(args, "json"))
		return list(args, NULL) ? CLI_DONE : CLI_FAILED;
	document_begin(&d);
	json_array(&d.json, NULL);
	good = list(args, &d.json);
	json_array_end(&d.json);
	document_end(&d);
	return good ? CLI_DONE : CLI_FAILED;
}

static const struct cli_option key_list_options[] = {
	CLI_UNLOCK_OPTIONS,
	CLI_JSON_OPTION,
	{ .name = NULL },
};

const struct verb verb_key_list = {
	.name = "key list",
	.summary = "lists the keys of sealed files, never their values",
	.options = key_list_options,
	.operands = "FILE ...",
	.max_operands = SIZE_MAX,
	.operands_are = CLI_FILES,
	.about = "Lists the keys in sealed files, those of the configuration "
	    "or FILE ...:\nname, scheme, expiry, hosts, field, note, and a "
	    "fingerprint, which is the\nfirst 8 hexadecimal digits of the "
	    "value's SHA-256.  And to whom each file\nis "
	    "sealed, where the file names them.  Never a value.\n\n"
	    "The configuration and what it includes may be sealed and hold "
	    "keys, too:\nthose are listed by the file they are in.  What "
	    "could not be opened is named,\nand the exit status then is "
	    "1.\n\n"
	    "The JSON document is a list of objects: name, hosts, "
	    "fingerprint, scheme\n(null: none), field, plain, expires (RFC "
	    "3339, or null), days_left (whole days,\nless than 0 once "
	    "expired, or null), created and note (or null), file.  What\n"
	    "could not be opened is named on standard error.\n",
	.example = "sallyport key list\n"
	    "sallyport key list -i identity keys.age\n",
	.run = run_key_list,
};

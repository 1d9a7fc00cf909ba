/*
 * Loading from files: identities, sealed files made by the age of the
 * system, fragments; each way to fail names its file, and no key stays in
 * ordinary memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/conf.h"
#include "seal/recipient.h"
#include "seal/seal.h"
#include "../../lib/asan.h"

static char folder[] = "/tmp/sallyport-load-XXXXXX";
static char recipient[RECIPIENT_TEXT];

/* "aaaaaaaa:aaaaaaaa" and "bbbbbbbb:bbbbbbbb" in base64, as keys look. */
#define KEYS "keys = ( { name = \"a\"; value = \"YWFhYWFhYWE6YWFhYWFhYWE=\"; " \
	"hosts = [ \"api.example.com\" ]; } );\n"
#define OTHER_KEYS "keys = ( { name = \"b\"; " \
	"value = \"YmJiYmJiYmI6YmJiYmJiYmI=\"; " \
	"hosts = [ \"api.example.com\" ]; } );\n"
#define REST "listeners = ( { address = \"127.0.0.1:0\"; } );\n" \
	"upstreams = ( { url = \"https://api.example.com\"; } );\n" \
	"routes = ( { name = \"r\"; keys = [ \"a\" ]; } );\n"
#define WHOLE "identity = \"identity\";\nsealed = [ \"*.age\" ];\n" REST

static void
write_file(const char *name, const void *p, size_t n, mode_t mode)
{
	FILE *f;

	(void)unlink(name);
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static void
write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text), 0600);
}

/* A new identity in a file; its recipient, RECIPIENT_TEXT bytes. */
static void
write_identity(const char *name, char *to)
{
	struct secret *text;

	assert_int_equal(identity_generate(0, &text, to), STATUS_OK);
	write_file(name, secret_read(text), secret_len(text), 0600);
	secret_free(text);
}

static size_t
read_file(const char *name, char *into, size_t size)
{
	FILE *f = fopen(name, "r");
	size_t n;

	assert_non_null(f);
	n = fread(into, 1, size, f);
	(void)fclose(f);
	return n;
}

static void
seal_with(const char *name, const char *options, const char *text)
{
	char *command = xasprintf("age %s -o %s", options, name);
	FILE *f = popen(command, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(pclose(f), 0);
	free(command);
}

static void
seal(const char *name, const char *to, const char *text)
{
	char *options = xasprintf("-r %s", to);

	seal_with(name, options, text);
	free(options);
}

static struct secret *
secret_of(const char *s)
{
	return secret_copy(s, strlen(s));
}

/* By the smallest work there is. */
static void
seal_by_passphrase(const char *name, const char *passphrase, const char *text)
{
	struct recipients *r = recipients_new();
	struct buf sealed;

	recipients_set_passphrase(r, secret_of(passphrase), 1);
	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, false, (const uint8_t *)text,
	    strlen(text), &sealed), STATUS_OK);
	write_file(name, buf_data(&sealed), buf_len(&sealed), 0600);
	buf_release(&sealed);
	recipients_free(r);
}

static void
need_age(void)
{
	if (system("age --version >/dev/null 2>&1") != 0)
		skip();
}

/* Who is asked for passphrases, one file after the other. */
struct person {
	const char *answers[4];		/* NULL: none */
	unsigned n;
	unsigned tried;
};

static struct person person;
static bool somebody;

static void
nobody_answers(void)
{
	person = (struct person){ .n = 0 };
	somebody = false;
}

static void
somebody_answers(const char *first, const char *second)
{
	person = (struct person){ .answers = { first, second } };
	somebody = true;
}

static struct secret *
ask(void *ctx, const char *file)
{
	struct person *p = ctx;
	const char *answer;

	(void)file;
	assert_in_range(p->n, 0, 3);
	answer = p->answers[p->n++];
	return answer != NULL ? secret_of(answer) : NULL;
}

static void
tried(void *ctx)
{
	((struct person *)ctx)->tried++;
}

/* A folder of its own with an identity, a sealed file and a main file. */
static int
setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return -1;
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	nobody_answers();
	write_identity("identity", recipient);
	write_text("main", WHOLE);
	return 0;
}

static int
teardown(void **state)
{
	char *command = xasprintf("rm -rf %s", folder);
	int failed = chdir("/");

	(void)state;
	failed |= system(command);
	free(command);
	return failed;
}

/* Loads "main", with an identity or NULL: exactly these faults, each "FILE:LINE: beginning". */
static void
assert_diagnostics(const char *with, const char *const *expect)
{
	const struct conf_opening opening = { .identity = with,
		.ask = somebody ? ask : NULL, .tried = tried, .ctx = &person };
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = conf_load("main", &opening, &diagnostics);
	size_t n = 0;

	while (expect[n] != NULL)
		n++;
	for (size_t i = 0; i < diagnostics.n && i < n; i++) {
		const struct conf_diagnostic *f = &diagnostics.v[i];
		char *line = f->line != 0 ? xasprintf("%s:%u: %s", f->file,
		    f->line, f->text) : xasprintf("%s: %s", f->file, f->text);

		if (strncmp(line, expect[i], strlen(expect[i])) != 0)
			fail_msg("%s\nexpected %s", line, expect[i]);
		free(line);
	}
	if (diagnostics.n != n) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail_msg("%zu faults expected", n);
	}
	assert_int_equal(c == NULL, n != 0);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
assert_first_fault(const char *with, const char *expect)
{
	const struct conf_opening opening = { .identity = with };
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *line;

	assert_null(conf_load("main", &opening, &diagnostics));
	assert_true(diagnostics.n > 0);
	line = xasprintf("%s:%u: %s", diagnostics.v[0].file,
	    diagnostics.v[0].line,
	    diagnostics.v[0].text);
	assert_true(strncmp(line, expect, strlen(expect)) == 0);
	free(line);
	conf_diagnostics_free(&diagnostics);
}

#define FAULTS(...) FAULTS_WITH(NULL, __VA_ARGS__)
#define NO_FAULTS() NO_FAULTS_WITH(NULL)
#define FAULTS_WITH(identity, ...) \
	assert_diagnostics(identity, (const char *const[]){ __VA_ARGS__, NULL })
#define NO_FAULTS_WITH(identity) \
	assert_diagnostics(identity, (const char *const[]){ NULL })

static void
a_configuration_with_a_sealed_file_loads(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	NO_FAULTS();
}

static void
paths_are_relative_to_the_main_file(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *path = xasprintf("%s/main", folder);
	char *identity = xasprintf("%s/identity", folder);
	struct conf *c;

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	assert_int_equal(chdir("/"), 0);
	c = conf_load(path, NULL, &diagnostics);
	assert_non_null(c);
	assert_string_equal(c->file, path);
	assert_string_equal(c->identity, identity);
	assert_string_equal(c->sealed.v[0], "*.age");
	assert_int_equal(c->files.n, 3);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
	free(identity);
	free(path);
}

static void
a_file_that_two_patterns_match_is_read_once(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "identity = \"identity\";\n"
	    "sealed = [ \"keys.age\", \"*.age\" ];\n" REST);
	NO_FAULTS();
}

static void
a_pattern_that_matches_nothing_is_a_fault(void **state)
{
	(void)state;
	FAULTS("main:2: option 'sealed': no file matches *.age: make one "
	    "with 'sallyport key add'");
	write_text("main", "identity = \"identity\";\n"
	    "sealed = [ \"no/such.age\" ];\n" REST);
	FAULTS("main:2: option 'sealed': no file matches no/such.age");
}

static void
a_file_that_is_not_there_is_a_fault(void **state)
{
	(void)state;
	(void)unlink("main");
	FAULTS("main: No such file or directory: name the configuration with "
	    "-c, or make one with 'sallyport init'");
	assert_int_equal(mkdir("main", 0700), 0);
	FAULTS("main: is a directory");
}

static void
a_syntax_error_has_its_line(void **state)
{
	(void)state;
	write_text("main", "workers = 1;\nlog == 2;\n");
	FAULTS("main:2: syntax error, here or just before: options are "
	    "written NAME = VALUE;");
	write_text("main", "workers = 1;\nworkers = 2;\n");
	FAULTS("main:2: option 'workers' is given twice, the first time in "
	    "line 1");
}

static void
an_identity_that_cannot_be_used_is_a_fault(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	/* Root's may be read by a group that root is in. */
	assert_int_equal(chmod("identity", geteuid() == 0 ? 0660 : 0640), 0);
	FAULTS("main:1: identity identity: group or others may use it: chmod");
	assert_int_equal(chmod("identity", 0604), 0);
	FAULTS("main:1: identity identity: group or others may use it: chmod");
	write_text("identity", "# fine\nAGE-SECRET-KEY-1NOTONE\n");
	FAULTS("identity:2: not an identity");
	write_text("identity", "# nothing\n");
	FAULTS("identity: holds no identity");
	(void)unlink("identity");
	FAULTS("main:1: identity identity: No such file");
	seal("identity", recipient, "x");
	assert_int_equal(chmod("identity", 0600), 0);
	FAULTS("identity: this identity is sealed to a recipient");
}

static void
without_an_identity_the_rest_is_still_checked(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", WHOLE "wrokers = 1;\n");
	(void)unlink("identity");
	FAULTS("main:1: identity identity: No such file",
	    "main:6: unknown option 'wrokers'");
	write_text("main", "sealed = [ \"*.age\" ];\n" REST);
	FAULTS("main:1: option 'identity' is missing");
}

static void
a_file_sealed_to_somebody_else_is_named_with_what_to_do(void **state)
{
	char other[RECIPIENT_TEXT];
	char *expect;

	(void)state;
	need_age();
	write_identity("other", other);
	seal("keys.age", other, KEYS);
	expect = xasprintf("keys.age: sealed to somebody else: no "
	    "identity in identity opens it; seal it to the recipient %s",
	    recipient);
	FAULTS(expect);
	free(expect);
}

static void
a_sealed_file_that_was_cut_or_altered_is_named(void **state)
{
	char bytes[4096];
	size_t n;

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	n = read_file("keys.age", bytes, sizeof(bytes));
	write_file("keys.age", bytes, n - 5, 0600);
	FAULTS("keys.age: the sealed content was cut or altered: put a copy "
	    "of it back, or seal it again");
	bytes[n - 20] ^= 1;
	write_file("keys.age", bytes, n, 0600);
	FAULTS("keys.age: the sealed content was cut or altered: put a copy");
	write_file("keys.age", bytes, 22, 0600);
	FAULTS("keys.age: the header is damaged: put a copy");
	write_file("keys.age", bytes, 0, 0600);
	FAULTS("keys.age: is empty: put a copy of it back, or remove it");
}

static void
damaged_armor_is_named_with_its_line(void **state)
{
	char bytes[4096], *armored, *third;
	size_t n;

	(void)state;
	need_age();
	armored = xasprintf("-a -r %s", recipient);
	seal_with("keys.age", armored, KEYS);
	free(armored);
	n = read_file("keys.age", bytes, sizeof(bytes));
	third = memchr(bytes, '\n', n);
	third = memchr(third + 1, '\n', n - (size_t)(third + 1 - bytes));
	third[5] = '!';
	write_file("keys.age", bytes, n, 0600);
	FAULTS("keys.age:3: the armor is damaged");
}

static void
keys_in_plain_text_are_refused(void **state)
{
	(void)state;
	write_text("keys.age", KEYS);
	FAULTS("keys.age: is not sealed: keys are refused in plain text");
}

static void
faults_in_sealed_text_have_their_line(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, "# sealed\n" KEYS "kyes = 1;\n");
	FAULTS("keys.age:3: unknown option 'kyes'");
	seal("keys.age", recipient, "keys = 1;\n syntax;\n");
	FAULTS("keys.age:2: syntax error");
	seal("keys.age", recipient, "\n@include \"main\"\n");
	FAULTS("keys.age:2: a sealed file cannot use @include");
}

/* By its whole path, from another directory. */
static void
assert_loads_from_elsewhere(void)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *path = xasprintf("%s/main", folder);

	assert_int_equal(chdir("/"), 0);
	conf_free(conf_load(path, NULL, &diagnostics));
	assert_int_equal(diagnostics.n, 0);
	assert_int_equal(chdir(folder), 0);
	conf_diagnostics_free(&diagnostics);
	free(path);
}

static void
a_plain_file_may_be_included_by_the_main_file(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "identity = \"identity\";\n"
	    "sealed = [ \"*.age\" ];\n@include \"rest\"\n");
	write_text("rest", REST);
	NO_FAULTS();
	assert_loads_from_elsewhere();
}

static void
faults_in_an_included_file_come_with_its_name(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "identity = \"identity\";\n"
	    "sealed = [ \"*.age\" ];\n@include \"rest\"\n\nwrokers = 1;\n");
	write_text("rest", REST "\nlgo = 1;\n");
	FAULTS("main:5: unknown option 'wrokers'",
	    "rest:5: unknown option 'lgo'");
	write_text("rest", REST "/* no end");
	FAULTS("main:5: unknown option 'wrokers'",
	    "rest:4: this comment has no end");
	write_text("rest", "lgo = = 1;\n");
	FAULTS("main:5: unknown option 'wrokers'",
	    "rest:1: syntax error");
}

static void
the_credential_of_systemd_is_the_default_identity(void **state)
{
	char *directory = xasprintf("%s/credentials", folder);

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "sealed = [ \"*.age\" ];\n" REST);
	assert_int_equal(mkdir("credentials", 0700), 0);
	assert_int_equal(rename("identity",
	    "credentials/sallyport.identity"), 0);
	/* An access list of systemd looks like this. */
	assert_int_equal(chmod("credentials/sallyport.identity", 0440), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, 1), 0);
	NO_FAULTS();
	/* The main file may then be sealed itself. */
	(void)unlink("main");
	seal("main", recipient, "sealed = [ \"keys.age\" ];\n" REST);
	NO_FAULTS();
	seal("main", recipient, "sealed = [ \"keys.age\" ];\n" REST
	    "wrokers = 1;\n");
	FAULTS("main:5: unknown option 'wrokers'");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	FAULTS("main: is sealed: say with -i IDENTITY what opens it");
	free(directory);
}

static void
an_identity_that_is_passed_in_opens_a_sealed_main_file(void **state)
{
	char other[RECIPIENT_TEXT];

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	(void)unlink("main");
	seal("main", recipient, "sealed = [ \"keys.age\" ];\n" REST);
	NO_FAULTS_WITH("identity");
	FAULTS_WITH("no/such", "no/such: No such file or directory");
	write_identity("other", other);
	FAULTS_WITH("other", "main: sealed to somebody else: no identity in "
	    "other opens it");
	/* What it says itself holds for the sealed files. */
	seal("main", other, WHOLE);
	NO_FAULTS_WITH("other");
	seal("main", recipient, "identity = \"none\";\n"
	    "sealed = [ \"keys.age\" ];\n" REST);
	FAULTS_WITH("identity", "main:1: identity none: No such file");
}

static void
an_identity_that_is_passed_in_is_the_default(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "sealed = [ \"*.age\" ];\n" REST);
	NO_FAULTS_WITH("identity");
	write_text("main", "identity = \"none\";\n"
	    "sealed = [ \"*.age\" ];\n" REST);
	FAULTS_WITH("identity", "main:1: identity none: No such file");
}

static void
what_is_sealed_with_a_passphrase_needs_no_identity(void **state)
{
	(void)state;
	(void)unlink("identity");
	(void)unlink("main");
	seal_by_passphrase("main", "horse", REST KEYS);
	somebody_answers("horse", NULL);
	NO_FAULTS();
	assert_int_equal(person.n, 1);
	assert_int_equal(person.tried, 1);
	somebody_answers("cow", NULL);
	FAULTS("main: wrong passphrase");
	assert_int_equal(person.n, 1);
	somebody_answers(NULL, NULL);
	FAULTS("main: sealed with a passphrase, and none was given: run it "
	    "on a terminal, or with --passphrase-file");
	nobody_answers();
	FAULTS("main: sealed with a passphrase, and none was given");
	/* A fragment, and a file of keys: the same one is not asked twice. */
	seal_by_passphrase("main", "horse", "sealed = [ \"k.age\" ];\n"
	    "@include \"rest\"\n");
	seal_by_passphrase("rest", "horse", REST);
	seal_by_passphrase("k.age", "cow", KEYS);
	somebody_answers("horse", "cow");
	NO_FAULTS();
	assert_int_equal(person.n, 2);
	somebody_answers("horse", "pig");
	FAULTS("k.age: wrong passphrase");
	/* Nor is one missed that a plain main file does not name. */
	write_text("main", "sealed = [ \"k.age\" ];\n"
	    "@include \"rest\"\n");
	somebody_answers("horse", "cow");
	NO_FAULTS();
	/* Of systemd's credentials there may be other ones. */
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	somebody_answers("horse", "cow");
	NO_FAULTS();
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void
passphrases_and_identities_mix(void **state)
{
	(void)state;
	need_age();
	(void)unlink("main");
	seal("keys.age", recipient, KEYS);
	/* The main file by a passphrase, the keys by the identity it names. */
	seal_by_passphrase("main", "horse", WHOLE);
	somebody_answers("horse", NULL);
	NO_FAULTS();
	/* By one that is passed in, or missed. */
	seal_by_passphrase("main", "horse", "sealed = [ \"*.age\" ];\n" REST);
	somebody_answers("horse", NULL);
	NO_FAULTS_WITH("identity");
	somebody_answers("horse", NULL);
	FAULTS("main:1: option 'identity' is missing, and systemd passed no "
	    "credential");
	/* The other way round. */
	seal("main", recipient, WHOLE);
	seal_by_passphrase("keys.age", "horse", KEYS);
	somebody_answers("horse", NULL);
	NO_FAULTS_WITH("identity");
	assert_int_equal(person.n, 1);
	nobody_answers();
	FAULTS_WITH("identity", "keys.age: sealed with a passphrase, and none "
	    "was given");
	FAULTS("main: is sealed: say with -i IDENTITY what opens it");
}

static void
a_passphrase_that_is_known_opens_a_protected_identity_too(void **state)
{
	char text[1024];
	size_t n;

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	n = read_file("identity", text, sizeof(text) - 1);
	text[n] = '\0';
	seal_by_passphrase("identity", "horse", text);
	(void)unlink("main");
	seal_by_passphrase("main", "horse", WHOLE);
	somebody_answers("horse", NULL);
	NO_FAULTS();
	assert_int_equal(person.n, 1);
	seal_by_passphrase("identity", "cow", text);
	explicit_bzero(text, sizeof(text));
	somebody_answers("horse", "cow");
	NO_FAULTS();
	assert_int_equal(person.n, 2);
	somebody_answers("horse", NULL);
	FAULTS("identity: wrong passphrase");
}

static void
an_identity_that_is_no_file_is_refused_at_once(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	(void)unlink("identity");
	assert_int_equal(mkfifo("identity", 0600), 0);
	FAULTS("main:1: identity identity: is a pipe, not a file");
	(void)unlink("identity");
	assert_int_equal(mkdir("identity", 0700), 0);
	FAULTS("main:1: identity identity: is a directory");
	assert_int_equal(rmdir("identity"), 0);
	assert_int_equal(symlink("/dev/zero", "identity"), 0);
	FAULTS("main:1: identity identity: is a device, not a file");
	write_text("main", "@include \"pipe\"\n" WHOLE);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	FAULTS("main:1: @include: pipe: is a pipe, not a file");
}

static void
an_identity_may_come_through_a_pipe_that_was_passed(void **state)
{
	char text[1024], *path;
	int fds[2];
	size_t n;

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "sealed = [ \"*.age\" ];\n" REST);
	n = read_file("identity", text, sizeof(text));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, n), n);
	explicit_bzero(text, sizeof(text));
	(void)close(fds[1]);
	path = xasprintf("/dev/fd/%d", fds[0]);
	NO_FAULTS_WITH(path);
	(void)close(fds[0]);
	free(path);
}

static void
a_mistyped_identity_is_told_from_what_is_none(void **state)
{
	char text[1024];
	size_t n;

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	n = read_file("identity", text, sizeof(text));
	text[n - 5] = text[n - 5] != 'Q' ? 'Q' : 'P';
	write_file("identity", text, n, 0600);
	explicit_bzero(text, sizeof(text));
	FAULTS("identity:3: a mistyped identity: its checksum is wrong");
	write_text("keys.age", "age-encryption.org/v9\n");
	FAULTS("identity:3: a mistyped identity",
	    "keys.age: a newer version of the age format, v9;");
}

#define MAIN(includes) "identity = \"identity\";\n" \
	"sealed = [ \"*.age\" ];\n" includes

static void
a_sealed_file_may_be_included_by_the_main_file(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	seal("rest", recipient, REST);
	write_text("main", MAIN("  @include \"rest\"  # the rest\n"));
	NO_FAULTS();
	assert_loads_from_elsewhere();
	(void)unlink("main");
	seal("main", recipient, MAIN("@include \"rest\"\n"));
	NO_FAULTS_WITH("identity");
	/* One that is sealed may hold keys, wherever else it is named. */
	seal("rest.age", recipient, REST KEYS);
	seal("keys.age", recipient, OTHER_KEYS);
	(void)unlink("main");
	write_text("main", MAIN("@include \"rest.age\"\n"));
	NO_FAULTS();
}

static void
keys_in_a_plain_fragment_are_refused(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, OTHER_KEYS);
	(void)unlink("main");
	seal("main", recipient, MAIN("@include \"rest\"\n"));
	write_text("rest", KEYS REST);
	assert_first_fault("identity", "rest:1: option 'keys' is refused in a "
	    "file that is not sealed");
}

static void
faults_in_a_sealed_fragment_have_its_name_and_line(void **state)
{
	char other[RECIPIENT_TEXT];

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", MAIN("@include \"rest\"\n\nwrokers = 1;\n"));
	seal("rest", recipient, REST "\nlgo = 1;\n");
	FAULTS("main:5: unknown option 'wrokers'",
	    "rest:5: unknown option 'lgo'");
	seal("rest", recipient, "\nlgo = = 1;\n");
	FAULTS("main:5: unknown option 'wrokers'", "rest:2: syntax error");
	write_identity("other", other);
	seal("rest", other, REST);
	FAULTS("main:5: unknown option 'wrokers'",
	    "rest: sealed to somebody else: no identity in identity");
	(void)unlink("rest");
	FAULTS("main:3: @include: rest: No such file or directory",
	    "main:5: unknown option 'wrokers'");
}

static void
a_sealed_fragment_needs_an_identity(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	seal("rest", recipient, REST);
	write_text("main", "sealed = [ \"*.age\" ];\n@include \"rest\"\n");
	FAULTS("rest: is sealed: set option 'identity' in main, or say with "
	    "-i IDENTITY");
	NO_FAULTS_WITH("identity");
	assert_int_equal(unlink("identity"), 0);
	write_text("main", MAIN("@include \"rest\"\n"));
	FAULTS("main:1: identity identity: No such file or directory");
}

static void
an_option_of_two_files_is_a_fault_that_names_both(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	seal("rest", recipient, "\nworkers = 2;\n" REST);
	write_text("more", "workers = 3;\n");
	write_text("main", MAIN("@include \"rest\"\nworkers = 1;\n"
	    "@include \"more\"\n"));
	FAULTS("rest:2: option 'workers' is given twice: it is in main:4 "
	    "already",
	    "more:1: option 'workers' is given twice: it is in main:4 "
	    "already");
}

static void
a_file_that_includes_itself_is_a_fault(void **state)
{
	char name[8] = "f0", text[32];

	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", WHOLE "@include \"main\"\n");
	FAULTS("main:6: @include: main is the main file");
	write_text("main", MAIN("@include \"rest\"\n"));
	seal("rest", recipient, REST "\n@include \"rest\"\n");
	FAULTS("rest:5: @include: rest is included already, in main:3");
	write_text("main", WHOLE "@include \"f0\"\n");
	for (unsigned i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "f%u", i);
		(void)snprintf(text, sizeof(text), "@include \"f%u\"\n",
		    i + 1);
		write_text(name, text);
	}
	write_text("f10", "");
	FAULTS("f9:1: @include: more than 10 files deep");
	write_text("f9", "");
	NO_FAULTS();
}

static void
inside_of_brackets_plain_files_are_included(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", WHOLE "log = {\n@include \"log\"\n};\n");
	write_text("log", "\nlevle = \"info\";\n");
	FAULTS("log:2: unknown option 'levle'");
	write_text("log", "level = \"info\";\n");
	NO_FAULTS();
	seal("log", recipient, "level = \"info\";\n");
	FAULTS("log: is sealed, and @include cannot open it here");
	(void)unlink("main");
	seal("main", recipient, WHOLE "log = {\n@include \"log\"\n};\n");
	FAULTS_WITH("identity", "main:7: in a sealed file, @include");
	(void)unlink("main");
	write_text("main", WHOLE "log = { @include \"log\" };\n");
	FAULTS("main:6: @include must be the first in its line");
}

static void
groups_of_a_list_are_included(void **state)
{
	(void)state;
	need_age();
	seal("keys.age", recipient, KEYS);
	write_text("main", "identity = \"identity\"; sealed = [ \"*.age\" ];\n"
	    "listeners = ( { name = \"l\"; address = \"127.0.0.1:0\"; } );\n"
	    "upstreams = (\n@include \"more\"\n);\n"
	    "routes = ( { name = \"r\"; upstream = \"u\"; "
	    "keys = [ \"a\" ]; } );\n");
	write_text("more",
	    "{ name = \"u\"; url = \"https://api.example.com\"; },\n"
	    "{ name = \"v\"; url = \"https://api.example.com\"; "
	    "ulr = 1; }\n");
	FAULTS("more:2: unknown option 'ulr'");
	write_text("more",
	    "{ name = \"u\"; url = \"https://api.example.com\"; }\n");
	NO_FAULTS();
}

/*
 * A random key in a sealed file, made by another process; veil gets it, n
 * bytes with some bits of each inverted: so it is not in our memory.
 */
static void
seal_unknown_key(uint8_t *veil, size_t n)
{
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		FILE *f = popen(xasprintf("age -r %s -o keys.age", recipient),
		    "w");
		FILE *random = fopen("/dev/urandom", "r");

		(void)fputs("keys = ( { name = \"a\"; hosts = "
		    "[ \"api.example.com\" ]; value = \"", f);
		for (size_t i = 0; i < n; i++) {
			uint8_t c = (uint8_t)('a' + fgetc(random) % 26);

			(void)fputc(c, f);
			c ^= 0x55;
			(void)!write(fds[1], &c, 1);
		}
		(void)fputs("\"; } );\n", f);
		_exit(pclose(f) == 0 ? 0 : 1);
	}
	(void)close(fds[1]);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(read(fds[0], veil + i, 1), 1);
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool
holds(const uint8_t *p, size_t size, const uint8_t *veil, size_t n)
{
	for (size_t at = 0; at + n <= size; at++) {
		size_t i = 0;

		while (i < n && p[at + i] == (veil[i] ^ 0x55))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

/* In memory of ours that is not kept for secrets (which is shared). */
static bool
memory_holds(const uint8_t *veil, size_t n)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from, to;
		char rights[5];

		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 &&
		    strcmp(rights, "rw-p") == 0 && strstr(line, "[v") == NULL)
			found = holds((const uint8_t *)from, to - from, veil,
			    n);
	}
	(void)fclose(maps);
	return found;
}

static void
no_key_stays_in_ordinary_memory(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	uint8_t veil[40];
	struct conf *c;
	size_t same = 0;

	(void)state;
	need_age();
#if defined(UNDER_ASAN)
	skip();		/* it keeps what was freed */
#endif
	seal_unknown_key(veil, sizeof(veil));
	c = conf_load("main", NULL, &diagnostics);
	assert_non_null(c);
	assert_int_equal(secret_len(c->keys[0].value), sizeof(veil));
	for (size_t i = 0; i < sizeof(veil); i++)
		same += secret_read(c->keys[0].value)[i] == (veil[i] ^ 0x55);
	assert_int_equal(same, sizeof(veil));
	assert_false(memory_holds(veil, sizeof(veil)));
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
no_key_of_a_fragment_stays_in_ordinary_memory(void **state)
{
	const struct conf_opening opening = { .identity = "identity" };
	struct conf_diagnostics diagnostics = { .n = 0 };
	uint8_t veil[40];
	struct conf *c;

	(void)state;
	need_age();
#if defined(UNDER_ASAN)
	skip();		/* it keeps what was freed */
#endif
	seal_unknown_key(veil, sizeof(veil));
	(void)unlink("main");
	seal("others", recipient, OTHER_KEYS);
	seal("main", recipient, "sealed = [ \"others\" ];\n"
	    "@include \"keys.age\"\n" REST);
	c = conf_load("main", &opening, &diagnostics);
	assert_non_null(c);
	assert_int_equal(secret_len(c->keys[0].value), sizeof(veil));
	assert_false(memory_holds(veil, sizeof(veil)));
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_with_a_sealed_file_loads),
		TEST(paths_are_relative_to_the_main_file),
		TEST(a_file_that_two_patterns_match_is_read_once),
		TEST(a_pattern_that_matches_nothing_is_a_fault),
		TEST(a_file_that_is_not_there_is_a_fault),
		TEST(a_syntax_error_has_its_line),
		TEST(an_identity_that_cannot_be_used_is_a_fault),
		TEST(without_an_identity_the_rest_is_still_checked),
		TEST(a_file_sealed_to_somebody_else_is_named_with_what_to_do),
		TEST(a_sealed_file_that_was_cut_or_altered_is_named),
		TEST(damaged_armor_is_named_with_its_line),
		TEST(keys_in_plain_text_are_refused),
		TEST(faults_in_sealed_text_have_their_line),
		TEST(a_plain_file_may_be_included_by_the_main_file),
		TEST(faults_in_an_included_file_come_with_its_name),
		TEST(the_credential_of_systemd_is_the_default_identity),
		TEST(an_identity_that_is_passed_in_opens_a_sealed_main_file),
		TEST(an_identity_that_is_passed_in_is_the_default),
		TEST(what_is_sealed_with_a_passphrase_needs_no_identity),
		TEST(passphrases_and_identities_mix),
		TEST(a_passphrase_that_is_known_opens_a_protected_identity_too),
		TEST(an_identity_that_is_no_file_is_refused_at_once),
		TEST(an_identity_may_come_through_a_pipe_that_was_passed),
		TEST(a_mistyped_identity_is_told_from_what_is_none),
		TEST(a_sealed_file_may_be_included_by_the_main_file),
		TEST(keys_in_a_plain_fragment_are_refused),
		TEST(faults_in_a_sealed_fragment_have_its_name_and_line),
		TEST(a_sealed_fragment_needs_an_identity),
		TEST(an_option_of_two_files_is_a_fault_that_names_both),
		TEST(a_file_that_includes_itself_is_a_fault),
		TEST(inside_of_brackets_plain_files_are_included),
		TEST(groups_of_a_list_are_included),
		TEST(no_key_stays_in_ordinary_memory),
		TEST(no_key_of_a_fragment_stays_in_ordinary_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

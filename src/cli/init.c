/*
 * The verb `init`: from nothing to a configuration that works, with one key.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/replace.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/key_new.h"
#include "cli/terminal.h"
#include "cli/vault.h"
#include "cli/verbs.h"
#include "conf/value.h"

#define SYSTEM_FOLDER	"/etc/sallyport"
#define DEFAULT_NAME	"elastic-cloud"
#define DEFAULT_URL	"https://api.elastic-cloud.com"
#define DEFAULT_LISTEN	"127.0.0.1:9080"
#define NAME_MAX_BYTES	80

extern const struct verb verb_check;

struct setup {
	const struct cli_args *args;
	char *folder;
	char *identity, *keys, *conf;	/* paths in there */
	const char *url, *listen;
	char host[VALUE_HOST];
	char name[NAME_MAX_BYTES];
	struct secret *value;
	bool made_identity, made_keys;	/* by us: may be removed again */
};

/* Where. */

static char *
choose_folder(const struct cli_args *args)
{
	const char *given = cli_args_value(args, "dir");
	size_t n;

	if (given == NULL)
		return geteuid() == 0 ? xstrdup(SYSTEM_FOLDER) :
		    unlock_user_folder();
	n = strlen(given);
	while (n > 1 && given[n - 1] == '/')
		n--;
	return xstrndup(given, n);
}

static bool
refuse_existing(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		(void)cli_failed("%s exists already: nothing is overwritten; "
		    "choose another --dir, or add a key with 'sallyport key "
		    "add'", path);
	else if (errno == ENOENT)
		return true;
	else
		(void)cli_failed("%s: %m; choose another --dir", path);
	return false;
}

static bool
find_place(struct setup *s)
{
	s->folder = choose_folder(s->args);
	if (s->folder == NULL) {
		(void)cli_failed("HOME is not set: say where with --dir");
		return false;
	}
	s->identity = xasprintf("%s/identity", s->folder);
	s->keys = xasprintf("%s/keys.age", s->folder);
	s->conf = xasprintf("%s/sallyport.conf", s->folder);
	return refuse_existing(s->conf) && refuse_existing(s->identity) &&
	    refuse_existing(s->keys);
}

static bool
make_folders(const char *path)
{
	char *part = xstrdup(path);
	bool good = true;

	for (char *p = part + 1; good && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		good = mkdir(part, 0755) == 0 || errno == EEXIST;
		*p = '/';
	}
	good = good && (mkdir(part, 0700) == 0 || errno == EEXIST);
	free(part);
	if (!good)
		(void)cli_failed("%s: %m", path);
	return good;
}

/* What. */

static bool
check_options(struct setup *s)
{
	const char *url = cli_args_value(s->args, "url");
	const char *listen = cli_args_value(s->args, "listen"), *why;
	uint16_t port = 443;
	struct addr a;

	s->url = url != NULL ? url : DEFAULT_URL;
	s->listen = listen != NULL ? listen : DEFAULT_LISTEN;
	why = value_url(text_of(s->url), s->host, &port);
	if (why != NULL)
		(void)cli_failed("--url %s: %s", s->url, why);
	else if (!addr_parse(s->listen, &a, &why))
		(void)cli_failed("--listen %s: %s", s->listen, why);
	else if (!addr_is_loopback(&a))
		(void)cli_failed("--listen %s: other machines can reach this; "
		    "make it for this one, then change 'address' and say "
		    "'nonlocal = true'", s->listen);
	else if (strpbrk(s->listen, "\"\\") != NULL)
		(void)cli_failed("--listen %s: a quote or backslash cannot be "
		    "in it here", s->listen);
	else
		return true;
	return false;
}

static bool
set_name(struct setup *s, struct text name)
{
	const char *why;

	name = text_trim(name);
	if (name.n == 0)
		name = TEXT(DEFAULT_NAME);
	why = value_name(name);
	if (why != NULL) {
		/* Not what it says: who mixes up the lines shows the key. */
		(void)cli_failed("the name of the key: %s (the key comes "
		    "first, its name second)", why);
		return false;
	}
	memcpy(s->name, name.p, name.n);
	s->name[name.n] = '\0';
	return true;
}

static struct secret *
copy_of(struct text t)
{
	struct secret *copy = secret_new(t.n);

	if (t.n != 0)
		memcpy(secret_bytes(copy), t.p, t.n);
	return copy;
}

/* The first line is the key, a second one its name. */
static bool
read_input(struct setup *s, const char *file)
{
	struct secret *all = input_read(file, "the key", INPUT_MAX);
	const char *name = cli_args_value(s->args, "name");
	struct text rest, line = TEXT(""), second = TEXT("");
	bool good;

	if (all == NULL)
		return false;
	rest = input_text(all);
	(void)text_split(&rest, '\n', &line);
	if (rest.p != NULL && rest.n != 0)
		(void)text_split(&rest, '\n', &second);
	if (text_ends_with(line, TEXT("\r")))
		line.n--;
	if (text_ends_with(second, TEXT("\r")))
		second.n--;
	s->value = copy_of(line);
	good = set_name(s, name != NULL ? text_of(name) : second);
	secret_free(all);
	return good;
}

static bool
ask_for_key(struct setup *s)
{
	const char *name = cli_args_value(s->args, "name");
	char answer[NAME_MAX_BYTES + 1] = "";

	(void)printf("This makes %s: an identity, one sealed key and a "
	    "configuration.\n\n", s->folder);
	(void)fflush(stdout);
	s->value = terminal_ask_secret("Elastic Cloud API key (not shown): ");
	if (s->value == NULL || secret_len(s->value) == 0) {
		(void)cli_failed("no key was given");
		return false;
	}
	if (name == NULL && !terminal_ask("A name for it [" DEFAULT_NAME
	    "]: ", answer, sizeof(answer))) {
		(void)cli_failed("no name was given");
		return false;
	}
	return set_name(s, text_of(name != NULL ? name : answer));
}

static bool
get_key(struct setup *s)
{
	const char *file = cli_args_value(s->args, "value-file");
	bool good;

	if (file == NULL && isatty(STDIN_FILENO) != 1)
		file = "-";
	good = file != NULL ? read_input(s, file) : ask_for_key(s);
	if (good) {
		const struct key_new k = { .name = s->name };

		good = key_new_check_value(&k, s->value,
		    cli_args_has(s->args, "force"));
	}
	return good;
}

/* Making it. */

static bool
write_file(const char *path, const void *bytes, size_t n)
{
	struct replacement *r = NULL;
	enum status status = replace_begin(&r, path, REPLACE_NEW);

	if (status == STATUS_OK)
		status = replace_write(r, bytes, n);
	if (status == STATUS_OK)
		status = replace_commit(r);
	if (status != STATUS_OK)
		(void)cli_failed("%s: %m; %s", path, replace_left(r));
	replace_end(r);
	return status == STATUS_OK;
}

static bool
make_identity(struct setup *s)
{
	char recipient[RECIPIENT_TEXT];
	struct secret *text = NULL;
	enum status status = identity_generate(clock_wall() / NS_PER_S,
	    &text, recipient);

	if (status != STATUS_OK) {
		(void)cli_failed("cannot make an identity: %s",
		    status_text(status));
		return false;
	}
	s->made_identity = write_file(s->identity, secret_read(text),
	    secret_len(text));
	secret_free(text);
	return s->made_identity;
}

static bool
seal_key(struct setup *s, struct vault *v)
{
	const char *host = s->host;
	const struct key_new k = { .name = s->name, .hosts = &host,
		.n_hosts = 1, .expires = cli_args_value(s->args, "expires") };
	struct secret *text = NULL;

	if (key_new_check(&k))
		text = key_new_write(&k, &s->value, 1, v, v->body);
	s->made_keys = text != NULL && vault_save(v, input_text(text));
	secret_free(text);
	return s->made_keys;
}

/* By the identity that was just made, which opens it too. */
static bool
make_keys(struct setup *s)
{
	struct unlock u = { .identities = identities_new() };
	struct recipients *own = recipients_new();
	struct vault v;
	bool good = false;

	if (unlock_add_file(&u, s->identity) &&
	    vault_open_or_new(&v, s->keys, &u)) {
		identities_add_recipients(u.identities, own);
		good = vault_keep_recipients(&v, own, &u) &&
		    seal_key(s, &v);
		vault_close(&v);
	}
	recipients_free(own);
	unlock_free(&u);
	return good;
}

static const char conf_text[] =
    "# Made by 'sallyport init'.  'sallyport help configuration' explains "
    "every\n"
    "# option; 'sallyport check' tells what is wrong after a change.  Paths "
    "are\n"
    "# relative to this file.\n\n"
    "# What opens the sealed files.  Keep a copy in a safe place: without "
    "it the\n"
    "# keys cannot be read any more.\n"
    "identity = \"identity\";\n\n"
    "# The keys, for 'sallyport key add', 'key list' and 'edit'.\n"
    "sealed = [ \"keys.age\" ];\n\n"
    "# Where clients connect: plain HTTP and no key, so programs of this "
    "machine\n"
    "# only.  A Unix socket says which users: address = \"unix:/PATH\", "
    "users = [ ].\n"
    "listeners = (\n"
    "  { name = \"local\"; address = \"%s\"; }\n"
    ");\n\n"
    "# Where requests go, over TLS that is verified.\n"
    "upstreams = (\n"
    "  { name = \"elastic-cloud\"; url = \"%s\"; }\n"
    ");\n\n"
    "# Which requests get which key: here all of them this one.  Calls that "
    "make\n"
    "# new credentials are refused unless the route says allow_minting = "
    "true.\n"
    "routes = (\n"
    "  { name = \"all\"; upstream = \"elastic-cloud\"; keys = [ \"%s\" ]; }"
    "\n);\n\n"
    "# One line per request, to a file or \"stdout\".\n"
    "log = { access = \"stdout\"; };\n";

static bool
make_conf(const struct setup *s)
{
	char *text = xasprintf(conf_text, s->listen, s->url, s->name);
	bool good = write_file(s->conf, text, strlen(text));

	free(text);
	return good;
}

/* A half-made set-up would stand in the way of the next try. */
static bool
make_all(struct setup *s)
{
	if (make_folders(s->folder) && make_identity(s) && make_keys(s) &&
	    make_conf(s))
		return true;
	if (s->made_keys)
		(void)unlink(s->keys);
	if (s->made_identity)
		(void)unlink(s->identity);
	return false;
}

/* Afterwards. */

/* What `sallyport check -c CONF` says. */
static enum cli_exit
check(const struct setup *s)
{
	const char *argv[] = { "-c", s->conf, "--probe" };
	int argc = cli_args_has(s->args, "probe") ? 3 : 2;
	struct cli_args args;
	char *why = cli_args_parse(&args, verb_check.options, argc, argv);
	enum cli_exit result = why != NULL ? cli_failed("%s", why) :
	    verb_check.run(&args);

	free(why);
	cli_args_free(&args);
	return result;
}

/* A word as a shell takes it. */
static char *
shell_word(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,";
	struct buf b;
	char *word;

	if (s[0] != '\0' && s[strspn(s, plain)] == '\0')
		return xstrdup(s);
	buf_init(&b, NULL);
	for (; *s != '\0'; s++)
		buf_printf(&b, *s == '\'' ? "'\\''" : "%c", *s);
	word = xasprintf("'%.*s'", TEXT_ARG(buf_text(&b)));
	buf_release(&b);
	return word;
}

static void
print_client_lines(const struct setup *s)
{
	if (strncmp(s->listen, "unix:", 5) == 0) {
		(void)printf("Then, without any key:\n"
		    "  curl --unix-socket %s "
		    "http://localhost/api/v1/deployments\n", s->listen + 5);
		return;
	}
	(void)printf("Then, without any key:\n"
	    "  curl http://%s/api/v1/deployments\n\n"
	    "ecctl and Terraform want some key: any word will do, it is "
	    "replaced.\n"
	    "  export EC_HOST=http://%s\n"
	    "  export EC_API_KEY=dummy\n", s->listen, s->listen);
}

static void
print_next(const struct setup *s)
{
	char fingerprint[KEY_FINGERPRINT], *conf = shell_word(s->conf);

	key_new_fingerprint(s->value, fingerprint);
	(void)printf("\n%s\n  the identity; keep a copy in a safe place\n"
	    "%s\n  the key '%s', sealed; fingerprint %s\n"
	    "%s\n  the configuration\n\n", s->identity, s->keys, s->name,
	    fingerprint, s->conf);
	if (strcmp(s->conf, CLI_CONFIG_FILE) == 0)
		(void)printf("To start:\n  sallyport run\n\n");
	else
		(void)printf("To start:\n  sallyport run -c %s\n\n", conf);
	free(conf);
	print_client_lines(s);
}

static enum cli_exit
set_up(struct setup *s)
{
	enum cli_exit result;
	bool made;

	if (!check_options(s) || !find_place(s) || !get_key(s))
		return CLI_FAILED;
	interrupt_hold();
	made = make_all(s);
	interrupt_release();
	if (!made)
		return CLI_FAILED;
	result = check(s);
	if (result != CLI_DONE)
		(void)cli_failed("what is listed below was made all the same; "
		    "see to the above, then: sallyport check --probe -c %s",
		    s->conf);
	print_next(s);
	return result;
}

static enum cli_exit
run_init(const struct cli_args *args)
{
	struct setup s = { .args = args };
	enum cli_exit result = set_up(&s);

	secret_free(s.value);
	free(s.folder);
	free(s.identity);
	free(s.keys);
	free(s.conf);
	return result;
}

static const struct cli_option init_options[] = {
	{ .name = "dir", .argument = "DIR",
	    .help = "Where (default: " SYSTEM_FOLDER " for root, else "
	    "~/.config/sallyport)." },
	{ .name = "name", .argument = "NAME",
	    .help = "The key's name (default: asked for, else "
	    DEFAULT_NAME ")." },
	{ .name = "value-file", .argument = "FILE",
	    .help = "Reads the key from here; - is standard input." },
	{ .name = "expires", .argument = "TIME",
	    .help = "When the key expires, 2027-02-23T00:00:00Z." },
	{ .name = "url", .argument = "URL",
	    .help = "The API (default " DEFAULT_URL ")." },
	{ .name = "listen", .argument = "ADDRESS",
	    .help = "Where clients connect (default " DEFAULT_LISTEN ")." },
	{ .name = "probe",
	    .help = "Also tries the key by one harmless GET." },
	{ .name = "force", .letter = 'f',
	    .help = "Takes a key even if it looks mistyped." },
	{ .name = NULL },
};

const struct verb verb_init = {
	.name = "init",
	.summary = "first-time set-up: identity, sealed key, configuration",
	.options = init_options,
	.about = "Asks for one Elastic Cloud key and a name for it, or reads "
	    "them from the first\ntwo lines of standard input; makes an "
	    "identity, seals the key for the host of\nthe API, writes a "
	    "configuration, checks it, and prints what to type next.\n"
	    "Overwrites nothing.\n",
	.example = "sallyport init\n"
	    "sallyport init --dir ./sallyport --probe < key.txt\n",
	.run = run_init,
};

/*
 * Finding what opens sealed files; see unlock.h.
 */
#include "cli/unlock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/input.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "conf/source.h"
#include "conf/tree.h"
#include "seal/seal.h"

#define CREDENTIAL	"sallyport.identity"

/* Of a configuration that does not include itself. */
#define PARTS_MAX	64

/* Passphrases. */

static struct secret *
copy_of(const struct secret *s)
{
	struct secret *copy = secret_new(secret_len(s));

	memcpy(secret_bytes(copy), secret_read(s), secret_len(s));
	return copy;
}

static struct secret *
ask_passphrase(void *ctx)
{
	struct unlock *u = ctx;
	char *question = xasprintf("Passphrase of %s: ", u->opening);
	struct secret *given = input_passphrase(u->passphrase_file, false,
	    question);

	free(question);
	if (given == NULL)
		return NULL;
	secret_free(u->passphrase);
	u->passphrase = copy_of(given);
	/* Takes a second or more; whoever opens it takes this away. */
	terminal_progress("opening %s ...", u->opening);
	return given;
}

static struct passphrase_source
passphrase_source(struct unlock *u, const char *opening)
{
	u->opening = opening;
	return (struct passphrase_source){ .ask = ask_passphrase, .ctx = u };
}

/* Identity files. */

static void
explain_at(const char *file, unsigned line, enum status status)
{
	if (line != 0)
		(void)cli_failed("%s:%u: %s", file, line,
		    status_text(status));
	else
		(void)cli_failed("%s: %s", file, status_text(status));
}

/* An identity that is itself a sealed file; NULL after it said why. */
static struct secret *
open_protected(struct unlock *u, const struct source *s)
{
	struct identities *by = identities_new();
	struct secret *plain = NULL;
	enum status status;
	unsigned line = 0;

	identities_ask_passphrase(by, passphrase_source(u, s->file));
	status = seal_open_line(by, (const uint8_t *)s->text.p, s->text.n,
	    &plain, &line);
	identities_free(by);
	terminal_progress_end();
	if (status == STATUS_OK)
		return plain;
	if (status != STATUS_NEEDS_PASSPHRASE)
		explain_at(s->file, line, status);
	return NULL;
}

static bool
add_text(struct unlock *u, struct text t, const char *file)
{
	unsigned line = 0;
	enum status status = identities_parse(u->identities,
	    (const uint8_t *)t.p, t.n, &line);

	if (status == STATUS_OK)
		return true;
	if (line != 0)
		(void)cli_failed("%s:%u: %s", file, line,
		    status_text(status));
	else
		(void)cli_failed("%s: holds no identity: make one with "
		    "'sallyport keygen'", file);
	return false;
}

static bool
add_source(struct unlock *u, const struct source *s)
{
	struct secret *plain;
	bool good;

	if (!source_is_sealed(s))
		return add_text(u, s->text, s->file);
	plain = open_protected(u, s);
	good = plain != NULL && add_text(u, input_text(plain), s->file);
	secret_free(plain);
	return good;
}

bool
unlock_add_file(struct unlock *u, const char *file)
{
	struct source s;
	const char *why = source_read(&s, file, SOURCE_PRIVATE);
	bool good = false;

	if (why != NULL)
		(void)cli_failed("%s: %s", file, why);
	else
		good = add_source(u, &s);
	source_free(&s);
	if (good && u->from == NULL)
		u->from = xstrdup(file);
	return good;
}

/* The configuration. */

char *
unlock_user_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config != NULL && config[0] == '/')
		return xasprintf("%s/sallyport", config);
	if (home != NULL && home[0] == '/')
		return xasprintf("%s/.config/sallyport", home);
	return NULL;
}

char *
unlock_conf_file(const struct cli_args *args)
{
	const char *given = cli_args_value(args, "config");
	char *folder, *file;

	if (given != NULL)
		return xstrdup(given);
	folder = unlock_user_folder();
	if (folder == NULL || access(CLI_CONFIG_FILE, F_OK) == 0) {
		free(folder);
		return xstrdup(CLI_CONFIG_FILE);
	}
	file = xasprintf("%s/sallyport.conf", folder);
	free(folder);
	return file;
}

/* What is relative in a configuration is so to its own place. */
static char *
path_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || slash == NULL)
		return xstrdup(path);
	return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

static void
read_settings(struct unlock_conf *c, const config_t *tree, const char *file)
{
	config_setting_t *sealed = config_lookup(tree, "sealed");
	const char *identity;
	int n = sealed != NULL ? config_setting_length(sealed) : 0;

	if (c->identity == NULL && config_lookup_string(tree, "identity",
	    &identity) == CONFIG_TRUE)
		c->identity = path_beside(file, identity);
	c->sealed = xreallocarray(c->sealed, c->n_sealed + (size_t)n + 1,
	    sizeof(*c->sealed));
	for (int i = 0; i < n; i++) {
		const char *pattern =
		    config_setting_get_string_elem(sealed, i);

		if (pattern != NULL)
			c->sealed[c->n_sealed++] = path_beside(file, pattern);
	}
}

static bool	read_source(struct unlock_conf *, struct source *,
		    const char *);

/* Plain ones: what opens the others is not known yet. */
static bool
read_included(struct unlock_conf *c, const struct scan_includes *includes,
    const char *file)
{
	bool good = true;

	for (size_t i = 0; i < includes->n && good; i++) {
		char *path = path_beside(file, includes->v[i].name);
		struct source s;

		good = c->n_parts++ < PARTS_MAX &&
		    source_read(&s, path, SOURCE_ANY) == NULL;
		if (good) {
			if (!source_is_sealed(&s))
				good = read_source(c, &s, file);
			source_free(&s);
		}
		free(path);
	}
	return good;
}

/* What is relative in it is so to the place of this file. */
static bool
read_source(struct unlock_conf *c, struct source *s, const char *file)
{
	char *directory = path_beside(file, ".");
	struct scan_includes includes = { .v = NULL };
	const struct tree_source from = { .file = s->file,
		.directory = directory, .sealed = false,
		.includes = &includes };
	struct conf_faults faults = { .n = 0 };
	config_t tree;
	bool good;

	good = tree_read(&tree, source_writable(s), s->text.n, &from,
	    &faults);
	if (good)
		read_settings(c, &tree, file);
	tree_free(&tree, &from);
	conf_faults_free(&faults);
	free(directory);
	good = good && read_included(c, &includes, file);
	scan_includes_free(&includes);
	return good;
}

bool
unlock_conf_read(struct unlock_conf *c, const struct cli_args *args,
    char **why)
{
	char *file = unlock_conf_file(args);
	struct source s;
	const char *unread = source_read(&s, file, SOURCE_ANY);
	bool good = false;

	*c = (struct unlock_conf){ .identity = NULL };
	if (unread != NULL)
		*why = xasprintf("%s: %s", file, unread);
	else if (source_is_sealed(&s))
		*why = xasprintf("%s: is sealed itself", file);
	else if (!(good = read_source(c, &s, file)))
		*why = xasprintf("%s: cannot be read, see 'sallyport check'",
		    file);
	source_free(&s);
	free(file);
	return good;
}

void
unlock_conf_free(struct unlock_conf *c)
{
	for (size_t i = 0; i < c->n_sealed; i++)
		free(c->sealed[i]);
	free(c->sealed);
	free(c->identity);
	*c = (struct unlock_conf){ .identity = NULL };
}

/* The identities of a verb. */

/* Quietly: whether they are needed at all is not known yet. */
static void
add_default(struct unlock *u, const char *file)
{
	if (access(file, R_OK) != 0)
		u->why_not = xasprintf("%s: %m", file);
	else if (!unlock_add_file(u, file))
		u->why_not = xasprintf("%s is of no use", file);
}

static bool
add_credential(struct unlock *u)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *file;
	bool there;

	if (folder == NULL || folder[0] != '/')
		return false;
	file = xasprintf("%s/" CREDENTIAL, folder);
	there = access(file, F_OK) == 0;
	if (there)
		add_default(u, file);
	free(file);
	return there;
}

static void
add_defaults(struct unlock *u, const struct cli_args *args)
{
	struct unlock_conf c;
	char *why = NULL;
	bool read = unlock_conf_read(&c, args, &why);

	if (read && c.identity != NULL)
		add_default(u, c.identity);
	else if (!add_credential(u))
		u->why_not = read ? xstrdup("the configuration names none") :
		    xstrdup(why);
	free(why);
	unlock_conf_free(&c);
}

bool
unlock_init(struct unlock *u, const struct cli_args *args)
{
	bool asked = false;

	*u = (struct unlock){
		.identities = identities_new(),
		.passphrase_file = cli_args_value(args, "passphrase-file"),
	};
	for (size_t i = 0; i < args->n_given; i++) {
		if (args->given[i].option->letter != 'i')
			continue;
		asked = true;
		if (!unlock_add_file(u, args->given[i].value)) {
			unlock_free(u);
			return false;
		}
	}
	if (!asked)
		add_defaults(u, args);
	identities_ask_passphrase(u->identities,
	    passphrase_source(u, "this file"));
	return true;
}

void
unlock_free(struct unlock *u)
{
	identities_free(u->identities);
	secret_free(u->passphrase);
	free(u->from);
	free(u->why_not);
	*u = (struct unlock){ .from = NULL };
}

static void
explain_no_match(const struct unlock *u, const char *file)
{
	char recipient[RECIPIENT_TEXT];

	if (identities_count(u->identities) == 0) {
		(void)cli_failed("%s: no identity to open it with (%s): give "
		    "one with -i FILE", file, u->why_not != NULL ?
		    u->why_not : "none was found");
		return;
	}
	identities_recipient(u->identities, 0, recipient);
	(void)cli_failed("%s: sealed to somebody else: no identity matches "
	    "(%s is the one of %s)", file, u->from, recipient);
}

void
unlock_explain(const struct unlock *u, const char *file, unsigned line,
    enum status status)
{
	if (status == STATUS_NO_MATCH)
		explain_no_match(u, file);
	else if (status == STATUS_SYSTEM)
		(void)cli_failed("%s: %m", file);
	else
		explain_at(file, line, status);
}

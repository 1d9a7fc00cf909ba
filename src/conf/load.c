/*
 * Loading a configuration, from its file to a struct conf: main file,
 * identity, sealed files, checks.  Each step reports what it finds and the
 * next ones go on with what there is.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/check.h"
#include "conf/memory.h"
#include "conf/parse.h"
#include "conf/source.h"
#include "conf/tree.h"
#include "seal/seal.h"

#define CREDENTIAL	"sallyport.identity"

struct loader {
	struct reader reader;
	struct draft draft;
	struct conf_memory *memory, *scratch;
	config_t presets;
	struct identities *identities;	/* NULL: they could not be read */
	struct passphrase_source ask;	/* of them; .ask NULL: nobody */
	const char *identity_file;
	char *directory;		/* of the main file */
};

/* "." where the path has no directory. */
static char *
directory_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		return xstrdup(".");
	return xstrndup(file, slash == file ? 1 : (size_t)(slash - file));
}

static void
loader_init(struct loader *l, const char *file, struct conf_faults *faults)
{
	*l = (struct loader){
		.memory = conf_memory_new(),
		.scratch = conf_memory_new(),
		.directory = directory_of(file),
	};
	parse_presets(&l->presets);
	parse_init(&l->draft);
	l->reader = (struct reader){
		.faults = faults,
		.memory = &l->memory->arena,
		.scratch = &l->scratch->arena,
		.files = &l->draft.out.files,
		.directory = l->directory,
		.presets = &l->presets,
	};
	l->draft.out.memory = l->memory;
}

/* Whatever a result did not take over. */
static void
loader_free(struct loader *l, bool taken)
{
	for (size_t i = 0; i < l->draft.keys.n; i++)
		secret_free(draft_key(&l->draft, i)->out.value);
	if (!taken)
		conf_memory_free(l->memory);
	conf_memory_free(l->scratch);
	config_destroy(&l->presets);
	identities_free(l->identities);
	free(l->directory);
}

/* The text of a source into the draft. */
static bool
read_text(struct loader *l, struct source *s, enum group_id group)
{
	const struct tree_source from = { .file = s->file,
		.directory = l->directory, .sealed = s->sealed };
	config_t tree;
	bool good;

	l->reader.file = reader_file(&l->reader, s->file);
	l->reader.sealed = s->sealed;
	good = tree_read(&tree, source_writable(s), s->text.n, &from,
	    l->reader.faults);
	if (good)
		parse_root(&l->reader, group, config_root_setting(&tree),
		    &l->draft);
	tree_free(&tree, &from);
	return good;
}

/* The identity. */

/* What systemd passed in; NULL: nothing. */
static const char *
credential_path(struct loader *l)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char *path;

	if (directory == NULL || directory[0] != '/')
		return NULL;
	path = xasprintf("%s/%s", directory, CREDENTIAL);
	l->identity_file = arena_cstr(l->reader.memory, text_of(path));
	free(path);
	return l->identity_file;
}

/*
 * systemd lets the service read a credential by an access list, which looks
 * like a right of the group; nobody else can enter the directory.
 */
static enum source_access
identity_access(const char *path)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");

	if (directory != NULL && directory[0] == '/' &&
	    text_starts_with(text_of(path), text_of(directory)) &&
	    path[strlen(directory)] == '/' &&
	    !text_contains(text_of(path), TEXT("/../")))
		return SOURCE_ANY;
	return SOURCE_PRIVATE;
}

static void
explain_identity(struct conf_faults *faults, const char *file, unsigned line,
    enum status status)
{
	if (status == STATUS_BAD_IDENTITY && line != 0)
		conf_fault(faults, file, line, "not an identity: expected "
		    "AGE-SECRET-KEY-1..., as 'sallyport keygen' writes it");
	else if (status == STATUS_BAD_IDENTITY)
		conf_fault(faults, file, 0, "holds no identity: make one "
		    "with 'sallyport keygen'");
	else if (status == STATUS_NEEDS_PASSPHRASE)
		conf_fault(faults, file, 0, "this identity is protected by a "
		    "passphrase: run it on a terminal, or with "
		    "--passphrase-file");
	else if (status == STATUS_NO_MATCH)
		conf_fault(faults, file, 0, "this identity is sealed to a "
		    "recipient: only a passphrase can protect it");
	else
		conf_fault(faults, file, line, "%s", status_text(status));
}

static void
parse_identity(struct loader *l, const struct source *s)
{
	struct identities *ids = identities_new();
	enum status status;
	unsigned line = 0;

	if (l->ask.ask != NULL)
		identities_ask_passphrase(ids, l->ask);
	status = seal_read_identities(ids, (const uint8_t *)s->text.p,
	    s->text.n, &line);
	if (status == STATUS_OK) {
		l->identities = ids;
		return;
	}
	explain_identity(l->reader.faults, s->file, line, status);
	identities_free(ids);
}

static void
read_identity(struct loader *l, const char *path)
{
	const struct given *given = &l->draft.given;
	struct conf_where at = given->option[OPTION_CONF_identity];
	struct source s;
	const char *why;

	l->identity_file = reader_file(&l->reader, path);
	why = source_read(&s, path, identity_access(path));
	if (why == NULL)
		parse_identity(l, &s);
	else if (at.line != 0 && access(path, F_OK) != 0)
		conf_fault(l->reader.faults, at.file, at.line, "identity %s: "
		    "%s (make it with 'sallyport keygen -o %s')", path, why,
		    path);
	else
		conf_fault(l->reader.faults, path, 0, "%s", why);
	source_free(&s);
}

/* The one of the configuration, or the one systemd passed in. */
static void
load_identity(struct loader *l)
{
	const struct given *given = &l->draft.given;
	const char *path = l->draft.out.identity;

	if (l->identities != NULL && path == NULL) {
		/* It opened the main file already. */
		l->draft.out.identity = reader_path(&l->reader,
		    l->identity_file);
		return;
	}
	identities_free(l->identities);
	l->identities = NULL;
	if (path == NULL && !was_given(given, OPTION_CONF_identity)) {
		path = credential_path(l);
		if (path == NULL)
			conf_fault(l->reader.faults, given->at.file, 0,
			    "option 'identity' is missing, and systemd "
			    "passed no credential '%s'", CREDENTIAL);
		else
			l->draft.out.identity =
			    reader_path(&l->reader, path);
	}
	if (path != NULL)
		read_identity(l, path);
}

/* The main file. */

/* Only systemd's credential opens it: its own 'identity' is inside. */
static bool
open_main(struct loader *l, struct source *s)
{
	const char *path = credential_path(l);

	if (path == NULL) {
		conf_fault(l->reader.faults, s->file, 0, "is sealed: only "
		    "systemd's credential '%s' can open it, and there is "
		    "none", CREDENTIAL);
		return false;
	}
	read_identity(l, path);
	return l->identities != NULL && source_open(s, l->identities,
	    l->identity_file, l->reader.faults);
}

static bool
load_main(struct loader *l, const char *file)
{
	struct source s;
	const char *why;
	bool good;

	file = reader_file(&l->reader, file);
	why = source_read(&s, file, SOURCE_ANY);
	if (why != NULL)
		conf_fault(l->reader.faults, file, 0, "%s", why);
	good = why == NULL && (!source_is_sealed(&s) || open_main(l, &s)) &&
	    read_text(l, &s, GROUP_CONF);
	source_free(&s);
	return good;
}

/* Sealed files. */

static void
refuse_plain(struct loader *l, const struct source *s)
{
	char recipient[RECIPIENT_TEXT] = "RECIPIENT";

	if (l->identities != NULL)
		identities_recipient(l->identities, 0, recipient);
	conf_fault(l->reader.faults, s->file, 0, "is not sealed: keys are "
	    "refused in plain text; seal it with 'age -r %s -o %s.age %s'",
	    recipient, s->file, s->file);
}

static bool
load_one(struct loader *l, const char *file, struct conf_where named)
{
	struct source s;
	const char *why = source_read(&s, file, SOURCE_REGULAR);
	bool good = false;

	if (why != NULL)
		conf_fault(l->reader.faults, named.file, named.line,
		    "option 'sealed': %s: %s", file, why);
	else if (!source_is_sealed(&s))
		refuse_plain(l, &s);
	else if (l->identities != NULL && source_open(&s, l->identities,
	    l->identity_file, l->reader.faults))
		good = read_text(l, &s, GROUP_SEALED);
	source_free(&s);
	return good;
}

static bool
was_read(const struct loader *l, const char *file)
{
	const struct conf_texts *files = &l->draft.out.files;

	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(files->v[i], file) == 0)
			return true;
	}
	return false;
}

/* A directory that is not there holds no match; one that is shut is wrong. */
static int
is_serious(const char *directory, int error)
{
	(void)directory;
	return error != ENOENT && error != ENOTDIR;
}

static void
load_pattern(struct loader *l, const struct word *pattern)
{
	const char *path = reader_path(&l->reader, pattern->text);
	struct draft *d = &l->draft;
	glob_t found;
	int failed = glob(path, 0, is_serious, &found);

	if (failed != 0) {
		conf_fault(l->reader.faults, pattern->where.file,
		    pattern->where.line, failed == GLOB_NOMATCH ?
		    "option 'sealed': no file matches %s" :
		    "option 'sealed': %s: a directory cannot be read", path);
		d->keys.incomplete = d->clients.incomplete = true;
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *file = found.gl_pathv[i];

		if (was_read(l, file))
			continue;
		file = reader_file(&l->reader, file);
		if (!load_one(l, file, pattern->where))
			d->keys.incomplete = d->clients.incomplete = true;
	}
	globfree(&found);
}

static void
load_sealed(struct loader *l)
{
	const struct words *sealed = &l->draft.sealed;

	for (size_t i = 0; i < sealed->n; i++)
		load_pattern(l, &sealed->v[i]);
	if (sealed->n == 0)
		l->draft.keys.incomplete = true;
}

/* The log. */

/* Whoever starts it must be able to write it, or to make it. */
static void
check_log(struct loader *l)
{
	const char *path = l->draft.out.log.access, *slash;
	struct conf_where at = l->draft.given.option[OPTION_LOG_access];
	char *folder;

	slash = path != NULL ? strrchr(path, '/') : NULL;
	if (slash == NULL || access(path, W_OK) == 0)
		return;
	if (errno == ENOENT) {
		folder = xstrndup(path, (size_t)(slash - path) + 1);
		if (access(folder, W_OK | X_OK) == 0)
			errno = 0;
		free(folder);
	}
	if (errno != 0)
		conf_fault(l->reader.faults, at.file, at.line,
		    "option 'access': %s: %s", path, strerror(errno));
}

struct conf *
conf_load(const char *file, struct conf_faults *faults)
{
	const struct passphrase_source nobody = { .ask = NULL };

	return conf_load_asking(file, nobody, faults);
}

struct conf *
conf_load_asking(const char *file, struct passphrase_source ask,
    struct conf_faults *faults)
{
	struct conf *conf = NULL;
	struct loader l;

	loader_init(&l, file, faults);
	l.ask = ask;
	if (load_main(&l, file)) {
		load_identity(&l);
		load_sealed(&l);
		check_draft(&l.reader, &l.draft);
		check_log(&l);
	}
	conf_faults_sort(faults, &l.draft.out.files);
	if (faults->n_fatal == 0) {
		l.draft.out.file = l.draft.out.files.v[0];
		conf = draft_finish(&l.reader, &l.draft);
	}
	loader_free(&l, conf != NULL);
	return conf;
}

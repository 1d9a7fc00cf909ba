/*
 * The identity of a configuration; see unlock.h.  Knows no format.
 */
#include "conf/unlock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "seal/seal.h"

#define CREDENTIAL	"sallyport.identity"

/* What systemd passed in; NULL: nothing. */
static char *
credential_path(struct loader *l)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char *path, *kept;

	if (directory == NULL || directory[0] != '/')
		return NULL;
	path = xasprintf("%s/%s", directory, CREDENTIAL);
	kept = arena_cstr(l->reader.memory, text_of(path));
	free(path);
	return kept;
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

	if (l->opening->ask.ask != NULL)
		identities_ask_passphrase(ids, l->opening->ask);
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
explain_unread(struct loader *l, const char *path, const char *why)
{
	struct conf_where at = l->draft.given.option[OPTION_CONF_identity];
	const char *named = l->draft.out.identity;

	if (at.line != 0 && named != NULL && strcmp(named, path) == 0 &&
	    access(path, F_OK) != 0)
		conf_fault(l->reader.faults, at.file, at.line, "identity %s: "
		    "%s (make it with 'sallyport keygen -o %s')", path, why,
		    path);
	else
		conf_fault(l->reader.faults, path, 0, "%s", why);
}

/* Instead of those that were read before. */
static void
read_identity(struct loader *l, const char *path)
{
	struct source s;
	const char *why;

	if (l->identity_file != NULL && strcmp(l->identity_file, path) == 0)
		return;
	identities_free(l->identities);
	l->identities = NULL;
	l->identity_file = reader_file(&l->reader, path);
	why = source_read(&s, path, identity_access(path));
	if (why == NULL)
		parse_identity(l, &s);
	else
		explain_unread(l, path, why);
	source_free(&s);
}

/* Where the configuration names none; NULL: there is none. */
static char *
default_identity(struct loader *l)
{
	if (l->opening->identity != NULL)
		return arena_cstr(l->reader.memory,
		    text_of(l->opening->identity));
	return credential_path(l);
}

static const char *
find_for_part(struct loader *l)
{
	if (l->identity_file != NULL)
		return l->identity_file;
	if (l->opening->identity == NULL && l->draft.out.identity != NULL)
		return l->draft.out.identity;
	return default_identity(l);
}

bool
unlock_part(struct loader *l, struct source *s)
{
	const char *path = find_for_part(l);
	const struct conf_where *named = &l->draft.given.at;

	if (path != NULL) {
		read_identity(l, path);
		return unlock_sealed(l, s);
	}
	if (named->file == NULL)
		conf_fault(l->reader.faults, s->file, 0, "is sealed: say with "
		    "-i IDENTITY what opens it (systemd passed no credential "
		    "'%s')", CREDENTIAL);
	else if (!was_given(&l->draft.given, OPTION_CONF_identity))
		conf_fault(l->reader.faults, s->file, 0, "is sealed: set "
		    "option 'identity' in %s, or say with -i IDENTITY what "
		    "opens it (systemd passed no credential '%s')",
		    named->file, CREDENTIAL);
	return false;
}

void
unlock_find(struct loader *l)
{
	const struct given *given = &l->draft.given;
	struct conf *out = &l->draft.out;

	if (!was_given(given, OPTION_CONF_identity)) {
		out->identity = default_identity(l);
		if (out->identity == NULL)
			conf_fault(l->reader.faults, given->at.file, 0,
			    "option 'identity' is missing, and systemd "
			    "passed no credential '%s'", CREDENTIAL);
	}
	if (out->identity != NULL) {
		read_identity(l, out->identity);
		return;
	}
	identities_free(l->identities);
	l->identities = NULL;
}

bool
unlock_sealed(struct loader *l, struct source *s)
{
	return l->identities != NULL && source_open(s, l->identities,
	    l->identity_file, l->reader.faults);
}

/* Opening the files of a configuration; see unlock.h.  It knows no format. */
#include "conf/unlock.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/accounts.h"
#include "conf/credential.h"
#include "conf/source.h"
#include "seal/seal.h"

/* Passphrases. */

static struct secret *
ask_passphrase(void *ctx)
{
	struct loader *l = ctx;

	return l->opening->ask(l->opening->ctx, l->asked_for);
}

void
unlock_begin(struct loader *l)
{
	l->passphrases = identities_new();
	identities_use_memo(l->passphrases, l->opening->memo);
	if (l->opening->ask != NULL)
		identities_ask_passphrase(l->passphrases,
		    (struct passphrase_source){ .ask = ask_passphrase,
		    .ctx = l });
}

void
unlock_end(struct loader *l)
{
	identities_free(l->identities);
	identities_free(l->passphrases);
}

static void
passphrase_tried(struct loader *l)
{
	if (l->opening->tried != NULL)
		l->opening->tried(l->opening->ctx);
}

/* Identities. */

/* A credential of systemd is read as one, any other file as elsewhere. */
enum source_access
unlock_access(const char *path, enum source_access elsewhere)
{
	return credential_owns(path) ? SOURCE_CREDENTIAL : elsewhere;
}

/* A sealed file or part exists, so there was an identity. */
static bool
is_anything_sealed(struct loader *l)
{
	const struct words *sealed = &l->draft.sealed;
	bool found = l->part_sealed;

	for (size_t i = 0; i < sealed->n && !found; i++) {
		glob_t files;

		if (glob(reader_path(&l->reader, sealed->v[i].text),
		    GLOB_NOSORT, NULL, &files) == 0) {
			found = files.gl_pathc != 0;
			globfree(&files);
		}
	}
	return found;
}

/* The advice where there is no file at a path; to be freed. */
static char *
remedy_of_lost(struct loader *l, const char *path)
{
	char *word, *remedy;

	if (is_anything_sealed(l))
		return xstrdup(UNLOCK_LOST);
	word = source_word(path);
	remedy = xasprintf("make it with: sallyport keygen -o %s", word);
	free(word);
	return remedy;
}

static void
explain_empty(struct loader *l, const char *file)
{
	char *remedy = remedy_of_lost(l, file);

	conf_error(l->reader.diagnostics, file, 0, "holds no identity: %s",
	    remedy);
	free(remedy);
}

static void
explain_identity(struct loader *l, const char *file,
    const struct seal_fault *fault, enum status status)
{
	struct conf_diagnostics *diagnostics = l->reader.diagnostics;
	char text[SEAL_FAULT_TEXT];

	if (status == STATUS_BAD_IDENTITY && fault->line != 0)
		conf_error(diagnostics, file, fault->line, "not an identity: "
		    "expected AGE-SECRET-KEY-1..., as 'sallyport keygen' "
		    "writes it");
	else if (status == STATUS_BAD_IDENTITY)
		explain_empty(l, file);
	else if (status == STATUS_NEEDS_PASSPHRASE)
		conf_error(diagnostics, file, 0, "this identity is protected "
		    "by a passphrase: run it on a terminal, or with "
		    "--passphrase-file");
	else if (status == STATUS_NO_MATCH)
		conf_error(diagnostics, file, 0, "this identity is sealed to a "
		    "recipient: only a passphrase can protect it");
	else
		conf_error(diagnostics, file, fault->line, "%s",
		    seal_fault_text(fault, status, text));
}

static void
parse_identity(struct loader *l, const struct source *s)
{
	struct identities *ids = identities_new();
	struct seal_fault fault;
	enum status status;

	l->asked_for = s->file;
	status = seal_read_identities(ids, l->passphrases,
	    (const uint8_t *)s->text.p, s->text.n, &fault);
	passphrase_tried(l);
	if (status == STATUS_OK) {
		l->identities = ids;
		return;
	}
	explain_identity(l, s->file, &fault, status);
	identities_free(ids);
}

/* The advice for a file that cannot be read; to be freed. */
static char *
find_remedy(struct loader *l, const char *path)
{
	char *lost, *remedy;

	if (access(path, R_OK) == 0)
		return xstrdup("");
	if (errno == ENOENT) {
		lost = remedy_of_lost(l, path);
		remedy = xasprintf(": %s", lost);
		free(lost);
		return remedy;
	}
	if (errno == EACCES)
		return xasprintf(" (the user who starts sallyport must be "
		    "able to read it, here user %u)", (unsigned)geteuid());
	return xstrdup("");
}

static void
explain_unread(struct loader *l, const char *path, const char *why)
{
	struct conf_where at = l->draft.given.option[OPTION_CONF_identity];
	const char *named = l->draft.out.identity;
	char *remedy = find_remedy(l, path);

	if (at.line != 0 && named != NULL && strcmp(named, path) == 0)
		conf_error(l->reader.diagnostics, at.file, at.line,
		    "identity %s: %s%s", path, why, remedy);
	else
		conf_error(l->reader.diagnostics, source_name(path), 0, "%s%s",
		    why, remedy);
	free(remedy);
}

const char *
unlock_read(struct loader *l, struct source *s, const char *path,
    enum source_access elsewhere)
{
	enum source_access access = elsewhere == SOURCE_REGULAR ? elsewhere :
	    unlock_access(path, elsewhere);
	const char *why = source_read_as(s, path, access,
	    account_become(l->draft.user.text, l->draft.group.text));

	source_warn(s, l->reader.diagnostics);
	return why;
}

/* Reads identities, which replace those that were read before. */
static void
read_identity(struct loader *l, const char *path)
{
	const char *name = source_name(path);
	struct source s;
	const char *why;

	if (l->identity_file != NULL && strcmp(l->identity_file, name) == 0)
		return;
	identities_free(l->identities);
	l->identities = NULL;
	l->identity_file = reader_file(&l->reader, name);
	why = source_is_standard(path) ? source_read_standard(&s) :
	    unlock_read(l, &s, l->identity_file, SOURCE_PRIVATE);
	if (why == NULL)
		parse_identity(l, &s);
	else
		explain_unread(l, path, why);
	source_free(&s);
}

/* The identity's path where the configuration names none; NULL: none. */
static char *
default_identity(struct loader *l)
{
	char *path, *kept = NULL;

	if (l->opening->identity != NULL)
		return arena_cstr(l->reader.memory,
		    text_of(l->opening->identity));
	path = credential_identity();
	if (path != NULL)
		kept = arena_cstr(l->reader.memory, text_of(path));
	free(path);
	return kept;
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

/* Sealed files. */

static void
explain_no_match(struct loader *l, const struct source *s)
{
	char recipient[RECIPIENT_TEXT];

	identities_recipient(l->identities, 0, recipient);
	conf_error(l->reader.diagnostics, s->file, 0, "sealed to somebody "
	    "else: no identity in %s opens it; seal it to the recipient %s "
	    "(whoever can open it does that with 'sallyport rekey'; a new "
	    "identity does not open what is older)", l->identity_file,
	    recipient);
}

/* The file is damaged, so no identity can open it. */
static bool
is_damage(enum status status)
{
	return status == STATUS_HEADER || status == STATUS_HEADER_MAC ||
	    status == STATUS_PAYLOAD || status == STATUS_ARMOR;
}

static void
explain(struct loader *l, const struct source *s, enum status status,
    const struct seal_fault *fault)
{
	char text[SEAL_FAULT_TEXT];
	struct conf_diagnostics *diagnostics = l->reader.diagnostics;

	if (status == STATUS_NO_MATCH)
		explain_no_match(l, s);
	else if (status == STATUS_NEEDS_PASSPHRASE)
		conf_error(diagnostics, s->file, 0, "sealed with a passphrase, "
		    "and none was given: run it on a terminal, or with "
		    "--passphrase-file");
	else
		conf_error(diagnostics, s->file, fault->line, "%s%s",
		    seal_fault_text(fault, status, text),
		    is_damage(status) ? ": put a copy of it back, or seal it "
		    "again" : "");
}

/*
 * Opens a file by a passphrase, if it was sealed with one.  STATUS_NO_MATCH: it
 * was not, and needs an identity.  Any other failure has been reported.
 */
static enum status
open_by_passphrase(struct loader *l, struct source *s)
{
	struct seal_fault fault;
	enum status status;

	l->asked_for = s->file;
	status = source_open(s, l->passphrases, &fault);
	passphrase_tried(l);
	if (status != STATUS_OK && status != STATUS_NO_MATCH)
		explain(l, s, status, &fault);
	return status;
}

/* Where there are no identities, an error about that was reported already. */
static bool
open_by_identity(struct loader *l, struct source *s)
{
	struct seal_fault fault;
	enum status status;

	if (l->identities == NULL)
		return false;
	status = source_open(s, l->identities, &fault);
	if (status != STATUS_OK)
		explain(l, s, status, &fault);
	return status == STATUS_OK;
}

bool
unlock_part(struct loader *l, struct source *s)
{
	const struct conf_where *named = &l->draft.given.at;
	enum status status = open_by_passphrase(l, s);
	const char *path;

	if (status != STATUS_NO_MATCH)
		return status == STATUS_OK;
	l->part_sealed = true;
	path = find_for_part(l);
	if (path != NULL) {
		read_identity(l, path);
		return open_by_identity(l, s);
	}
	if (named->file == NULL)
		conf_error(l->reader.diagnostics, s->file, 0, "is sealed: say "
		    "with -i IDENTITY what opens it (systemd passed no "
		    "credential '%s'%s)", CREDENTIAL_IDENTITY,
		    credential_advice());
	else if (!was_given(&l->draft.given, OPTION_CONF_identity))
		conf_error(l->reader.diagnostics, s->file, 0, "is sealed: set "
		    "option 'identity' in %s, or say with -i IDENTITY what "
		    "opens it (systemd passed no credential '%s'%s)",
		    named->file, CREDENTIAL_IDENTITY, credential_advice());
	return false;
}

void
unlock_find(struct loader *l)
{
	struct conf *out = &l->draft.out;

	if (!was_given(&l->draft.given, OPTION_CONF_identity))
		out->identity = default_identity(l);
	if (out->identity != NULL) {
		read_identity(l, out->identity);
		return;
	}
	identities_free(l->identities);
	l->identities = NULL;
}

/*
 * Reports a missing identity once; an option that could not be read was
 * reported already.
 */
static void
explain_missing(struct loader *l)
{
	const struct given *given = &l->draft.given;

	if (l->missed || l->draft.out.identity != NULL ||
	    was_given(given, OPTION_CONF_identity))
		return;
	if (l->opening->elsewhere && !credential_is_there())
		conf_warning(l->reader.diagnostics, given->at.file,
		    given->at.line, "option 'identity' is missing, and only "
		    "systemd knows whether it will pass the credential '%s': "
		    "what is sealed was not looked at; -i IDENTITY opens it%s",
		    CREDENTIAL_IDENTITY, credential_advice());
	else
		reader_error_at(&l->reader, given->at, "option 'identity' is "
		    "missing, and systemd passed no credential '%s'%s",
		    CREDENTIAL_IDENTITY, credential_advice());
	l->missed = true;
}

bool
unlock_sealed(struct loader *l, struct source *s)
{
	enum status status = open_by_passphrase(l, s);

	if (status != STATUS_NO_MATCH)
		return status == STATUS_OK;
	if (l->identity_waits && l->draft.out.identity != NULL)
		read_identity(l, l->draft.out.identity);
	l->identity_waits = false;
	explain_missing(l);
	return open_by_identity(l, s);
}

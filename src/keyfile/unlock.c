/*
 * Finding identities for sealed files; see unlock.h.
 */
#include "keyfile/unlock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/accounts.h"
#include "conf/credential.h"
#include "conf/source.h"
#include "conf/unlock.h"
#include "seal/seal.h"
#include "tty/interrupt.h"
#include "tty/progress.h"
#include "tty/secret_file.h"
#include "tty/terminal.h"

/* Passphrases. */

static struct secret *
ask_passphrase(void *ctx)
{
	struct unlock *u = ctx;
	const struct unlock_asker *a = &u->options.asker;

	return a->ask != NULL ? a->ask(a->ctx, u->opening) : NULL;
}

/* Why a file could not be opened; to be freed. */

static char *
explain_no_match(const struct unlock *u)
{
	const struct conf_diagnostics *diagnostics = &u->settings.diagnostics;
	char recipient[RECIPIENT_TEXT];
	const char *why = u->why_not;

	if (identities_count(u->identities) != 0) {
		identities_recipient(u->identities, 0, recipient);
		return xasprintf("sealed to somebody else: no identity "
		    "matches (%s is the one of %s)", u->from, recipient);
	}
	if (why == NULL && diagnostics->n != 0)
		return xasprintf("no identity to open it with (%s: %s): give "
		    "one with -i FILE, or the configuration that names one "
		    "with -c FILE", diagnostics->v[0].file,
		    diagnostics->v[0].text);
	if (why == NULL && u->looked)
		why = "the configuration names none";
	return xasprintf("no identity to open it with (%s): give one with "
	    "-i FILE%s", why != NULL ? why : "none was found",
	    u->given ? "" : credential_advice());
}

static char *
explain_no_passphrase(const struct unlock *u)
{
	bool can_ask = u->options.asker.from_file || terminal_there();

	return xasprintf("sealed with a passphrase, and %s", can_ask ?
	    "none was given" : "there is no terminal to ask for it: use "
	    "--passphrase-file");
}

static char *
explain(const struct unlock *u, const struct seal_fault *fault,
    enum status status)
{
	char text[SEAL_FAULT_TEXT];

	if (status == STATUS_NO_MATCH)
		return explain_no_match(u);
	if (status == STATUS_NEEDS_PASSPHRASE)
		return explain_no_passphrase(u);
	return status == STATUS_SYSTEM ? xasprintf("%m") :
	    xstrdup(seal_fault_text(fault, status, text));
}

/* A user who interrupts a question needs no reason. */
void
unlock_explain(const struct unlock *u, const char *file,
    const struct seal_fault *fault, enum status status)
{
	char *why;

	if (interrupt_pending())
		return;
	why = explain(u, fault, status);
	if (fault->line != 0)
		(void)reasons_fail(u->options.why, "%s:%u: %s", file,
		    fault->line, why);
	else
		(void)reasons_fail(u->options.why, "%s: %s", file, why);
	free(why);
}

/* Identity files. */

static void
explain_identity(const struct unlock *u, const char *file,
    const struct seal_fault *fault, enum status status)
{
	if (status == STATUS_BAD_IDENTITY && fault->line == 0)
		(void)reasons_fail(u->options.why, "%s: holds no identity: "
		    "make one with 'sallyport keygen', or, if files are "
		    "sealed to the one that was there, " UNLOCK_LOST, file);
	else if (status == STATUS_NO_MATCH)
		(void)reasons_fail(u->options.why, "%s: this identity is "
		    "sealed to a recipient: only a passphrase can protect it",
		    file);
	else
		unlock_explain(u, file, fault, status);
}

/* An identity file may itself be sealed with a passphrase. */
static bool
add_source(struct unlock *u, const struct source *s)
{
	const char *before = u->opening;
	struct seal_fault fault;
	enum status status;

	u->opening = s->file;
	status = seal_read_identities(u->identities, u->identities,
	    (const uint8_t *)s->text.p, s->text.n, &fault);
	u->opening = before;
	progress_end();
	if (status != STATUS_OK)
		explain_identity(u, s->file, &fault, status);
	return status == STATUS_OK;
}

/* Adds the identities of a file that was read, or says why it was not. */
static bool
add_read(struct unlock *u, struct source *s, const char *why)
{
	bool good = false;

	secret_file_warn(s->file, &s->judge, u->options.why);
	if (why != NULL)
		(void)reasons_fail(u->options.why, "%s: %s", s->file, why);
	else
		good = add_source(u, s);
	if (good && u->from == NULL)
		u->from = xstrdup(s->file);
	source_free(s);
	return good;
}

static bool
add_file(struct unlock *u, const char *file, struct file_us us)
{
	struct source s;
	const char *why = source_read_as(&s, file,
	    unlock_access(file, SOURCE_PRIVATE), us);

	return add_read(u, &s, why);
}

bool
unlock_add_file(struct unlock *u, const char *file)
{
	const struct file_us nobody = { .user = false };

	return add_file(u, file, nobody);
}

bool
unlock_add_given(struct unlock *u, const char *file)
{
	struct source s;

	u->given = true;
	if (!source_is_standard(file))
		return unlock_add_file(u, file);
	return add_read(u, &s, source_read_standard(&s));
}

/* The identities of a verb. */

/*
 * Tried once for each file; not a failure if it is missing, as no user named
 * it.
 */
static void
add_named(struct unlock *u, const char *file)
{
	const struct settings *s = &u->settings;

	if (u->named != NULL && strcmp(u->named, file) == 0)
		return;
	free(u->named);
	u->named = xstrdup(file);
	free(u->why_not);
	u->why_not = NULL;
	if (access(file, R_OK) != 0)
		u->why_not = xasprintf("%s: %m%s", file, errno == ENOENT ?
		    ": " UNLOCK_LOST : "");
	else if (!add_file(u, file, account_become(s->user, s->group)))
		u->why_not = xasprintf("%s is of no use", file);
}

static void
add_credential(struct unlock *u)
{
	char *file = credential_identity();

	if (file != NULL)
		add_named(u, file);
	free(file);
}

/* Why a part of the configuration, which may name an identity, stays closed. */
static char *
explain_part(const struct unlock *u, const struct seal_fault *fault,
    enum status status)
{
	if (status != STATUS_NO_MATCH || identities_count(u->identities) != 0)
		return explain(u, fault, status);
	if (u->why_not != NULL)
		return xasprintf("is sealed, and no -i FILE says what opens "
		    "it (%s)", u->why_not);
	return xstrdup("is sealed, and no -i FILE says what opens it");
}

/* Opens it with the identities that are known at that point. */
static char *
open_part(void *ctx, struct source *s, unsigned *line)
{
	struct unlock *u = ctx;
	const char *before = u->opening;
	struct seal_fault fault;
	enum status status;

	u->opening = s->file;
	progress("opening %s ...", s->file);
	status = source_open(s, u->identities, &fault);
	progress_end();
	u->opening = before;
	*line = fault.line;
	return status == STATUS_OK ? NULL : explain_part(u, &fault, status);
}

const struct settings *
unlock_settings(struct unlock *u)
{
	const struct settings_opener opener = { .open = open_part, .ctx = u };

	if (u->looked)
		return &u->settings;
	u->looked = true;
	settings_read(&u->settings, u->options.conf, opener);
	return &u->settings;
}

char *
unlock_find_keys(struct unlock *u, const char *file)
{
	const struct settings_opener opener = { .open = open_part, .ctx = u };
	struct settings s = { .identity = NULL };
	char *path = NULL;

	settings_read(&s, file, opener);
	for (size_t i = 1; i < s.parts.n && path == NULL; i++) {
		if (s.parts.v[i].holds_keys)
			path = xstrdup(s.parts.v[i].path);
	}
	settings_free(&s);
	return path;
}

/*
 * Called for a file that no identity opens so far; also while the configuration
 * is read, then with its settings up to that point.
 */
static bool
find_more(void *ctx)
{
	struct unlock *u = ctx;
	size_t before = identities_count(u->identities);

	if (u->given || u->options.conf == NULL)
		return false;
	(void)unlock_settings(u);
	if (u->settings.identity != NULL)
		add_named(u, u->settings.identity);
	else
		add_credential(u);
	return identities_count(u->identities) > before;
}

void
unlock_look(struct unlock *u)
{
	if (identities_count(u->identities) == 0)
		(void)find_more(u);
}

void
unlock_init(struct unlock *u, const struct unlock_options *how)
{
	*u = (struct unlock){
		.options = *how,
		.identities = identities_new(),
		.opening = "this file",
	};
	identities_ask_passphrase(u->identities,
	    (struct passphrase_source){ .ask = ask_passphrase, .ctx = u });
	identities_find_more(u->identities,
	    (struct identity_source){ .find = find_more, .ctx = u });
}

void
unlock_free(struct unlock *u)
{
	identities_free(u->identities);
	settings_free(&u->settings);
	free(u->from);
	free(u->why_not);
	free(u->named);
	*u = (struct unlock){ .from = NULL };
}

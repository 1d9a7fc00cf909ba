/*
 * The configuration of a first set-up; see setup_conf.h.  It says of each part
 * what it is for, as people read it before any manual.
 */
#include "cli/setup_conf.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "conf/credential.h"

static const char beginning[] =
    "# Made by 'sallyport init'.  'sallyport help configuration' explains "
    "every\n"
    "# option; 'sallyport check' tells what is wrong after a change.  Paths "
    "are\n"
    "# relative to this file.\n\n";

static const char own_identity[] =
    "# What opens the sealed files.  Keep a copy in a safe place: without "
    "it the\n"
    "# keys cannot be read any more.\n"
    "identity = \"identity\";\n\n";

static const char identity_of_service[] =
    "# What opens the sealed files is the credential '" CREDENTIAL_IDENTITY
    "', which\n"
    "# systemd passes to sallyport.service and root's commands find in\n"
    "# " CREDENTIAL_STORE ".  Keep a copy in a safe place: without it the "
    "keys cannot\n"
    "# be read any more.\n\n"
    "# Whom it becomes where root starts it by hand.\n"
    "user = \"" SETUP_USER "\";\n\n";

static const char admin[] =
    "# Where 'sallyport status', 'reload' and 'key disable' ask the running "
    "daemon.\n"
    "admin = { address = \"unix:%s\"; };\n\n";

static const char state[] =
    "# What is known of keys is kept here for the next start, also which are "
    "disabled.\n"
    "state_dir = \"%s\";\n\n";

static const char rest[] =
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
    "  { name = \"elastic-cloud\"; url = \"%s\";%s%s%s }\n"
    ");\n\n"
    "# Which requests get which key: here all of them this one.  Calls that "
    "make\n"
    "# new credentials are refused unless the route says allow_minting = "
    "true.\n"
    "routes = (\n"
    "  { name = \"all\"; upstream = \"elastic-cloud\"; keys = [ \"%s\" ]; }"
    "\n);\n\n"
    "# One line per request, to a file or \"stdout\".\n"
    "log = { access = \"%s\"; };\n";

/*
 * Such a folder is the unit's (LogsDirectory=, StateDirectory=); make install
 * makes it, too.
 */
static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *
access_log(const struct setup_conf *s)
{
	return s->service && is_folder(SETUP_LOGS) ?
	    SETUP_LOGS "/access.ndjson" : "stdout";
}

/* NULL: there is none. */
static const char *
state_folder(const struct setup_conf *s)
{
	if (!s->service)
		return SETUP_OWN_STATE;
	return is_folder(SETUP_STATE) ? SETUP_STATE : NULL;
}

char *
setup_conf_text(const struct setup_conf *s)
{
	bool ca = s->ca_file != NULL;
	struct buf b;
	char *text;

	buf_init(&b, NULL);
	buf_append_text(&b, text_of(beginning));
	buf_append_text(&b, text_of(s->service ? identity_of_service :
	    own_identity));
	if (s->admin != NULL)
		buf_printf(&b, admin, s->admin);
	if (state_folder(s) != NULL)
		buf_printf(&b, state, state_folder(s));
	buf_printf(&b, rest, s->listen, s->url, ca ? "\n    ca_file = \"" : "",
	    ca ? s->ca_file : "", ca ? "\";" : "", s->key, access_log(s));
	text = xstrndup((const char *)buf_data(&b), buf_len(&b));
	buf_release(&b);
	return text;
}

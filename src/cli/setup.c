/*
 * Making a first set-up; see setup.h.  Knows no option of the verb.
 */
#include "cli/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/config_file.h"
#include "cli/new_file.h"
#include "cli/say.h"
#include "cli/setup_conf.h"
#include "conf/accounts.h"
#include "conf/credential.h"
#include "keyfile/key_new.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"
#include "keyfile/unlock.h"
#include "seal/identity.h"

/* Paths. */

static char *
choose_folder(const char *given)
{
	size_t n;

	if (given == NULL)
		return config_file_folder();
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
		(void)say_failed("%s exists already: nothing is overwritten; "
		    "choose another --dir, or add a key with 'sallyport key "
		    "add'", path);
	else if (errno == ENOENT)
		return true;
	else
		(void)say_failed("%s: %m; choose another --dir", path);
	return false;
}

/*
 * Whether we may make files in the folder, or in the part of its path that
 * exists.
 */
static bool
refuse_shut(const char *folder)
{
	char *part = xstrdup(folder), *slash;
	const char *there = part;
	struct stat st;
	bool good;

	while (stat(part, &st) != 0 && errno == ENOENT &&
	    (slash = strrchr(part, '/')) != NULL && slash != part)
		*slash = '\0';
	if (stat(part, &st) != 0 && errno == ENOENT)
		there = *folder == '/' ? "/" : ".";
	good = faccessat(AT_FDCWD, there, W_OK | X_OK, AT_EACCESS) == 0;
	if (!good)
		(void)say_failed("%s: nothing can be made in %s: %m; choose "
		    "another --dir", folder, there);
	free(part);
	return good;
}

/* Whether the service can run: it does not, as a user who is not there. */
static bool
is_for_service(struct setup *s)
{
	uint32_t uid;

	return s->usual_place && geteuid() == 0 &&
	    account_find_user(SETUP_USER, &uid, NULL) &&
	    account_find_group(SETUP_USER, &s->group);
}

/* On a machine that would rather have the service. */
static void
remark_on_service(const struct setup *s)
{
	if (s->usual_place && geteuid() == 0 && !s->service &&
	    access("/run/systemd/system", F_OK) == 0)
		say_remark("for 'sallyport run' only: sallyport.service runs "
		    "as the user '" SETUP_USER "', who does not exist; make "
		    "install makes that user, and so does systemd-sysusers");
}

bool
setup_find_place(struct setup *s, const char *given)
{
	s->usual_place = given == NULL;
	s->folder = choose_folder(given);
	if (s->folder == NULL) {
		(void)say_failed("HOME is not set: say where with --dir");
		return false;
	}
	s->service = is_for_service(s);
	s->identity = s->service ?
	    xstrdup(CREDENTIAL_STORE "/" CREDENTIAL_IDENTITY) :
	    xasprintf("%s/identity", s->folder);
	s->keys = xasprintf("%s/keys.age", s->folder);
	s->conf = xasprintf("%s/" CONFIG_FILE, s->folder);
	if (!refuse_existing(s->conf) || !refuse_existing(s->identity) ||
	    !refuse_existing(s->keys) || !refuse_shut(s->folder))
		return false;
	remark_on_service(s);
	return true;
}

/* Making the files. */

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
		(void)say_failed("%s: %m", path);
	return good;
}

static bool
make_identity(struct setup *s)
{
	char recipient[RECIPIENT_TEXT];
	struct secret *text = NULL;
	enum status status = identity_generate(clock_wall() / NS_PER_S,
	    &text, recipient);

	if (status != STATUS_OK) {
		(void)say_failed("cannot make an identity: %s",
		    status_text(status));
		return false;
	}
	s->made_identity = new_file_write(s->identity, secret_read(text),
	    secret_len(text));
	secret_free(text);
	return s->made_identity;
}

static bool
seal_key(struct setup *s, struct keyfile *v)
{
	const char *host = s->host;
	const struct key_new k = { .name = s->name, .hosts = &host,
		.n_hosts = 1, .expires = s->expires,
		.created = s->created };
	struct secret *text = NULL;

	if (key_new_check(&k, v->why))
		text = key_new_write(&k, &s->value, 1, v, v->body);
	s->made_keys = text != NULL && keyfile_save(v, secret_text(text));
	secret_free(text);
	return s->made_keys;
}

/* Sealed to the identity that was just made, which opens it too. */
static bool
make_keys(struct setup *s)
{
	struct reasons why = { .n = 0 };
	const struct unlock_options how = { .why = &why };
	struct unlock u;
	struct recipients *own = recipients_new();
	struct keyfile v;
	bool good = false;

	unlock_init(&u, &how);
	if (unlock_add_file(&u, s->identity) &&
	    keyfile_open_or_new(&v, s->keys, &u)) {
		identities_add_recipients(u.identities, own);
		good = keyfile_recipients_keep(&v, own, &u) &&
		    seal_key(s, &v);
		keyfile_close(&v);
	}
	recipients_free(own);
	unlock_free(&u);
	return say_why(&why, good);
}

/*
 * The path of the admin socket, to be freed; NULL: it would be too long, or
 * cannot be between quotes.
 */
static char *
admin_path(const struct setup *s)
{
	char *folder = s->service ? xstrdup(SETUP_RUNTIME) :
	    realpath(s->folder, NULL);
	char *path = folder != NULL ? xasprintf("%s/admin.sock", folder) : NULL;
	struct addr a;

	free(folder);
	if (path == NULL || (strlen(path) < sizeof(a.un.sun_path) &&
	    strpbrk(path, "\"\\") == NULL &&
	    !text_has_control(text_of(path))))
		return path;
	free(path);
	return NULL;
}

/* Without secrets, so that the service may read it. */
static bool
make_conf(const struct setup *s)
{
	char *admin = admin_path(s);
	char *text = setup_conf_text(&(struct setup_conf){
		.service = s->service,
		.listen = s->listen,
		.url = s->url,
		.ca_file = s->ca_file,
		.key = s->name,
		.admin = admin,
	});
	bool good = new_file_write_shared(s->conf, text, strlen(text));

	free(text);
	free(admin);
	return good;
}

/* That of the service is made by others, and lies elsewhere. */
static bool
make_state(const struct setup *s)
{
	char *folder = xasprintf("%s/" SETUP_OWN_STATE, s->folder);
	bool good = s->service || make_folders(folder);

	free(folder);
	return good;
}

/*
 * The service may read its folder, and what is put there later; the identity
 * lies elsewhere, where only root and systemd can read.
 */
static bool
open_to_service(const struct setup *s)
{
	if (chown(s->folder, 0, s->group) == 0 &&
	    chmod(s->folder, S_ISGID | 0750) == 0)
		return make_folders(CREDENTIAL_STORE);
	(void)say_failed("%s: cannot give it to the group " SETUP_USER ": %m",
	    s->folder);
	return false;
}

/* After a failure nothing is left, as it would stop the next attempt. */
bool
setup_make(struct setup *s)
{
	if (make_folders(s->folder) &&
	    (!s->service || open_to_service(s)) &&
	    make_identity(s) && make_keys(s) && make_state(s) && make_conf(s))
		return true;
	if (s->made_keys)
		(void)unlink(s->keys);
	if (s->made_identity)
		(void)unlink(s->identity);
	return false;
}

void
setup_free(struct setup *s)
{
	secret_free(s->value);
	free(s->ca_file);
	free(s->folder);
	free(s->identity);
	free(s->keys);
	free(s->conf);
	*s = (struct setup){ .value = NULL };
}

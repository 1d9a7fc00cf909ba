/*
 * The daemon's admin listener; see admin_listener.h.  Knows what may be wrong
 * with it, and nothing of what it is asked for.
 */
#include "cli/admin_listener.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_read.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/parts.h"
#include "conf/source.h"

/* What clients of a TCP address may call any listener. */
#define HOST	"localhost"

#define EXAMPLE	"admin = { address = \"unix:/run/sallyport/admin.sock\"; };"

/* -- its address -- */

static const struct settings_admin *
choose(const struct settings *s)
{
	for (size_t i = 0; i < s->n_admin; i++) {
		if (strncmp(s->admin[i].address, "unix:", 5) == 0)
			return &s->admin[i];
	}
	return s->n_admin != 0 ? &s->admin[0] : NULL;
}

/* What cannot be read may hold the option. */
static void
explain_missing(const struct admin_listener *a, const struct settings *s)
{
	if (s->diagnostics.n_errors != 0) {
		say_diagnostics(&s->diagnostics);
		(void)say_failed("so it is not known where the daemon can be "
		    "asked: mend the configuration, ask as a user who may "
		    "read it, or name another with -c FILE; the daemon is as "
		    "it was");
		return;
	}
	(void)say_failed("%s: has no option 'admin', by which a daemon can "
	    "be asked: add\n  " EXAMPLE "\nand start it again",
	    source_name(a->file));
}

static bool
set_address(struct admin_listener *a, const struct settings_admin *chosen)
{
	const char *why;

	a->address = xstrdup(chosen->address);
	a->host = xstrdup(chosen->host != NULL ? chosen->host : HOST);
	if (!addr_parse(a->address, &a->to, &why))
		(void)say_failed("%s: option 'admin': \"%s\": %s",
		    source_name(a->file), a->address, why);
	else if (a->to.kind == ADDR_INHERITED)
		(void)say_failed("%s: option 'admin': %s is a socket of the "
		    "service manager, and only that knows where it is: name "
		    "its path, unix:/PATH, instead", source_name(a->file),
		    a->address);
	else if (a->to.kind == ADDR_INET && addr_port(&a->to) == 0)
		(void)say_failed("%s: option 'admin': the port of %s is "
		    "another at each start: name one, or a Unix socket",
		    source_name(a->file), a->address);
	else
		return true;
	return false;
}

bool
admin_listener_find(struct admin_listener *a, const struct cli_args *args)
{
	struct access access;
	const struct settings *s;
	const struct settings_admin *chosen;
	bool good = false;

	*a = (struct admin_listener){ .verbs = args->verbs };
	if (!access_begin(&access, args))
		return false;
	a->file = xstrdup(access.conf);
	s = unlock_settings(&access.unlock);
	say_reasons(&access.why);
	chosen = choose(s);
	if (chosen != NULL)
		good = set_address(a, chosen);
	else
		explain_missing(a, s);
	access_end(&access);
	return good;
}

void
admin_listener_free(struct admin_listener *a)
{
	free(a->file);
	free(a->address);
	free(a->host);
	*a = (struct admin_listener){ .file = NULL };
}

bool
admin_listener_takes_posts(const struct admin_listener *a, const char *what,
    const char *instead)
{
	if (a->to.kind == ADDR_UNIX)
		return true;
	(void)say_failed("%s: over TCP nobody is known, so %s needs a Unix "
	    "socket: add one to option 'admin'%s", a->address, what, instead);
	return false;
}

/* -- why it cannot be asked -- */

/* "user root, group staff or a mode of 0660": those whom the socket lets in. */
static char *
who_may(const struct stat *st)
{
	const struct passwd *user = getpwuid(st->st_uid);
	const struct group *group = getgrgid(st->st_gid);
	char *owner = user != NULL ? xstrdup(user->pw_name) :
	    xasprintf("%u", st->st_uid), *text;

	if ((st->st_mode & S_IWGRP) == 0)
		text = xasprintf("user %s", owner);
	else if (group != NULL)
		text = xasprintf("user %s and group %s", owner,
		    group->gr_name);
	else
		text = xasprintf("user %s and group %u", owner, st->st_gid);
	free(owner);
	return text;
}

static char *
explain_denied(const struct admin_listener *a)
{
	struct stat st;
	char *who, *text;

	if (a->to.kind != ADDR_UNIX || stat(a->to.un.sun_path, &st) != 0)
		return xasprintf("%s: permission denied: only root and who "
		    "may enter its folder can ask", a->address);
	who = who_may(&st);
	text = xasprintf("%s: permission denied: %s may ask; 'mode', 'owner' "
	    "and 'group' of option 'admin' say so", a->address, who);
	free(who);
	return text;
}

static char *
explain_absent(const struct admin_listener *a, const char *error)
{
	struct running r = { .file = a->file, .verbs = a->verbs };
	const struct holder any = { .uid = UINT32_MAX };
	char *word, *text;

	if (running_is_ours(&r, &any))
		return xasprintf("%s: %s: process %d runs %s, but does not "
		    "answer there: if the option is new to it, 'kill -HUP "
		    "%d' has it read the configuration again", a->address,
		    error, (int)r.pid, source_name(a->file), (int)r.pid);
	word = source_word(a->file);
	text = xasprintf("%s: %s: no sallyport runs %s: start it with "
	    "'systemctl start sallyport' if it is a service, else by: "
	    "sallyport run -c %s", a->address, error, source_name(a->file),
	    word);
	free(word);
	return text;
}

static char *
explain_unconnected(const struct admin_listener *a)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		return explain_denied(a);
	case ENOENT:
	case ENOTDIR:
		return explain_absent(a, "there is no such socket");
	case ECONNREFUSED:
		return explain_absent(a, "nobody listens there");
	case ETIMEDOUT:
		return xasprintf("%s: it does not take the connection: it is "
		    "overloaded or hangs", a->address);
	default:
		return xasprintf("%s: %m", a->address);
	}
}

char *
admin_listener_text(const struct ask_answer *answer, const char *member)
{
	struct blocks *blocks = blocks_new(4096, 1);
	struct arena arena;
	const struct json_value *doc, *errors;
	struct text found;
	char *text = NULL;

	arena_init(&arena, blocks);
	doc = json_read(&arena, buf_text(&answer->body));
	errors = json_member(doc, "errors");
	found = json_string(json_member(errors != NULL ? errors->first : doc,
	    member));
	if (found.n != 0) {
		text = xasprintf("%.*s", TEXT_ARG(found));
		text_defuse(text, "\n");
	}
	arena_release(&arena);
	blocks_free(blocks);
	return text;
}

/* The message of an answer that reports an error, or its status. */
static char *
explain_status(const struct admin_listener *a,
    const struct ask_answer *answer)
{
	char *text = admin_listener_text(answer, "message");

	return text != NULL ? text : xasprintf("%s: answered %u", a->address,
	    answer->status);
}

char *
admin_listener_ask(const struct admin_listener *a, const char *method,
    const char *target, int64_t limit_ms, struct ask_answer *answer)
{
	const struct ask ask = { .to = &a->to, .host = a->host,
		.method = method, .target = target, .limit_ms = limit_ms };
	char *why, *text = NULL;

	switch (ask_daemon(&ask, answer, &why)) {
	case ASK_ANSWERED:
		if (answer->status != 200)
			text = explain_status(a, answer);
		break;
	case ASK_NOT_CONNECTED:
		text = explain_unconnected(a);
		break;
	case ASK_BROKEN:
		text = xasprintf("%s: it %s", a->address, why);
		break;
	}
	free(why);
	return text;
}

/*
 * The verb `status`.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_read.h"
#include "cli/admin_listener.h"
#include "cli/document.h"
#include "cli/say.h"
#include "cli/status_page.h"
#include "cli/table.h"
#include "cli/verb.h"
#include "tty/screen.h"

/* For the answer, and between two of --watch. */
#define LIMIT_MS	10000
#define PAUSE_MS	2000

struct status_verb {
	struct admin_listener daemon;
	bool json;
};

/* What it answered, or the reason why not, as a text to show. */
struct status_view {
	enum cli_exit result;
	struct buf text;
};

static void
view_document(const struct status_verb *s, const struct json_value *doc,
    struct text as_it_came, size_t width, struct status_view *v)
{
	v->result = status_page_needs_attention(doc) ? CLI_ATTENTION :
	    CLI_DONE;
	if (!s->json) {
		status_page_format(doc, width, clock_wall() / NS_PER_S,
		    &v->text);
		return;
	}
	buf_append_text(&v->text, as_it_came);
	buf_append_text(&v->text, text_line_end(as_it_came));
}

static char *
view_answer(const struct status_verb *s, struct text body, size_t width,
    struct status_view *v)
{
	struct blocks *blocks = blocks_new(64 * 1024, 1);
	struct arena arena;
	const struct json_value *doc;
	char *why = NULL;

	arena_init(&arena, blocks);
	doc = json_read(&arena, body);
	if (doc != NULL && doc->kind == JSON_OBJECT)
		view_document(s, doc, body, width, v);
	else
		why = xasprintf("%s: what it answered is no JSON object",
		    s->daemon.address);
	arena_release(&arena);
	blocks_free(blocks);
	return why;
}

/* Asks once; NULL or why that failed, to be freed. */
static char *
look(const struct status_verb *s, size_t width, struct status_view *v)
{
	struct ask_answer answer;
	char *why = admin_listener_ask(&s->daemon, "GET", "/status", LIMIT_MS,
	    &answer);

	*v = (struct status_view){ .result = CLI_FAILED };
	buf_init(&v->text, NULL);
	if (why == NULL)
		why = view_answer(s, buf_text(&answer.body), width, v);
	ask_answer_free(&answer);
	return why;
}

static size_t
width_of_output(void)
{
	return isatty(STDOUT_FILENO) == 1 ? screen_width() : TABLE_UNBOUND;
}

static enum cli_exit
say_view(const struct status_verb *s)
{
	struct status_view v;
	char *why = look(s, width_of_output(), &v);

	if (why != NULL)
		(void)say_failed("%s", why);
	else
		say_bytes(buf_data(&v.text), buf_len(&v.text));
	buf_release(&v.text);
	free(why);
	return v.result;
}

/* A daemon that cannot be asked for a while is waited for. */
static enum cli_exit
show_view(const struct status_verb *s, struct screen *screen)
{
	struct status_view v;
	char *why = look(s, screen_width(), &v);

	if (why != NULL)
		buf_append_text(&v.text, text_of(why));
	screen_show(screen, buf_text(&v.text));
	buf_release(&v.text);
	free(why);
	return v.result;
}

static enum cli_exit
watch_screen(const struct status_verb *s)
{
	struct screen *screen;
	enum cli_exit result = say_view(s);

	/* What was wrong at once will hardly pass. */
	if (result == CLI_FAILED)
		return result;
	say_flush();
	screen = screen_new();
	do {
		result = show_view(s, screen);
	} while (screen_wait(screen, PAUSE_MS));
	screen_free(screen);
	return result;
}

/* Without a screen: one after the other, for as long as it is read. */
static enum cli_exit
watch_lines(const struct status_verb *s)
{
	enum cli_exit result;

	for (;;) {
		result = say_view(s);
		if (!s->json)
			say("\n");
		result = say_finish(result);
		if (result == CLI_FAILED)
			return result;
		(void)usleep(PAUSE_MS * 1000);
	}
}

static enum cli_exit
run_status(const struct cli_args *args)
{
	struct status_verb s = { .json = cli_args_has(args, "json") };
	enum cli_exit result = CLI_FAILED;

	if (!admin_listener_find(&s.daemon, args))
		result = CLI_FAILED;
	else if (!cli_args_has(args, "watch"))
		result = say_view(&s);
	else if (s.json || !screen_there())
		result = watch_lines(&s);
	else
		result = watch_screen(&s);
	admin_listener_free(&s.daemon);
	return result;
}

static const struct cli_option status_options[] = {
	CLI_ADMIN_OPTIONS,
	CLI_JSON_OPTION,
	{ .name = "watch", .help = "Shows it anew every two seconds, until q "
	    "or ^C." },
	{ .name = NULL },
};

const struct verb verb_status = {
	.name = "status",
	.summary = "shows how the running daemon is, and what needs attention",
	.options = status_options,
	.about = "Asks the running daemon, by the first Unix socket of option "
	    "'admin' or else its\nfirst address, and prints what needs "
	    "attention, with the commands to type, then\nlisteners, routes, "
	    "upstreams, keys with the time they have left, workers, how\n"
	    "the last reload went, and the sandbox.  Of the configuration "
	    "only 'admin' is\nlooked at.\n\n"
	    "The same is a page for people at / of each admin listener, which "
	    "keeps itself up\nto date: on top which keys need somebody, who "
	    "uses them, and the commands to\ntype.  /?only=bad leaves out what "
	    "is well.\n\n"
	    "The exit status is 0, or 3 where something needs attention: "
	    "a key has expired or\nwas warned of (expiry.warn), one of a route "
	    "is disabled or rejected, for long no\nprobe told whether one "
	    "works, an upstream refuses one that another takes, a\nroute has "
	    "none that is usable, the last reload was refused, a worker died "
	    "or\nlines of the log were lost within the last hour, a "
	    "certificate of ours or a list\nof revoked ones has ended or was "
	    "warned of, others reach a listener without TLS,\nor "
	    "sandbox = \"try\" does not hold.  It is 1 where the daemon could "
	    "not be asked,\nand then there is no document either.\n\n"
	    "The JSON document is the daemon's own, an object: version, pid, "
	    "started, state\n(starting, serving, draining), generation, "
	    "configuration, and\n"
	    "  attention  objects: key (its name, or null), what, "
	    "command (or null), then\n"
	    "             (the commands that follow it), next (the name of the "
	    "key that they\n"
	    "             bring, or null)\n"
	    "  listeners  objects: name, address, clients, files_refused (of "
	    "what changed on\n"
	    "             disk and cannot be used: since, reason; else "
	    "null)\n"
	    "  routes     objects: name, upstream, keys, clients (who may use "
	    "it: users,\n"
	    "             groups, certificates, addresses, a client_key, or "
	    "anybody at a\n"
	    "             listener), requests, requests_last_minute, usable, "
	    "serves (the key\n"
	    "             that does), reason (which keys cannot, and why)\n"
	    "  upstreams  objects: name, url, proxy (its URL), connections "
	    "(idle, busy)\n"
	    "  keys       objects: name, state ('help states'), created, "
	    "expires, days_left,\n"
	    "             last_used, promoted (when, last), requests, "
	    "rejected, refused (at,\n"
	    "             diagnosis: of the last refusal), safe_to_revoke,\n"
	    "             safe_to_revoke_reason, ratelimit (remaining, limit, "
	    "interval in\n"
	    "             seconds), routes\n"
	    "  ends       objects, of certificates of ours, authorities, and "
	    "lists of revoked\n"
	    "             ones: listener and upstream (one is null), what "
	    "(option and file),\n"
	    "             subject (of the authority that ends, or null), "
	    "until, days_left\n"
	    "  workers    objects: pid (null: it died), generation, state, "
	    "since\n"
	    "  reload     last, result (success, failure), reason, "
	    "last_success\n"
	    "  faults     objects, of each kind since the start: fault (the "
	    "log's\n"
	    "             sallyport.fault), count, last_minute\n"
	    "  events     objects, the last 20 that the parent process logged "
	    "of keys, the\n"
	    "             newest first: at, action (the log's event.action), "
	    "key, text\n"
	    "  sandbox    option, seccomp, landlock (its version, or 0), "
	    "holds, reason;\n"
	    "             admin: the same of the admin process, but option\n"
	    "  log        lost\n"
	    "A generation is the workers of one load of the configuration: 1 "
	    "at the start,\nand a higher number at each reload, one that was "
	    "refused counted, too.\n"
	    "What is of the last minute begins anew at a reload.  Times are in "
	    "RFC 3339;\nwhat is not known or never was is null.\n",
	.example = "sallyport status\n"
	    "sallyport status --watch\n",
	.run = run_status,
};

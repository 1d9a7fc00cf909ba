/*
 * The verbs `key disable`, `key enable` and `key promote`, which differ in what
 * the daemon does.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/admin_listener.h"
#include "cli/say.h"
#include "cli/verb.h"

/* The daemon is no longer silent than that. */
#define LIMIT_MS	(60 * 1000)

/* As a segment of a path (RFC 3986 section 2.3). */
static void
encode(const char *name, struct buf *out)
{
	for (const char *p = name; *p != '\0'; p++) {
		if (ascii_is_alnum(*p) || ascii_is_one_of(*p, "-._~"))
			buf_append(out, p, 1);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
	}
}

/* "/keys/NAME/disable", to be freed. */
static char *
target_of(const struct cli_args *args)
{
	struct buf b;
	char *target;

	buf_init(&b, NULL);
	buf_printf(&b, "/keys/");
	encode(args->operands[0], &b);
	buf_printf(&b, "/%s", strchr(args->verb->name, ' ') + 1);
	target = xstrndup(buf_text(&b).p, buf_len(&b));
	buf_release(&b);
	return target;
}

static enum cli_exit
say_success(const struct ask_answer *answer)
{
	char *message = admin_listener_text(answer, "message");

	say("%s\n", message != NULL ? message : "done");
	free(message);
	return CLI_DONE;
}

static enum cli_exit
ask(const struct admin_listener *a, const struct cli_args *args)
{
	struct ask_answer answer;
	char *target = target_of(args);
	char *why = admin_listener_ask(a, "POST", target, LIMIT_MS, &answer);
	enum cli_exit result = why == NULL ? say_success(&answer) :
	    say_failed("%s", why);

	ask_answer_free(&answer);
	free(why);
	free(target);
	return result;
}

static enum cli_exit
run_key_order(const struct cli_args *args)
{
	struct admin_listener a;
	enum cli_exit result = CLI_FAILED;

	if (admin_listener_find(&a, args) &&
	    admin_listener_takes_posts(&a, "an order about a key", ""))
		result = ask(&a, args);
	admin_listener_free(&a);
	return result;
}

static const struct cli_option key_order_options[] = {
	CLI_ADMIN_OPTIONS,
	{ .name = NULL },
};

#define HOW \
	"It asks by a Unix socket of option 'admin'; the configuration given " \
	"here is only\nlooked into to find it.  The log says who asked.\n"

const struct verb verb_key_disable = {
	.name = "key disable",
	.summary = "has the running daemon stop using a key, at once",
	.options = key_order_options,
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Switches a key off in the running daemon, under all of its "
	    "names: no further\nrequest carries it, those that are under way "
	    "with it are cut, and its\nconnections are closed.  Routes that "
	    "list another usable key go on with that;\nthe others answer 503, "
	    "and are named.  A request that was cut before its answer\ncame "
	    "goes out once more with the other key where it may be repeated: a "
	    "GET, a\nPUT, but no POST.\n\n"
	    "Requests from before a reload may go on for 30 seconds with what "
	    "it removed.  So\na name that the reload dropped is still found "
	    "while they do; and where it gave\nthe name a new value, both are "
	    "disabled, the older one for good: 'key enable'\nbrings back the "
	    "new one alone.\n\n"
	    "It stays so across reloads until 'key enable', and across "
	    "restarts where option\n'state_dir' is set; else it says that a "
	    "restart will forget it.  The exit status\nis 1 where there is no "
	    "such key, and also where the key is disabled but that\ncould not "
	    "be written.\n\n"
	    "It returns when no process uses the key any more: a worker that "
	    "does not answer\nwithin two seconds is killed and replaced.  "
	    "Where it cannot be ended, as it\nwaits in the kernel, that is "
	    "said, and the exit status is 1, too.\n\n"
	    "The key itself stays valid at the API: revoke one that leaked "
	    "there, too.\n\n" HOW,
	.example = "sallyport key disable billing-2026q4\n",
	.run = run_key_order,
};

const struct verb verb_key_enable = {
	.name = "key enable",
	.summary = "has the running daemon use a disabled key again",
	.options = key_order_options,
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Takes back 'key disable', for all names of that key.  It "
	    "says so where the key\nstill is not used as it expired or the API "
	    "rejected it.\n\n" HOW,
	.example = "sallyport key enable billing-2026q4\n",
	.run = run_key_order,
};

const struct verb verb_key_promote = {
	.name = "key promote",
	.summary = "has the running daemon prefer a key to the others of its "
	    "routes",
	.options = key_order_options,
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.about = "The routes that list the key use it from now on, whatever "
	    "its place in 'keys'\nis; the key before it finishes what is under "
	    "way, and is kept in reserve.\n'sallyport status' says when it is "
	    "safe to revoke.\n\nIt is refused where the key is disabled, "
	    "rejected or expired, or no route lists\nit.  It stays so across "
	    "reloads, and restarts where option 'state_dir' is set.\n\n" HOW,
	.example = "sallyport key promote billing-2027q1\n",
	.run = run_key_order,
};

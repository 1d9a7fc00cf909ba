/*
 * The daemon's state for people; see status_page.h.
 */
#include "cli/status_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/span.h"
#include "cli/status_page_parts.h"
#include "cli/table.h"

/* A section and its name: "\nKeys\n" and the table, or that there is none. */
static void
append_table(const struct status_page *p, const char *name,
    struct table *t)
{
	buf_printf(p->out, "\n%s\n", name);
	if (t->n != 0)
		table_format(t, p->width, p->out);
	else
		buf_printf(p->out, "  none\n");
	table_free(t);
}

#define TABLE(t, columns) \
	table_init((t), (columns), sizeof(columns) / sizeof(*(columns)))

/* -- sections -- */

static void
append_head(const struct status_page *p)
{
	static const char *const states[][2] = {
		{ "starting", "is starting" }, { "serving", "serves" },
		{ "draining", "is stopping" },
	};
	struct text state = json_string(json_member(p->doc, "state"));
	char *does = NULL, *version = page_member(p->doc, "version"),
	    *pid = page_member(p->doc, "pid"),
	    *age = page_age(p, json_member(p->doc, "started")),
	    *generation = page_member(p->doc, "generation");

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (text_eq(state, text_of(states[i][0])))
			does = xstrdup(states[i][1]);
	}
	if (does == NULL)
		does = page_copy(state);
	page_lines(p, 0, xasprintf("sallyport %s %s: process %s, started "
	    "%s ago, generation %s of", version, does, pid,
	    age != NULL ? age : "some time", generation));
	page_lines(p, 0, page_member(p->doc, "configuration"));
	free(does);
	free(version);
	free(pid);
	free(age);
	free(generation);
}

static void
append_listeners(const struct status_page *p)
{
	static const struct table_column columns[] = {
		{ .name = "NAME", .bends = true },
		{ .name = "ADDRESS", .bends = true },
		{ .name = "CLIENTS", .right = true },
	};
	struct table t;

	TABLE(&t, columns);
	for EACH(v, p, "listeners") {
		table_add(&t, page_member(v, "name"));
		table_add(&t, page_member(v, "address"));
		table_add(&t, page_member(v, "clients"));
	}
	append_table(p, "Listeners", &t);
}

static void
append_routes(const struct status_page *p)
{
	static const struct table_column columns[] = {
		{ .name = "NAME", .bends = true },
		{ .name = "UPSTREAM", .bends = true },
		{ .name = "REQUESTS", .right = true },
		{ .name = "SERVED BY", .bends = true },
		{ .name = "KEYS", .bends = true },
	};
	struct table t;

	TABLE(&t, columns);
	for EACH(v, p, "routes") {
		table_add(&t, page_member(v, "name"));
		table_add(&t, page_member(v, "upstream"));
		table_add(&t, page_member(v, "requests"));
		table_add(&t, page_member(v, "serves"));
		table_add(&t, page_member(v, "keys"));
	}
	append_table(p, "Routes", &t);
}

static void
append_upstreams(const struct status_page *p)
{
	static const struct table_column columns[] = {
		{ .name = "NAME", .bends = true },
		{ .name = "URL", .bends = true },
		{ .name = "BUSY", .right = true },
		{ .name = "IDLE", .right = true },
	};
	struct table t;

	TABLE(&t, columns);
	for EACH(v, p, "upstreams") {
		const struct json_value *n = json_member(v, "connections");
		struct text url = json_string(json_member(v, "url")),
		    proxy = json_string(json_member(v, "proxy"));

		table_add(&t, page_member(v, "name"));
		table_add(&t, xasprintf("%.*s%s%.*s", TEXT_ARG(url),
		    proxy.n != 0 ? " by " : "", TEXT_ARG(proxy)));
		table_add(&t, page_member(n, "busy"));
		table_add(&t, page_member(n, "idle"));
	}
	append_table(p, "Upstreams and their connections", &t);
}

/* "5 hours", or that it is over. */
static char *
format_left(const struct status_page *p, const struct json_value *time)
{
	char text[SPAN_TEXT];
	int64_t end;

	if (date_parse_strict(json_string(time), &end) != DATE_READ)
		return NULL;
	return xstrdup(end > p->now ? span_format_left(text, end - p->now) :
	    "over");
}

/* "2027-02-23" */
static char *
format_day(const struct json_value *time)
{
	struct text t = json_string(time);

	return t.n >= 10 ? xasprintf("%.10s", t.p) : page_or_nothing(NULL);
}

static void
append_keys(const struct status_page *p)
{
	static const struct table_column columns[] = {
		{ .name = "NAME", .bends = true },
		{ .name = "STATE" },
		{ .name = "LEFT", .right = true },
		{ .name = "EXPIRES" },
		{ .name = "LAST USED", .right = true },
		{ .name = "REQUESTS", .right = true },
		{ .name = "ROUTES", .bends = true },
	};
	struct table t;

	TABLE(&t, columns);
	for EACH(v, p, "keys") {
		table_add(&t, page_member(v, "name"));
		table_add(&t, page_member(v, "state"));
		table_add(&t, page_or_nothing(format_left(p,
		    json_member(v, "expires"))));
		table_add(&t, format_day(json_member(v, "expires")));
		table_add(&t, page_or_nothing(page_ago(p,
		    json_member(v, "last_used"))));
		table_add(&t, page_member(v, "requests"));
		table_add(&t, page_member(v, "routes"));
	}
	append_table(p, "Keys", &t);
}

/* What upstreams last said of keys, where they refused a request. */
static void
append_refusals(const struct status_page *p)
{
	for EACH(v, p, "keys") {
		const struct json_value *r = json_member(v, "refused");
		char *ago = page_ago(p, json_member(r, "at")),
		    *name = page_member(v, "name");

		if (r != NULL && r->kind == JSON_OBJECT)
			page_lines(p, 2, xasprintf("%s was refused %s: %.*s",
			    name, ago != NULL ? ago : "some time ago",
			    TEXT_ARG(json_string(json_member(r,
			    "diagnosis")))));
		free(ago);
		free(name);
	}
}

/* Since when a person has put one before the others. */
static void
append_promotions(const struct status_page *p)
{
	for EACH(v, p, "keys") {
		const struct json_value *time = json_member(v, "promoted");
		char *ago = page_ago(p, time), *name = page_member(v, "name");

		if (ago != NULL)
			page_lines(p, 2, xasprintf("%s was promoted %s, at "
			    "%.*s", name, ago, TEXT_ARG(json_string(time))));
		free(ago);
		free(name);
	}
}

/* Those that a person may wait for: the others serve, or will. */
static void
append_revocable(const struct status_page *p)
{
	for EACH(v, p, "keys") {
		const struct json_value *safe = json_member(v,
		    "safe_to_revoke");
		char *name = page_member(v, "name"),
		    *why = page_member(v, "safe_to_revoke_reason");

		if (safe != NULL && safe->kind == JSON_BOOL && safe->truth)
			page_lines(p, 2, xasprintf("%s is safe to revoke: "
			    "%s", name, why));
		free(why);
		free(name);
	}
}

static void
append_workers(const struct status_page *p)
{
	static const struct table_column columns[] = {
		{ .name = "PROCESS", .right = true },
		{ .name = "GENERATION", .right = true },
		{ .name = "FOR", .right = true },
		{ .name = "STATE" },
	};
	struct table t;

	TABLE(&t, columns);
	for EACH(v, p, "workers") {
		table_add(&t, page_member(v, "pid"));
		table_add(&t, page_member(v, "generation"));
		table_add(&t, page_or_nothing(page_age(p,
		    json_member(v, "since"))));
		table_add(&t, page_member(v, "state"));
	}
	append_table(p, "Workers", &t);
}

static void
append_reload(const struct status_page *p)
{
	const struct json_value *r = json_member(p->doc, "reload");
	char *age = page_age(p, json_member(r, "last")), *serves;

	if (age == NULL) {
		page_lines(p, 0, xstrdup("Reload: none since the start"));
		return;
	}
	if (text_eq(json_string(json_member(r, "result")),
	    TEXT("success"))) {
		page_lines(p, 0, xasprintf("Reload: done %s ago", age));
		free(age);
		return;
	}
	serves = page_age(p, json_member(r, "last_success"));
	page_lines(p, 0, xasprintf("Reload: refused %s ago; the "
	    "configuration of %s ago serves on", age,
	    serves != NULL ? serves : "some time"));
	page_lines(p, 2, page_member(r, "reason"));
	free(serves);
	free(age);
}

/* As the daemon logs it at its start. */
static void
append_sandbox(const struct status_page *p)
{
	const struct json_value *s = json_member(p->doc, "sandbox"),
	    *filtered = json_member(s, "seccomp");
	struct text option = json_string(json_member(s, "option")),
	    holds = json_string(json_member(s, "holds")),
	    reason = json_string(json_member(s, "reason"));
	char *version = page_member(s, "landlock");

	if (text_eq(option, TEXT("off")))
		page_lines(p, 0, xstrdup("Sandbox: off"));
	else if (option.n != 0)
		page_lines(p, 0, xasprintf("Sandbox: %.*s; system calls are "
		    "%sfiltered; by Landlock (version %s) %.*s%s%.*s",
		    TEXT_ARG(option),
		    filtered != NULL && filtered->truth ? "" : "not ",
		    version, TEXT_ARG(holds.n != 0 ? holds : TEXT("nothing")),
		    reason.n != 0 ? "; " : "", TEXT_ARG(reason)));
	free(version);
}

static void
append_log(const struct status_page *p)
{
	char *lost = page_member(json_member(p->doc, "log"), "lost");

	page_lines(p, 0, xasprintf("Log lines lost: %s", lost));
	free(lost);
}

void
status_page_format(const struct json_value *doc, size_t width, int64_t now,
    struct buf *out)
{
	const struct status_page p = { .doc = doc, .width = width,
		.now = now, .out = out };

	append_head(&p);
	page_needs(&p);
	append_listeners(&p);
	append_routes(&p);
	append_upstreams(&p);
	append_keys(&p);
	append_refusals(&p);
	append_promotions(&p);
	append_revocable(&p);
	append_workers(&p);
	buf_printf(out, "\n");
	append_reload(&p);
	append_sandbox(&p);
	append_log(&p);
}

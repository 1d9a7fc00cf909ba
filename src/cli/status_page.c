/*
 * The daemon's state for people; see status_page.h.  What needs attention is
 * decided by the daemon; here it is only put first.
 */
#include "cli/status_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/span.h"
#include "cli/table.h"

#define NOTHING		"-"

struct status_page {
	const struct json_value *doc;
	size_t width;
	int64_t now;
	struct buf *out;
};

/* -- pieces, each to be freed -- */

/* How long a time is over; NULL where it is none. */
static char *
format_age(const struct status_page *p, const struct json_value *time)
{
	char text[SPAN_TEXT];
	int64_t then;

	if (date_parse_strict(json_string(time), &then) != DATE_READ)
		return NULL;
	return xstrdup(span_format_age(text, p->now - then));
}

/* "12 s ago" */
static char *
format_ago(const struct status_page *p, const struct json_value *time)
{
	char *age = format_age(p, time), *ago;

	if (age == NULL)
		return NULL;
	ago = xasprintf("%s ago", age);
	free(age);
	return ago;
}

static char *
or_nothing(char *text)
{
	return text != NULL ? text : xstrdup(NOTHING);
}

static char *
copy(struct text t)
{
	return xasprintf("%.*s", TEXT_ARG(t));
}

/* A value that is no group. */
static char *
format_plain(const struct json_value *v)
{
	switch (v->kind) {
	case JSON_STRING:
	case JSON_NUMBER:
		return copy(v->text);
	case JSON_BOOL:
		return xstrdup(v->truth ? "yes" : "no");
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return xstrdup(NOTHING);
}

/* "a, b" of a group. */
static char *
format_value(const struct json_value *v)
{
	char *all;

	if (v == NULL || v->count == 0)
		return v != NULL ? format_plain(v) : xstrdup(NOTHING);
	all = xstrdup("");
	for (v = v->first; v != NULL; v = v->next) {
		char *one = format_plain(v), *more;

		more = xasprintf("%s%s%s", all, all[0] != '\0' ? ", " : "",
		    one);
		free(one);
		free(all);
		all = more;
	}
	return all;
}

static char *
format_member(const struct json_value *object, const char *name)
{
	return format_value(json_member(object, name));
}

/* -- lines -- */

static void
append_blanks(struct buf *out, size_t n)
{
	for (; n > 0; n--)
		buf_append(out, " ", 1);
}

/* One line of a text, in as many as it needs; the further ones are indented. */
static void
append_line(const struct status_page *p, size_t indent, struct text line)
{
	struct text word;
	size_t column = indent;

	append_blanks(p->out, indent);
	while (text_split(&line, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (column > indent && (word.n >= p->width ||
		    column >= p->width - word.n)) {
			buf_append(p->out, "\n", 1);
			append_blanks(p->out, indent + 2);
			column = indent + 2;
		} else if (column > indent) {
			buf_append(p->out, " ", 1);
			column++;
		}
		buf_append_text(p->out, word);
		column += word.n;
	}
	buf_append(p->out, "\n", 1);
}

/* A text of one or more lines, which is freed. */
static void
append_lines(const struct status_page *p, size_t indent, char *text)
{
	struct text rest, line;

	text_defuse(text, "\n");
	rest = text_of(text);
	while (text_split(&rest, '\n', &line)) {
		if (line.n != 0)
			append_line(p, indent, line);
	}
	free(text);
}

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

/* Each element of a list of the document. */
#define EACH(v, p, name)						\
	(const struct json_value *list_ = json_member((p)->doc, name),	\
	    *v = list_ != NULL ? list_->first : NULL; v != NULL;	\
	    v = v->next)

/* -- sections -- */

static void
append_head(const struct status_page *p)
{
	static const char *const states[][2] = {
		{ "starting", "is starting" }, { "serving", "serves" },
		{ "draining", "is stopping" },
	};
	struct text state = json_string(json_member(p->doc, "state"));
	char *does = NULL, *version = format_member(p->doc, "version"),
	    *pid = format_member(p->doc, "pid"),
	    *age = format_age(p, json_member(p->doc, "started")),
	    *generation = format_member(p->doc, "generation");

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (text_eq(state, text_of(states[i][0])))
			does = xstrdup(states[i][1]);
	}
	if (does == NULL)
		does = copy(state);
	append_lines(p, 0, xasprintf("sallyport %s %s: process %s, started "
	    "%s ago, generation %s of", version, does, pid,
	    age != NULL ? age : "some time", generation));
	append_lines(p, 0, format_member(p->doc, "configuration"));
	free(does);
	free(version);
	free(pid);
	free(age);
	free(generation);
}

/* What, and the command to run below it. */
static void
append_attention(const struct status_page *p)
{
	struct text command;

	if (!status_page_needs_attention(p->doc)) {
		append_lines(p, 0, xstrdup("Nothing needs attention."));
		return;
	}
	buf_printf(p->out, "\nNeeds attention\n");
	for EACH(v, p, "attention") {
		append_lines(p, 2, format_member(v, "what"));
		command = json_string(json_member(v, "command"));
		if (command.n != 0)
			append_lines(p, 4, xasprintf("$ %.*s",
			    TEXT_ARG(command)));
	}
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
		table_add(&t, format_member(v, "name"));
		table_add(&t, format_member(v, "address"));
		table_add(&t, format_member(v, "clients"));
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
		table_add(&t, format_member(v, "name"));
		table_add(&t, format_member(v, "upstream"));
		table_add(&t, format_member(v, "requests"));
		table_add(&t, format_member(v, "serves"));
		table_add(&t, format_member(v, "keys"));
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

		table_add(&t, format_member(v, "name"));
		table_add(&t, xasprintf("%.*s%s%.*s", TEXT_ARG(url),
		    proxy.n != 0 ? " by " : "", TEXT_ARG(proxy)));
		table_add(&t, format_member(n, "busy"));
		table_add(&t, format_member(n, "idle"));
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

	return t.n >= 10 ? xasprintf("%.10s", t.p) : xstrdup(NOTHING);
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
		table_add(&t, format_member(v, "name"));
		table_add(&t, format_member(v, "state"));
		table_add(&t, or_nothing(format_left(p,
		    json_member(v, "expires"))));
		table_add(&t, format_day(json_member(v, "expires")));
		table_add(&t, or_nothing(format_ago(p,
		    json_member(v, "last_used"))));
		table_add(&t, format_member(v, "requests"));
		table_add(&t, format_member(v, "routes"));
	}
	append_table(p, "Keys", &t);
}

/* What upstreams last said of keys, where they refused a request. */
static void
append_refusals(const struct status_page *p)
{
	for EACH(v, p, "keys") {
		const struct json_value *r = json_member(v, "refused");
		char *ago = format_ago(p, json_member(r, "at")),
		    *name = format_member(v, "name");

		if (r != NULL && r->kind == JSON_OBJECT)
			append_lines(p, 2, xasprintf("%s was refused %s: %.*s",
			    name, ago != NULL ? ago : "some time ago",
			    TEXT_ARG(json_string(json_member(r,
			    "diagnosis")))));
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
		char *name = format_member(v, "name"),
		    *why = format_member(v, "safe_to_revoke_reason");

		if (safe != NULL && safe->kind == JSON_BOOL && safe->truth)
			append_lines(p, 2, xasprintf("%s is safe to revoke: "
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
		table_add(&t, format_member(v, "pid"));
		table_add(&t, format_member(v, "generation"));
		table_add(&t, or_nothing(format_age(p,
		    json_member(v, "since"))));
		table_add(&t, format_member(v, "state"));
	}
	append_table(p, "Workers", &t);
}

static void
append_reload(const struct status_page *p)
{
	const struct json_value *r = json_member(p->doc, "reload");
	char *age = format_age(p, json_member(r, "last")), *serves;

	if (age == NULL) {
		append_lines(p, 0, xstrdup("Reload: none since the start"));
		return;
	}
	if (text_eq(json_string(json_member(r, "result")),
	    TEXT("success"))) {
		append_lines(p, 0, xasprintf("Reload: done %s ago", age));
		free(age);
		return;
	}
	serves = format_age(p, json_member(r, "last_success"));
	append_lines(p, 0, xasprintf("Reload: refused %s ago; the "
	    "configuration of %s ago serves on", age,
	    serves != NULL ? serves : "some time"));
	append_lines(p, 2, format_member(r, "reason"));
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
	char *version = format_member(s, "landlock");

	if (text_eq(option, TEXT("off")))
		append_lines(p, 0, xstrdup("Sandbox: off"));
	else if (option.n != 0)
		append_lines(p, 0, xasprintf("Sandbox: %.*s; system calls are "
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
	char *lost = format_member(json_member(p->doc, "log"), "lost");

	append_lines(p, 0, xasprintf("Log lines lost: %s", lost));
	free(lost);
}

bool
status_page_needs_attention(const struct json_value *doc)
{
	const struct json_value *list = json_member(doc, "attention");

	return list != NULL && list->count != 0;
}

void
status_page_format(const struct json_value *doc, size_t width, int64_t now,
    struct buf *out)
{
	const struct status_page p = { .doc = doc, .width = width,
		.now = now, .out = out };

	append_head(&p);
	append_attention(&p);
	append_listeners(&p);
	append_routes(&p);
	append_upstreams(&p);
	append_keys(&p);
	append_refusals(&p);
	append_revocable(&p);
	append_workers(&p);
	buf_printf(out, "\n");
	append_reload(&p);
	append_sandbox(&p);
	append_log(&p);
}

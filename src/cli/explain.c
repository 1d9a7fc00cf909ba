/*
 * The verb `explain`: what the daemon would do with a request.  The request is
 * written as text, read by the daemon's codec and judged by the daemon's judge
 * and keyring.  Touches no network.
 */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/answer.h"
#include "cli/certificate.h"
#include "cli/document.h"
#include "cli/opening.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/conf.h"
#include "conf/limits.h"
#include "conf/source.h"
#include "http/request.h"
#include "keys/key_keeper.h"
#include "policy/fault.h"
#include "policy/judge.h"
#include "policy/route.h"
#include "policy/target.h"
#include "stats/stats.h"
#include "upstream/keyring.h"

/* -- the listener and the client -- */

/* What is told of the client. */
struct told {
	const char *user, *from, *certificate;
};

/* A client of this listener can be what was told. */
static bool
knows(const struct conf_listener *l, const struct told *told)
{
	if (told->certificate != NULL)
		return l->tls.client_ca.p != NULL;
	return told->user == NULL || l->address.kind != ADDR_INET;
}

/*
 * The listener that was named; otherwise the first one, or with --user or
 * --certificate the first one that knows its clients by that.
 */
static bool
choose_listener(struct question *q, const char *name, const struct told *told)
{
	const struct conf *c = q->conf;

	for (size_t i = 0; i < c->n_listeners; i++) {
		const struct conf_listener *l = &c->listeners[i];

		if (name != NULL ? strcmp(l->name, name) == 0 :
		    knows(l, told)) {
			q->listener = i;
			return true;
		}
	}
	if (name != NULL)
		return false;
	q->listener = 0;
	return true;
}

static void
take_groups(struct principal *p, const struct passwd *pw)
{
	gid_t groups[1024];
	int n = (int)(sizeof(groups) / sizeof(*groups));

	if (getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		n = (int)(sizeof(groups) / sizeof(*groups));
	p->n_groups = (size_t)n;
	p->groups = xcalloc(p->n_groups, sizeof(*p->groups));
	for (int i = 0; i < n; i++)
		p->groups[i] = groups[i];
}

/* A user by name or number; NULL: the one that runs us. */
static bool
be_user(struct principal *p, const char *name)
{
	const struct passwd *pw;
	uint64_t uid = getuid();

	if (name != NULL && !text_parse_u64(text_of(name), UINT32_MAX - 1,
	    &uid)) {
		pw = getpwnam(name);
		if (pw == NULL)
			return false;
	} else {
		pw = getpwuid((uid_t)uid);
	}
	p->has_user = true;
	p->uid = pw != NULL ? pw->pw_uid : (uint32_t)uid;
	if (pw != NULL)
		take_groups(p, pw);
	return true;
}

/* An address without a port, "192.0.2.1" or "2001:db8::1". */
static bool
read_address(const char *address, struct addr_ip *ip)
{
	char *text = strchr(address, ':') != NULL ?
	    xasprintf("[%s]:0", address) : xasprintf("%s:0", address);
	const char *why;
	struct addr a;
	bool good = addr_parse(text, &a, &why) && a.kind == ADDR_INET;

	if (good)
		addr_ip_from(ip, &a);
	free(text);
	return good;
}

/* NULL, or the reason why there is no such client, to be freed. */
static char *
choose_certificate(struct question *q, const char *file)
{
	const struct conf_listener *l = &q->conf->listeners[q->listener];

	if (l->tls.client_ca.p == NULL) {
		if (file != NULL)
			say_remark("listener %s asks no client for a "
			    "certificate: --certificate is ignored", l->name);
		return NULL;
	}
	if (file != NULL)
		return certificate_take(&q->who, l, file);
	if (l->tls.required)
		say_remark("listener %s lets nobody in without a certificate: "
		    "--certificate FILE asks with one", l->name);
	return NULL;
}

/* A client over TCP has an address, one on a Unix socket is a user. */
static bool
choose_principal(struct question *q, const struct told *told)
{
	const struct conf_listener *l = &q->conf->listeners[q->listener];
	const char *user = told->user, *from = told->from;
	const struct addr *a = &l->address;
	bool tcp = a->kind == ADDR_INET ||
	    (a->kind == ADDR_INHERITED && user == NULL);

	if (!tcp && from != NULL)
		say_remark("listener %s is a Unix socket, where clients have "
		    "no address: --from is ignored", l->name);
	if (!tcp)
		return be_user(&q->who, user);
	if (user != NULL)
		say_remark("listener %s is not a Unix "
		    "socket and cannot tell users: --user is ignored",
		    l->name);
	else if (a->kind == ADDR_INHERITED)
		say_remark("what systemd passes in for "
		    "listener %s is taken to be TCP: --user NAME asks through "
		    "a Unix socket", l->name);
	if (from == NULL)
		from = a->sa.sa_family == AF_INET6 ? "::1" : "127.0.0.1";
	return read_address(from, &q->who.ip);
}

/* -- the request -- */

/* NULL, and the reason, if the codec refuses it. */
static struct head *
read_request(struct question *q, struct text request, enum codec_error *why,
    const char **complaint)
{
	struct codec_limits limits = limits_of_codec(&q->conf->limits);

	return request_read(request, &limits, q->blocks, &q->arena, why,
	    complaint);
}

static bool
is_host(const char *line)
{
	return strncasecmp(line, "host:", 5) == 0;
}

/*
 * The value of Host without -H: the authority of an absolute target, else the
 * first host that the listener answers to.
 */
static struct text
default_host(const struct question *q, const char *target)
{
	const struct conf_texts *hosts =
	    &q->conf->listeners[q->listener].hosts;
	const char *at = strstr(target, "://");

	if (target[0] != '/' && at != NULL) {
		at += 3;
		return (struct text){ .p = at, .n = strcspn(at, "/?") };
	}
	return hosts->n != 0 ? text_of(hosts->v[0]) : TEXT("localhost");
}

static void
write_request(const struct question *q, const struct cli_args *args,
    struct buf *out)
{
	bool host = false;

	buf_printf(out, "%s %s HTTP/1.1\r\n", args->operands[0],
	    args->operands[1]);
	for (size_t i = 0; i < args->n_given; i++) {
		if (args->given[i].option->letter != 'H')
			continue;
		host = host || is_host(args->given[i].value);
		buf_printf(out, "%s\r\n", args->given[i].value);
	}
	if (!host)
		buf_printf(out, "Host: %.*s\r\n",
		    TEXT_ARG(default_host(q, args->operands[1])));
	buf_append_text(out, TEXT("\r\n"));
}

static void
take_request(struct question *q, const struct cli_args *args)
{
	struct buf request;
	enum codec_error why;
	const char *complaint;

	buf_init(&request, NULL);
	write_request(q, args, &request);
	q->head = read_request(q, buf_text(&request), &why, &complaint);
	buf_release(&request);
	if (q->head != NULL) {
		q->head->target = target_encode(q->head->target, &q->arena);
		return;
	}
	q->verdict.fault = fault_of_codec(why);
	q->verdict.detail = complaint;
}

/* -- the judgement -- */

/* As a daemon would that has learnt nothing yet, and got no orders. */
static void
decide(const struct question *q, const struct stats *stats)
{
	struct key_keeper *keeper = key_keeper_new(&(struct key_keeper_conf){
		.memory = stats_shared(stats),
		.built = BUILD_TIME,
		.quiet = true,
	});

	key_keeper_meet(keeper, q->conf, stats_numbers(stats));
	key_keeper_free(keeper);
}

static void
pick_key(struct question *q)
{
	struct stats *stats = stats_new_alone(q->conf);
	struct keyring keyring = { .conf = q->conf, .stats = stats };

	decide(q, stats);
	q->key = keyring_pick(&keyring, q->verdict.route, clock_boot(),
	    CONF_NONE);
	if (q->key == CONF_NONE) {
		q->verdict.fault = FAULT_KEY_UNAVAILABLE;
		q->verdict.detail = keyring_why_none(&keyring,
		    q->verdict.route);
	}
	stats_free(stats);
}

static void
judge_question(struct question *q)
{
	struct route_index *index = route_index_new(q->conf);
	const struct judge_case c = {
		.conf = q->conf, .index = index, .listener = q->listener,
		.who = &q->who, .head = q->head,
	};

	judge(&c, &q->arena, &q->verdict);
	route_index_free(index);
	if (q->verdict.fault == FAULT_NONE)
		pick_key(q);
}

/* NULL, or the reason why the request cannot be judged, to be freed. */
static char *
ask(struct question *q, const struct cli_args *args)
{
	const char *listener = cli_args_value(args, "listener");
	const struct told told = {
		.user = cli_args_value(args, "user"),
		.from = cli_args_value(args, "from"),
		.certificate = cli_args_value(args, "certificate"),
	};
	char *why;

	if (!choose_listener(q, listener, &told))
		return xasprintf("%s: there is no listener \"%s\"",
		    q->conf->file, listener);
	if (!choose_principal(q, &told))
		return xasprintf("there is no user \"%s\"", told.user);
	why = choose_certificate(q, told.certificate);
	if (why != NULL)
		return why;
	take_request(q, args);
	if (q->head != NULL)
		judge_question(q);
	return NULL;
}

/* A line end would end the request, or add a line to it. */
static const char *
unusable(const struct cli_args *args)
{
	const char *from = cli_args_value(args, "from");
	struct addr_ip ip;

	if (from != NULL && !read_address(from, &ip))
		return "--from is no address such as 192.0.2.1 or 2001:db8::1";
	for (size_t i = 0; i < args->n_operands; i++) {
		if (strpbrk(args->operands[i], "\r\n") != NULL)
			return "a method or target holds a line end";
	}
	for (size_t i = 0; i < args->n_given; i++) {
		const char *value = args->given[i].value;

		if (args->given[i].option->letter != 'H')
			continue;
		if (strpbrk(value, "\r\n") != NULL)
			return "a field holds a line end";
		if (strchr(value, ':') == NULL)
			return "a field is written 'Name: value'";
	}
	return NULL;
}

static enum cli_exit
say_to_people(struct question *q, const struct conf_diagnostics *diagnostics,
    const char *why_not)
{
	if (why_not != NULL)
		return say_failed("%s", why_not);
	if (q->conf == NULL) {
		say_diagnostics(diagnostics);
		return CLI_FAILED;
	}
	answer_print(q);
	if (q->verdict.fault == FAULT_NONE)
		return CLI_DONE;
	return say_failed("this request would be refused: %s",
	    fault_code(q->verdict.fault));
}

static enum cli_exit
say_to_programs(struct question *q, const char *file,
    struct conf_diagnostics *diagnostics, const char *why_not)
{
	struct document d;

	if (why_not != NULL)
		conf_error(diagnostics, source_name(file), 0, "%s", why_not);
	document_begin(&d);
	json_object(&d.json, NULL);
	json_bool(&d.json, "ok", q->key != CONF_NONE);
	json_str(&d.json, "file", source_name(file));
	answer_write(q, &d.json);
	document_diagnostics(&d.json, diagnostics);
	json_object_end(&d.json);
	document_end(&d);
	return q->key != CONF_NONE ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit
explain(struct question *q, const char *file, const struct cli_args *args)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct input_passphrases passphrases;
	struct conf_opening opening = cli_opening(args, &passphrases);
	struct conf *conf;
	enum cli_exit result;
	char *why_not = NULL;

	opening.reading_only = true;
	conf = conf_load(file, &opening, &diagnostics);
	q->conf = conf;
	if (conf != NULL)
		why_not = ask(q, args);
	result = cli_args_has(args, "json") ?
	    say_to_programs(q, file, &diagnostics, why_not) :
	    say_to_people(q, &diagnostics, why_not);
	free(why_not);
	conf_diagnostics_free(&diagnostics);
	conf_free(conf);
	return result;
}

static enum cli_exit
run_explain(const struct cli_args *args)
{
	struct question q = { .key = CONF_NONE, .listener = CONF_NONE };
	enum cli_exit result;
	char *file;

	if (unusable(args) != NULL)
		return say_usage(args->verb->name, "%s", unusable(args));
	q.blocks = blocks_new(4096, 4);
	arena_init(&q.arena, q.blocks);
	file = config_file_find(args);
	result = explain(&q, file, args);
	free(file);
	arena_release(&q.arena);
	blocks_free(q.blocks);
	principal_release(&q.who);
	return result;
}

static const struct cli_option explain_options[] = {
	CLI_OPENING_OPTIONS,
	{ .name = "listener", .argument = "NAME",
	    .help = "The listener it comes to (default: the first)." },
	{ .name = "user", .argument = "NAME",
	    .help = "The user who sends it, through a Unix socket." },
	{ .name = "from", .argument = "ADDRESS",
	    .help = "The address it comes from, over TCP (default: this "
	    "machine)." },
	{ .name = "certificate", .argument = "FILE", .reads = true,
	    .help = "The certificate of who sends it, in PEM, and behind it "
	    "those it sends along; - is standard input." },
	{ .name = "header", .letter = 'H', .argument = "FIELD", .many = true,
	    .help = "A field it has, 'Name: value'." },
	CLI_JSON_OPTION,
	{ .name = NULL },
};

const struct verb verb_explain = {
	.name = "explain",
	.summary = "says which route and key a request would get",
	.options = explain_options,
	.operands = "METHOD TARGET",
	.min_operands = 2,
	.max_operands = 2,
	.about = "Judges a request by the configuration exactly as 'run' "
	    "would, and prints\nlistener, route, upstream, key and the "
	    "target sent upstream; or the rule\nthat refuses it, with exit "
	    "status 1.  Touches no network, and of expiry\nknows only what "
	    "the sealed files say; that a key was promoted, disabled or\n"
	    "rejected is known to the running daemon alone, which 'status' "
	    "asks.\n\n"
	    "Without --listener it is the first one's, with --user the "
	    "first Unix\nsocket's, with --certificate that of the first one "
	    "that asks clients for one.\nA certificate, with those behind it "
	    "in the file, is verified as the listener's\nhandshake would, now; "
	    "one that it would refuse is told of with the reason,\nwith exit "
	    "status 1.  Whether the client has its key is not seen.\nWithout "
	    "--user it is you who ask; a TCP listener sees a client at the "
	    "address of\n--from, or on this machine.  Without a Host field it "
	    "is that of TARGET, else the\nfirst host that the listener "
	    "answers to, or localhost where any will do.\n\n"
	    "The JSON document is an object: ok, file, listener, route, "
	    "client,\nupstream, proxy, proxy_key, key, target, passes "
	    "(names of fields),\ntrace (the route adds one),\nrate, burst, "
	    "concurrency, client_rate, client_burst, client_concurrency,\n"
	    "fault, status and message as a client gets them, unmet (of each "
	    "route that is\nnone: route, option), diagnostics (as of "
	    "'check'); null where there is none.\n",
	.example = "sallyport explain GET /api/v1/deployments\n"
	    "sallyport explain -H 'Authorization: ApiKey ci' "
	    "DELETE /api/v1/deployments/1\n",
	.run = run_explain,
};

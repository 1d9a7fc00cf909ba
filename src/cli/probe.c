/*
 * `check --probe`; see probe.h.
 */
#include "cli/probe.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/document.h"
#include "cli/say.h"
#include "conf/limits.h"
#include "keys/state_file.h"
#include "net/loop.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/stats.h"
#include "upstream/call.h"
#include "upstream/probe.h"

/* The status of an API for a key that it does not know. */
#define STATUS_REFUSED	401

struct probing {
	const struct conf *conf;
	struct loop *loop;
	struct stats *stats;
	struct json *json;	/* NULL: for people */
	bool fine;
};

static const struct conf_upstream *
upstream_of(const struct probing *p, const struct key_probe_result *r)
{
	return &p->conf->upstreams[r->of.upstream];
}

static const struct conf_key *
key_of(const struct probing *p, const struct key_probe_result *r)
{
	return &p->conf->keys[r->of.key];
}

static void
print_fault(const struct probing *p, const struct key_probe_result *r)
{
	const struct conf_where *at = &upstream_of(p, r)->where;

	say_aside("%s:%u: upstream %s: key %s: %s%s%s\n",
	    at->file, at->line, upstream_of(p, r)->name, key_of(p, r)->name,
	    fault_code(r->fault), r->detail != NULL ? ": " : "",
	    r->detail != NULL ? r->detail : "");
}

static void
print_refusal(const struct probing *p, const struct key_probe_result *r)
{
	const struct conf_where *at = &key_of(p, r)->where;

	say_aside("%s:%u: key %s: upstream %s answered %u: "
	    "it does not accept this key\n", at->file, at->line,
	    key_of(p, r)->name, upstream_of(p, r)->name, r->status);
}

static void
print_success(const struct probing *p, const struct key_probe_result *r)
{
	char when[CLOCK_TEXT] = "";

	if (r->expiry_read)
		(void)clock_format_s(when, r->expires);
	say("upstream %s: TLS verified, key %s: answered %u%s%s\n",
	    upstream_of(p, r)->name, key_of(p, r)->name, r->status,
	    when[0] != '\0' ? ", expires " : "", when);
	if (key_probe_answer(r) != KEY_ACCEPTED)
		say("%s:%u: that does not say whether the key works: set "
		    "probe_path of upstream %s to a GET that needs a valid "
		    "key\n", upstream_of(p, r)->where.file,
		    upstream_of(p, r)->where.line, upstream_of(p, r)->name);
}

/* It is disabled, and went nowhere. */
static bool
is_off(const struct probing *p, const struct key_probe_result *r)
{
	return stats_key_off(p->stats, r->of.key) != 0;
}

static void
print(const struct probing *p, const struct key_probe_result *r)
{
	if (is_off(p, r))
		say("upstream %s: key %s is disabled, and was not tried\n",
		    upstream_of(p, r)->name, key_of(p, r)->name);
	else if (r->fault != FAULT_NONE)
		print_fault(p, r);
	else if (r->status == STATUS_REFUSED)
		print_refusal(p, r);
	else
		print_success(p, r);
}

static void
write_result(const struct probing *p, const struct key_probe_result *r,
    bool fine)
{
	struct json *j = p->json;

	json_object(j, NULL);
	json_str(j, "upstream", upstream_of(p, r)->name);
	json_str(j, "key", key_of(p, r)->name);
	json_bool(j, "ok", fine);
	if (r->fault == FAULT_NONE)
		json_u64(j, "status", r->status);
	else
		json_null(j, "status");
	document_time(j, "expires", r->expiry_read ? r->expires :
	    CONF_NO_TIME);
	json_str_or_null(j, "fault", fault_code(r->fault));
	json_str_or_null(j, "text", r->detail);
	json_object_end(j);
}

static void
report(void *owner, const struct key_probe_result *r)
{
	struct probing *p = owner;
	bool fine = r->fault == FAULT_NONE && r->status != STATUS_REFUSED;

	p->fine &= fine || is_off(p, r);
	if (p->json != NULL)
		write_result(p, r, fine);
	else
		print(p, r);
}

static void
done(void *owner)
{
	struct probing *p = owner;

	loop_stop(p->loop);
}

/*
 * What its file calls over: a route's key is tried all the same, as the daemon
 * does before it gives it up; that of a proxy cannot be.
 */
static bool
is_over(const struct conf *c, size_t key)
{
	if (c->keys[key].expires == CONF_NO_TIME ||
	    c->keys[key].expires > clock_wall() / NS_PER_S)
		return false;
	for (size_t i = 0; i < c->n_routes; i++) {
		for (size_t j = 0; j < c->routes[i].n_keys; j++) {
			if (c->routes[i].keys[j] == key)
				return false;
		}
	}
	return true;
}

static void
decide(const struct probing *p, size_t key, unsigned facts)
{
	stats_decide(stats_own_memory(p->stats),
	    stats_numbers(p->stats)->keys[key],
	    (struct stats_decision){ .facts = facts });
}

static void
leave_out_expired(const struct probing *p)
{
	for (size_t i = 0; i < p->conf->n_keys; i++) {
		if (is_over(p->conf, i))
			decide(p, i, KEY_OFF_EXPIRED);
	}
}

/*
 * What people disabled goes nowhere, as in the daemon.  False: that cannot be
 * read, which `check` has told.
 */
static bool
switch_off(struct probing *p)
{
	const struct conf *conf = p->conf;
	struct key_records off = { .n = 0 };
	bool known;
	char *why;

	if (conf->state_dir == NULL)
		return true;
	why = state_file_read(conf->state_dir, RECORDS_DISABLED, conf->uid,
	    &off);
	for (size_t i = 0; i < conf->n_keys; i++) {
		const struct key_record *r;
		uint8_t digest[DIGEST_SIZE];

		r = stats_value_digest(&conf->keys[i], digest) ?
		    key_records_find(&off, digest) : NULL;
		if (r != NULL && r->disabled != 0)
			decide(p, i, KEY_OFF_DISABLED);
	}
	known = why == NULL;
	key_records_free(&off);
	free(why);
	return known;
}

bool
cli_probe(const struct conf *conf, struct json *json)
{
	struct probing p = { .conf = conf, .loop = loop_new(), .json = json,
	    .stats = stats_new_alone(conf), .fine = true };
	struct codec_limits limits = limits_of_codec(&conf->limits);
	char why[512];
	struct caller *caller;
	struct probes *probes;

	(void)signal(SIGPIPE, SIG_IGN);
	/* Lower levels are not logged: the report has the same facts. */
	log_start(STDERR_FILENO, LOG_LEVEL_ERROR, NULL);
	leave_out_expired(&p);
	caller = caller_new(conf, p.loop, p.stats, &limits, why,
	    sizeof(why));
	if (!switch_off(&p)) {
		p.fine = false;
	} else if (caller == NULL) {
		say_remark("%s", why);
		p.fine = false;
	} else {
		probes = probes_start(conf, p.loop, caller, report, done, &p);
		loop_run(p.loop);
		probes_free(probes);
	}
	caller_free(caller);
	loop_free(p.loop);
	stats_free(p.stats);
	return p.fine;
}

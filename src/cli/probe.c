/*
 * `check --probe`; see probe.h.
 */
#include "cli/probe.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "proxy/egress.h"
#include "proxy/figures.h"
#include "proxy/probe.h"

struct probing {
	struct loop *loop;
	bool fine;
};

static void
print_fault(const struct probe_result *r)
{
	const struct conf_where *at = &r->upstream->where;

	(void)fprintf(stderr, "%s:%u: upstream %s: key %s: %s%s%s\n",
	    at->file, at->line, r->upstream->name, r->key->name,
	    fault_code(r->fault), r->detail != NULL ? ": " : "",
	    r->detail != NULL ? r->detail : "");
}

static void
print_refusal(const struct probe_result *r)
{
	const struct conf_where *at = &r->key->where;

	(void)fprintf(stderr, "%s:%u: key %s: upstream %s answered %u: "
	    "it does not accept this key\n", at->file, at->line,
	    r->key->name, r->upstream->name, r->status);
}

static void
print_success(const struct probe_result *r)
{
	char when[CLOCK_TEXT] = "";

	if (r->expiry == EXPIRY_READ)
		(void)clock_format_s(when, r->expires);
	(void)printf("upstream %s: TLS verified, key %s: answered %u%s%s\n",
	    r->upstream->name, r->key->name, r->status,
	    when[0] != '\0' ? ", expires " : "", when);
}

static void
report(void *owner, const struct probe_result *r)
{
	struct probing *p = owner;

	if (r->fault != FAULT_NONE) {
		print_fault(r);
		p->fine = false;
	} else if (r->status == 401) {
		print_refusal(r);
		p->fine = false;
	} else {
		print_success(r);
	}
}

static void
done(void *owner)
{
	struct probing *p = owner;

	loop_stop(p->loop);
}

bool
cli_probe(const struct conf *conf)
{
	struct probing p = { .loop = loop_new(), .fine = true };
	struct figures *figures = figures_new(&(struct figures_sizes){
		.workers = 1, .keys = conf->n_keys,
	});
	struct codec_limits limits = codec_limits_default;
	char why[512];
	struct egress *egress;
	struct probes *probes;

	(void)signal(SIGPIPE, SIG_IGN);
	/* The report says what the daemon would log. */
	log_start(STDERR_FILENO, LOG_LEVEL_ERROR, NULL);
	egress = egress_new(conf, p.loop, figures, &limits, why, sizeof(why));
	if (egress == NULL) {
		(void)fprintf(stderr, "sallyport: %s\n", why);
		p.fine = false;
	} else {
		probes = probes_start(conf, p.loop, egress, report, done, &p);
		loop_run(p.loop);
		probes_free(probes);
	}
	egress_free(egress);
	loop_free(p.loop);
	figures_free(figures);
	return p.fine;
}

/*
 * Oracles for clients with certificates: what they are called is what they
 * proved, and nobody is served whose certificate ended, or was verified by what
 * was renewed since; see oracle_way.h (-Wl,--wrap).
 */
#include "oracle_way.h"

#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "client.h"
#include "history.h"
#include "policy/judge.h"
#include "setting.h"
#include "way.h"
#include "worker.h"

bool
oracle_is_outdated(const struct wire *w)
{
	return w->shakes_ns != 0 &&
	    client_way(w)->certificate != NO_CERTIFICATE &&
	    w->trust != worker_trust(w->worker, w->listener);
}

bool
oracle_is_over(const struct wire *w)
{
	return w->shaken &&
	    (oracle_is_outdated(w) || way_is_over(client_way(w)));
}

void
oracle_on_principal(const struct wire *w, const struct principal *p)
{
	const struct way *way = client_way(w);
	const struct cert_names *names = p->certificate;
	const char *name;

	must((names != NULL) == (w->shaken &&
	    way->certificate != NO_CERTIFICATE), "wire %u: its client has%s "
	    "a certificate, by what is said", w->number,
	    names != NULL ? "" : " not");
	must(!w->shaken || way->certificate != NO_CERTIFICATE ||
	    !mood()->certificate_is_required, "wire %u: its client has no "
	    "certificate, and is let in", w->number);
	if (names == NULL)
		return;
	name = setting_certificate_name(way->certificate);
	must(names->uri != NULL ? strcmp(names->uri, name) == 0 :
	    names->n_dns == 1 && strcmp(names->dns[0], name + 4) == 0,
	    "wire %u: its client's certificate is another's", w->number);
	must(!oracle_is_outdated(w), "wire %u: its client was verified by "
	    "what was renewed meanwhile, and is let in", w->number);
}

/* -- requests -- */

void	__real_judge(const struct judge_case *, struct arena *,
	    struct verdict *);
void	__wrap_judge(const struct judge_case *, struct arena *,
	    struct verdict *);

/* It is asked for each request of a client that may be served. */
void
__wrap_judge(const struct judge_case *c, struct arena *arena,
    struct verdict *verdict)
{
	const struct cert_names *names = c->who->certificate;
	const struct wire *w;

	if (names != NULL) {
		w = wire_of_number((unsigned)strtoul(names->subject +
		    strlen(ACCEPT_SUBJECT), NULL, 10));
		must(w != NULL && !oracle_is_over(w), "wire %u: a request is "
		    "served, and its client's certificate is good no more",
		    w != NULL ? w->number : 0);
	}
	__real_judge(c, arena, verdict);
}

/*
 * The checks of a draft, in the order in which they depend on each other; see
 * check.h.  A part that could not be read was reported already: its
 * consequences are not.
 */
#include "conf/check.h"

#include "conf/accounts.h"
#include "conf/keys.h"
#include "conf/names.h"

/* The top level. */

static void
check_process(struct reader *r, struct draft *d)
{
	d->out.user_where = d->user.text != NULL ? d->user.where :
	    d->group.where;
	d->out.group = d->group.text;
	if (d->user.text != NULL) {
		d->out.user = d->user.text;
		if (!account_find_user(d->user.text, &d->out.uid, &d->out.gid))
			reader_error_at(r, d->user.where, "option 'user': "
			    "\"%.100s\": there is no such user",
			    d->user.text);
	}
	if (d->group.text != NULL &&
	    !account_find_group(d->group.text, &d->out.gid))
		reader_error_at(r, d->group.where, "option 'group': "
		    "\"%.100s\": there is no such group", d->group.text);
}

static void
check_limits(struct reader *r, const struct draft *d)
{
	if (d->out.limits.target > d->out.limits.head)
		reader_error_at(r, was_given(&d->given, OPTION_LIMITS_target) ?
		    d->given.option[OPTION_LIMITS_target] :
		    d->given.option[OPTION_LIMITS_head],
		    "option 'target' must not be larger than 'head': "
		    "the target is part of the head");
}

/* Upstreams. */

static void
check_upstreams(const struct draft *d)
{
	for (size_t i = 0; i < d->upstreams.n; i++) {
		struct draft_upstream *u = draft_upstream(d, i);

		if (u->connect_to.host == NULL)
			u->connect_to = (struct host_port){
				.host = u->url.host, .port = u->url.port };
	}
}

void
check_draft(struct reader *r, struct draft *d)
{
	check_process(r, d);
	check_limits(r, d);
	check_admin(r, d);
	names_check(r, d);
	check_listeners(r, d);
	check_upstreams(d);
	keys_settle(r, d);
	check_proxies(r, d);
	check_routes(r, d);
	names_end(d);
	if (r->diagnostics->n_errors == 0)
		check_exposure(r, d);
}

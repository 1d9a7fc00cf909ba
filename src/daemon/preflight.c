/*
 * What keeps a daemon from starting; see preflight.h.
 */
#include "daemon/preflight.h"

#include "proxy/upstreams.h"

void
preflight(const struct conf *conf, struct conf_faults *faults)
{
	upstreams_check(conf, faults);
}

void
preflight_only(const struct conf *conf, const struct sockets_asker *asker,
    struct conf_faults *faults)
{
	preflight(conf, faults);
	sockets_try(conf, asker, faults);
	conf_faults_sort(faults, &conf->files);
}

/*
 * Configurations for the tests of stats; see stats_conf.h.
 */
#include "stats_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct conf *
stats_conf(uint32_t workers, size_t keys, size_t routes, unsigned first)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));

	conf->workers = workers;
	conf->n_keys = keys;
	conf->keys = xcalloc(keys, sizeof(*conf->keys));
	conf->n_routes = routes;
	conf->routes = xcalloc(routes, sizeof(*conf->routes));
	for (size_t i = 0; i < keys; i++) {
		char *name = xasprintf("key%zu", first + i);

		conf->keys[i].name = name;
		conf->keys[i].value = secret_copy(name, strlen(name));
	}
	for (size_t i = 0; i < routes; i++)
		conf->routes[i].name = xasprintf("route%zu", first + i);
	conf->n_listeners = conf->n_upstreams = 1;
	conf->listeners = xcalloc(1, sizeof(*conf->listeners));
	conf->listeners[0].name = xstrdup("local");
	conf->upstreams = xcalloc(1, sizeof(*conf->upstreams));
	conf->upstreams[0].name = xstrdup("cloud");
	return conf;
}

void
stats_conf_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_keys; i++) {
		free(conf->keys[i].name);
		secret_free(conf->keys[i].value);
	}
	for (size_t i = 0; i < conf->n_routes; i++)
		free(conf->routes[i].name);
	free(conf->listeners[0].name);
	free(conf->listeners);
	free(conf->upstreams[0].name);
	free(conf->upstreams);
	free(conf->keys);
	free(conf->routes);
	free(conf);
}

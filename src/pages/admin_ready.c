/*
 * /healthz and /readyz, for those who watch over services; see admin_page.h.
 */
#include "pages/admin_page.h"

#include "base/clock.h"
#include "base/json.h"
#include "stats/reader.h"
#include "upstream/keyring.h"

int64_t
admin_key_expires(const struct admin_facts *f, size_t key)
{
	return stats_read_counting_end(f->memory,
	    f->brief->numbers.keys[key], f->brief->conf->keys[key].expires);
}

bool
admin_route_is_usable(const struct admin_facts *f, size_t route)
{
	const struct keyring keyring = {
		.conf = f->brief->conf, .stats = f->stats,
	};

	return keyring_pick(&keyring, &f->brief->conf->routes[route],
	    clock_boot(), CONF_NONE) != CONF_NONE;
}

void
admin_page_healthz(const struct admin_facts *f, struct admin_page *page)
{
	struct json j;

	(void)f;
	page->status = 200;
	page->type = ADMIN_JSON;
	json_start(&j, &page->body);
	json_object(&j, NULL);
	json_bool(&j, "alive", true);
	json_object_end(&j);
	buf_append_text(&page->body, TEXT("\n"));
}

static bool
some_worker_serves(const struct admin_news *n)
{
	for (size_t i = 0; i < n->n_workers; i++) {
		if (n->workers[i].state == DAEMON_SERVING)
			return true;
	}
	return false;
}

static size_t
count_usable(const struct admin_facts *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->brief->conf->n_routes; i++)
		n += admin_route_is_usable(f, i);
	return n;
}

/* The reason why it is not ready, or NULL. */
static const char *
what_lacks(const struct admin_facts *f)
{
	switch (f->news->state) {
	case DAEMON_STARTING:
		return "starting";
	case DAEMON_DRAINING:
		return "draining";
	case DAEMON_SERVING:
		break;
	}
	if (!some_worker_serves(f->news))
		return "no worker serves";
	if (count_usable(f) == 0)
		return "no route has a usable key";
	return NULL;
}

void
admin_page_readyz(const struct admin_facts *f, struct admin_page *page)
{
	const struct conf *conf = f->brief->conf;
	const char *why = what_lacks(f);
	struct json j;

	page->status = why == NULL ? 200 : 503;
	page->type = ADMIN_JSON;
	json_start(&j, &page->body);
	json_object(&j, NULL);
	json_bool(&j, "ready", why == NULL);
	json_str_or_null(&j, "reason", why);
	json_array(&j, "routes_without_key");
	for (size_t i = 0; i < conf->n_routes; i++) {
		if (!admin_route_is_usable(f, i))
			json_str(&j, NULL, conf->routes[i].name);
	}
	json_array_end(&j);
	json_object_end(&j);
	buf_append_text(&page->body, TEXT("\n"));
}

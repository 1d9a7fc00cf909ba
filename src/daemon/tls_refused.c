/*
 * Files that are refused; see tls_refused.h.
 */
#include "daemon/tls_refused.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

struct refused {
	char *why;			/* NULL: they are not */
	int64_t since;			/* seconds since 1970 */
};

struct tls_refused {
	const struct conf *conf;
	struct refused *v;		/* of each listener */
};

struct tls_refused *
tls_refused_new(const struct conf *conf)
{
	struct tls_refused *r = xcalloc(1, sizeof(*r));

	r->conf = conf;
	r->v = xcalloc(conf->n_listeners, sizeof(*r->v));
	return r;
}

void
tls_refused_free(struct tls_refused *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->conf->n_listeners; i++)
		free(r->v[i].why);
	free(r->v);
	free(r);
}

/* -- messages: the index of the listener, a blank, and why -- */

char *
tls_refused_text(size_t listener, const char *why)
{
	return xasprintf("%zu %s", listener, why);
}

static const char *
read_text(const char *text, size_t listeners, size_t *listener)
{
	const char *end = strchr(text, ' ');
	uint64_t i;

	if (end == NULL ||
	    !text_parse_u64(text_range(text, end), listeners - 1, &i))
		return NULL;
	*listener = (size_t)i;
	return end + 1;
}

static void
refuse(struct tls_refused *r, size_t listener, const char *why)
{
	struct refused *one = &r->v[listener];

	if (one->why == NULL)
		one->since = clock_wall() / NS_PER_S;
	free(one->why);
	one->why = xstrdup(why);
	log_warn("listener %s: what changed on disk is not used, and what was "
	    "there before goes on: %s", r->conf->listeners[listener].name,
	    why);
}

static void
end(struct tls_refused *r, size_t listener, const char *by)
{
	struct refused *one = &r->v[listener];
	char since[CLOCK_TEXT];

	if (one->why == NULL)
		return;
	(void)clock_format_s(since, one->since);
	log_info("listener %s: its files, which were refused since %s, %s",
	    r->conf->listeners[listener].name, since, by);
	free(one->why);
	*one = (struct refused){ .why = NULL };
}

void
tls_refused_take(struct tls_refused *r, const char *text)
{
	size_t listener;
	const char *why = read_text(text, r->conf->n_listeners, &listener);

	if (why == NULL)
		log_error("what is told of watched files cannot be read");
	else if (why[0] != '\0')
		refuse(r, listener, why);
	else
		end(r, listener, "can be used again");
}

void
tls_refused_end(struct tls_refused *r)
{
	for (size_t i = 0; i < r->conf->n_listeners; i++)
		end(r, i, "were read anew by a reload");
}

/* -- for others -- */

const char *
tls_refused_why(const struct tls_refused *r, size_t listener)
{
	return r->v[listener].why;
}

void
tls_refused_describe(const struct tls_refused *r, struct admin_news *news)
{
	news->watched = xcalloc(r->conf->n_listeners, sizeof(*news->watched));
	for (size_t i = 0; i < r->conf->n_listeners; i++) {
		const struct conf_listener *l = &r->conf->listeners[i];

		if (!l->tls.watch)
			continue;
		news->watched[news->n_watched++] = (struct admin_watched){
			.listener = l->name,
			.refused = r->v[i].why,
			.since = r->v[i].since,
		};
	}
}

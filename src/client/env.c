/*
 * The shared surroundings of a worker's exchanges; see env.h.
 */
#include "client/env.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/log.h"

#define ARENA_BLOCK	4096
#define FLUSH_AGAIN_MS	100
#define KEEP_BLOCKS	1024

/* -- lines lost: they cannot say so themselves -- */

static const char *
log_error_text(const struct env *env)
{
	int error = sink_error(env->access);

	return error == EAGAIN ? "its reader is too slow" : strerror(error);
}

static void
tell_losses(void *owner)
{
	struct env *env = owner;
	uint64_t n;

	switch (losses_look(&env->losses, sink_lost(env->access),
	    sink_failing(env->access), loop_now(env->loop), &n)) {
	case LOSSES_NONE:
		break;
	case LOSSES_BEGAN:
		log_warn("the access log cannot be written: %s; lines are "
		    "lost", log_error_text(env));
		break;
	case LOSSES_GO_ON:
		log_warn("the access log still cannot be written: %s; lines "
		    "lost so far: %" PRIu64, log_error_text(env), n);
		break;
	case LOSSES_OVER:
		log_warn("the access log is written again; lines lost: %"
		    PRIu64, n);
		break;
	case LOSSES_LATER:
		timer_set(&env->tell_again, LOSSES_PAUSE_MS);
		break;
	}
}

/* Nothing will be written any more. */
static void
tell_last_losses(struct env *env)
{
	uint64_t n;

	if (env->access == NULL)
		return;
	sink_end(env->access);
	n = sink_lost(env->access) - env->losses.told;
	if (n != 0)
		log_warn("the access log could not be written: %s; lines "
		    "lost: %" PRIu64, log_error_text(env), n);
}

static void
flush_access(void *owner)
{
	struct env *env = owner;

	sink_flush(env->access);
	/* A slow reader: the rest goes when it has caught up. */
	if (sink_pending(env->access))
		timer_set(&env->flush_again, FLUSH_AGAIN_MS);
	tell_losses(env);
}

static void
limits_from(const struct conf_limits *c, struct codec_limits *l)
{
	*l = codec_limits_default;
	l->head = (size_t)c->head;
	l->target = (size_t)c->target;
	l->fields = c->fields;
	l->trailers = (size_t)c->trailers;
	l->interim = c->interim;
}

/* Only to be different from others, so the time will do, too. */
static void
name_run(char *run)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		bits = (uint64_t)clock_wall();
	(void)snprintf(run, ENV_RUN, "%016" PRIx64, bits);
}

struct env *
env_new(const struct conf *conf, struct loop *loop, struct figures *figures,
    size_t worker, struct sink *access, char *why, size_t why_size)
{
	struct env *env = xcalloc(1, sizeof(*env));

	env->conf = conf;
	env->routes = route_index_new(conf);
	env->loop = loop;
	env->shared = figures;
	env->figures = figures_worker(figures, worker);
	env->access = access;
	name_run(env->run);
	timer_init(&env->flush_again, loop, flush_access, env);
	timer_init(&env->tell_again, loop, tell_losses, env);
	deferred_init(&env->flush_access, LOOP_LATE, flush_access, env);
	env->arena_blocks = blocks_new(ARENA_BLOCK, KEEP_BLOCKS);
	limits_from(&conf->limits, &env->limits);
	env->codec = (struct codec_shared){
		.limits = &env->limits,
		.blocks = loop_blocks(loop),
		.scratch = &env->scratch,
	};
	env->egress = egress_new(conf, loop, figures, &env->limits, why,
	    why_size);
	if (env->egress == NULL) {
		env_free(env);
		return NULL;
	}
	return env;
}

struct text
env_date(struct env *env)
{
	int64_t second = clock_wall() / NS_PER_S;

	if (env->date.second != second) {
		clock_format_http(env->date.text, second);
		env->date.second = second;
	}
	return text_of(env->date.text);
}

void
env_free(struct env *env)
{
	if (env == NULL)
		return;
	egress_free(env->egress);
	route_index_free(env->routes);
	deferred_cancel(&env->flush_access);
	tell_last_losses(env);
	timer_end(&env->flush_again);
	timer_end(&env->tell_again);
	blocks_free(env->arena_blocks);
	blocks_free(env->exchanges);
	fields_release(&env->scratch);
	fields_release(&env->answer);
	free(env);
}

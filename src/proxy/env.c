/*
 * The shared surroundings of a worker's exchanges; see env.h.
 */
#include "proxy/env.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/log.h"

#define ARENA_BLOCK	4096
#define FLUSH_AGAIN_MS	100
#define KEEP_BLOCKS	1024

/* Until it is said again that lines are lost. */
#define LOSSES_AGAIN_NS	(60 * NS_PER_S)

static uint64_t
losses(const struct env *env)
{
	return atomic_load_explicit(&env->figures->log_lost,
	    memory_order_relaxed);
}

/* Lines that are lost cannot say so themselves. */
static void
tell_losses(struct env *env)
{
	uint64_t lost = losses(env);
	int64_t now = loop_now(env->loop);
	int error = sink_error(env->access);

	if (lost == env->losses_told || error == 0 || (env->told_ns != 0 &&
	    now - env->told_ns < LOSSES_AGAIN_NS))
		return;
	log_warn("the access log cannot be written: %s; lines lost: %" PRIu64,
	    error == EAGAIN ? "its reader is too slow" : strerror(error),
	    lost - env->losses_told);
	env->losses_told = lost;
	env->told_ns = now;
}

static void
flush_access(void *owner)
{
	struct env *env = owner;

	sink_flush(env->access);
	/* A slow reader: the rest goes when it has caught up. */
	if (sink_pending(env->access))
		timer_set(env->flush_again, FLUSH_AGAIN_MS);
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
	env->loop = loop;
	env->shared = figures;
	env->figures = figures_worker(figures, worker);
	env->access = access;
	env->losses_told = losses(env);
	name_run(env->run);
	env->flush_again = timer_new(loop, flush_access, env);
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
	deferred_cancel(&env->flush_access);
	timer_free(env->flush_again);
	blocks_free(env->arena_blocks);
	blocks_free(env->exchanges);
	fields_release(&env->scratch);
	fields_release(&env->answer);
	free(env);
}

/*
 * The shared surroundings of a worker's exchanges; see env.h.
 */
#include "client/env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/limits.h"

#define ARENA_BLOCK	4096
#define KEEP_BLOCKS	1024

/* It only has to differ from others, so the time is good enough, too. */
static void
name_run(char *run)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		bits = (uint64_t)clock_wall();
	(void)snprintf(run, RECORD_RUN, "%016" PRIx64, bits);
}

struct env *
env_new(const struct conf *conf, struct loop *loop,
    struct stats *stats, struct sink *access)
{
	struct env *env = xcalloc(1, sizeof(*env));

	env->conf = conf;
	env->loop = loop;
	env->stats = stats;
	env->uid = conf->uid != CONF_NO_ID ? conf->uid : getuid();
	if (access != NULL)
		env->access = access_writer_new(loop, access, &conf->log);
	name_run(env->run);
	env->arena_blocks = blocks_new(ARENA_BLOCK, KEEP_BLOCKS);
	env->limits = limits_of_codec(&conf->limits);
	env->codec = (struct codec_shared){
		.limits = &env->limits,
		.blocks = loop_blocks(loop),
		.scratch = &env->scratch,
	};
	return env;
}

bool
env_is_ours(const struct env *env, uint32_t uid)
{
	return uid == 0 || uid == env->uid;
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
	access_writer_free(env->access);
	blocks_free(env->arena_blocks);
	blocks_free(env->exchanges);
	fields_release(&env->scratch);
	fields_release(&env->answer);
	free(env);
}

/*
 * The parent's keys; see parent_keys.h.
 */
#include "daemon/parent_keys.h"

#include <stdlib.h>

#include "config.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/key_command.h"
#include "keys/key_store.h"
#include "keys/key_warnings.h"

struct parent_keys {
	struct key_events events;
	struct key_warnings *warnings;
	struct key_store *store;
	struct key_keeper *keeper;
	struct key_commands *commands;
	struct generations *generations;	/* NULL: none yet */
	bool warns;
};

static void
parent_keys_on_decided(void *owner)
{
	const struct parent_keys *k = owner;

	if (k->generations != NULL)
		generations_tell_keys(k->generations);
}

static struct key_question
parent_keys_on_probe(void *owner, uint32_t key, uint32_t upstream)
{
	const struct parent_keys *k = owner;

	return generations_probe(k->generations, key, upstream);
}

static bool
parent_keys_on_obeyed(void *owner, uint64_t decisions)
{
	const struct parent_keys *k = owner;

	return generations_obey(k->generations, decisions);
}

static void
parent_keys_on_deaf(void *owner, uint64_t decisions)
{
	const struct parent_keys *k = owner;

	generations_end_deaf(k->generations, decisions);
}

static void
parent_keys_on_left(void *owner)
{
	const struct parent_keys *k = owner;

	generations_leave(k->generations);
}

static void
parent_keys_on_kept(void *owner, uint64_t number, const char *why)
{
	const struct parent_keys *k = owner;

	key_commands_kept(k->commands, number, why);
}

struct parent_keys *
parent_keys_new(const struct parent_keys_conf *conf)
{
	struct parent_keys *k = xcalloc(1, sizeof(*k));

	log_watch_keys(key_events_note, &k->events);
	k->warnings = key_warnings_new(conf->memory);
	k->store = key_store_new(&(struct key_store_conf){
		.memory = conf->memory,
		.warnings = k->warnings,
		.kept = parent_keys_on_kept,
		.owner = k,
		.left = parent_keys_on_left,
	});
	k->keeper = key_keeper_new(&(struct key_keeper_conf){
		.memory = conf->memory,
		.built = BUILD_TIME,
		.store = k->store,
		.tell = parent_keys_on_decided,
		.probe = parent_keys_on_probe,
		.owner = k,
	});
	k->commands = key_commands_new(&(struct key_commands_conf){
		.keys = k->keeper,
		.memory = conf->memory,
		.answer = conf->answer,
		.owner = conf->owner,
		.obeyed = parent_keys_on_obeyed,
		.end_deaf = parent_keys_on_deaf,
		.workers = k,
	});
	return k;
}

void
parent_keys_free(struct parent_keys *k)
{
	if (k == NULL)
		return;
	key_commands_free(k->commands);
	key_keeper_free(k->keeper);
	key_store_free(k->store);
	key_warnings_free(k->warnings);
	log_watch_keys(NULL, NULL);
	key_events_release(&k->events);
	free(k);
}

struct key_keeper *
parent_keys_keeper(const struct parent_keys *k)
{
	return k->keeper;
}

const struct key_events *
parent_keys_events(const struct parent_keys *k)
{
	return &k->events;
}

void
parent_keys_watch(struct parent_keys *k, struct generations *gs)
{
	k->generations = gs;
}

void
parent_keys_open(struct parent_keys *k, const struct conf *conf)
{
	key_store_open(k->store, conf);
}

void
parent_keys_serve(struct parent_keys *k, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	key_warnings_serve(k->warnings, conf, numbers);
	k->warns = true;
}

void
parent_keys_follow(struct parent_keys *k, uint64_t id,
    const struct admin_command *command, uid_t who)
{
	key_commands_follow(k->commands, id, command, who);
}

/* What is decided and told is kept in the same step. */
int64_t
parent_keys_step(struct parent_keys *k)
{
	int64_t until = key_keeper_step(k->keeper, clock_monotonic());

	if (k->warns)
		until = clock_earlier(until, key_warnings_tell(k->warnings));
	until = clock_earlier(until, key_store_step(k->store));
	return clock_earlier(until, key_commands_step(k->commands));
}

bool
parent_keys_reap(struct parent_keys *k, pid_t pid, int wait_status)
{
	return key_store_reap(k->store, pid, wait_status);
}

void
parent_keys_stop(struct parent_keys *k)
{
	k->warns = false;
}

bool
parent_keys_wait(const struct parent_keys *k)
{
	return key_commands_wait(k->commands);
}

void
parent_keys_cut(struct parent_keys *k)
{
	key_commands_kept(k->commands, UINT64_MAX, "the daemon stops before "
	    "it is written");
	key_commands_cut(k->commands);
}

void
parent_keys_end(struct parent_keys *k)
{
	key_store_end(k->store);
}

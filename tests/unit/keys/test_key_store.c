/* What of keys outlives the parent. */
#include "keys/key_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../stats/stats_conf.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "keys/state_file.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/stats.h"

/* A daemon's life: all that a start makes anew. */
struct rig {
	char folder[32], other[48];
	struct conf *conf;
	struct stats_memory *memory;
	struct stats *stats;
	struct key_warnings *warnings;
	struct key_store *store;
	void (*left)(void *);		/* what children do first */
	uint64_t kept;			/* orders that were answered */
	char *why;			/* the last one, if not kept */
};

static int64_t wall_ns, boot_ns, ticks_ns = 1;

static int64_t
get_wall(void)
{
	return wall_ns;
}

static int64_t
get_boot(void)
{
	return boot_ns;
}

/* It never stands still: names of temporary files are made from it. */
static int64_t
get_monotonic(void)
{
	static int64_t ticks;

	ticks += ticks_ns;
	return boot_ns + ticks;
}

static void
pass(int64_t seconds)
{
	wall_ns += seconds * NS_PER_S;
	boot_ns += seconds * NS_PER_S;
}

/* As the key keeper does. */
static void
on_disabled(void *owner, uint32_t number)
{
	const struct rig *r = owner;
	struct stats_decision d = stats_decision(r->memory, number);

	d.facts |= KEY_OFF_DISABLED;
	stats_decide(r->memory, number, d);
}

/* As a start and a reload do; the errors. */
static size_t
bring(const struct rig *r)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	size_t errors;

	key_store_bring(r->store, r->conf, &diagnostics);
	errors = diagnostics.n_errors;
	conf_diagnostics_free(&diagnostics);
	return errors;
}

/* Until nothing is written any more; STUCK with the reason, to be freed. */
static enum key_store_move
move(const struct rig *r, char **why)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	enum key_store_move moved;
	int status;
	pid_t pid;

	while ((moved = key_store_move(r->store, r->conf, &diagnostics)) ==
	    KEY_STORE_MOVING) {
		pid = waitpid(-1, &status, 0);
		assert_true(pid > 0);
		(void)key_store_reap(r->store, pid, status);
	}
	assert_int_equal(diagnostics.n_errors, moved == KEY_STORE_STUCK);
	*why = moved == KEY_STORE_STUCK ? xstrdup(diagnostics.v[0].text) :
	    NULL;
	conf_diagnostics_free(&diagnostics);
	return moved;
}

/* One that was brought. */
static void
take_over(struct rig *r)
{
	key_store_serve(r->store, r->conf, on_disabled, r);
}

static void
serve(struct rig *r)
{
	char *why;

	assert_int_equal(bring(r), 0);
	assert_int_equal(move(r, &why), KEY_STORE_MOVED);
	take_over(r);
}

/* In a child. */
static void
on_left(void *owner)
{
	const struct rig *r = owner;

	if (r->left != NULL)
		r->left(owner);
}

static void
on_kept(void *owner, uint64_t number, const char *why)
{
	struct rig *r = owner;

	assert_true(number > r->kept);
	r->kept = number;
	free(r->why);
	r->why = why != NULL ? xstrdup(why) : NULL;
}

static void
start(struct rig *r)
{
	char why[256];

	r->memory = stats_memory_new(2, why, sizeof(why));
	assert_non_null(r->memory);
	r->warnings = key_warnings_new(r->memory);
	r->store = key_store_new(&(struct key_store_conf){
		.memory = r->memory, .warnings = r->warnings,
		.left = on_left, .kept = on_kept, .owner = r });
	r->kept = 0;
	assert_int_equal(bring(r), 0);
	key_store_open(r->store, r->conf);
	r->stats = stats_new(r->memory, r->conf, why, sizeof(why));
	assert_non_null(r->stats);
	key_store_meet(r->store, r->conf, stats_numbers(r->stats));
	take_over(r);
	key_warnings_serve(r->warnings, r->conf, stats_numbers(r->stats));
}

/* As after kill -9: nothing more is written. */
static void
die(struct rig *r)
{
	key_store_free(r->store);
	/* Children that hang were ended. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	key_warnings_free(r->warnings);
	stats_free(r->stats);
	stats_memory_free(r->memory);
}

static void
restart(struct rig *r)
{
	die(r);
	/* Another boot of the machine. */
	boot_ns = 10 * NS_PER_S;
	start(r);
}

static int
setup(void **state)
{
	static const struct clock_source source = {
		.monotonic = get_monotonic, .wall = get_wall,
		.boot = get_boot };
	static char file[] = "c";
	static struct rig r;

	wall_ns = INT64_C(1796083200) * NS_PER_S;
	boot_ns = 5000 * NS_PER_S;
	clock_replace(&source);
	r = (struct rig){ .folder = "/tmp/sallyport-store-XXXXXX" };
	if (mkdtemp(r.folder) == NULL)
		return -1;
	r.conf = stats_conf(1, 2, 1, 0);
	r.conf->state_dir = r.folder;
	r.conf->state_dir_where = (struct conf_where){ .file = "c", .line = 1 };
	r.conf->file = file;
	r.conf->uid = CONF_NO_ID;
	for (size_t i = 0; i < 2; i++)
		r.conf->keys[i].created = r.conf->keys[i].expires =
		    CONF_NO_TIME;
	start(&r);
	*state = &r;
	return 0;
}

static void
remove_files(const char *folder)
{
	char *lock = xasprintf("%s/lock", folder);

	(void)unlink(lock);
	free(lock);
	for (unsigned i = RECORDS_KEYS; i <= RECORDS_DISABLED; i++) {
		char *path = state_file_path(folder, (enum records_file)i);

		(void)unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	die(r);
	stats_conf_free(r->conf);
	if (r->other[0] != '\0')
		remove_files(r->other);
	remove_files(r->folder);
	free(r->why);
	clock_replace(NULL);
	return 0;
}

static void
decide(const struct rig *r, size_t key, struct stats_decision d)
{
	stats_decide(r->memory, stats_numbers(r->stats)->keys[key], d);
}

/* What is due, until no child is left. */
static void
settle(const struct rig *r)
{
	int status;
	pid_t pid;

	(void)key_store_step(r->store);
	while ((pid = waitpid(-1, &status, 0)) > 0) {
		assert_true(key_store_reap(r->store, pid, status));
		(void)key_store_step(r->store);
	}
}

/* Why not, or NULL. */
static const char *
try_to_keep(const struct rig *r)
{
	uint64_t number = key_store_note_disabled(r->store, 1000);

	assert_true(number == r->kept + 1);
	settle(r);
	assert_true(r->kept == number);
	return r->why;
}

static void
keep(const struct rig *r)
{
	assert_null(try_to_keep(r));
}

static void
a_disabled_value_is_so_after_a_crash_until_it_is_enabled(void **state)
{
	struct rig *r = *state;

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), 0);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	/* What else is kept says nothing of it. */
	key_store_end(r->store);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	decide(r, 1, (struct stats_decision){ .facts = 0 });
	keep(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
}

/* A reload came before anything was written of the one that it dropped. */
static void
a_value_that_only_drains_is_kept_as_disabled(void **state)
{
	struct rig *r = *state;

	r->conf->n_keys = 1;
	serve(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->n_keys = 2;
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
who_disabled_a_value_is_kept_of_root_too(void **state)
{
	struct rig *r = *state;
	struct key_records found = { .n = 0 };
	uint8_t digest[DIGEST_SIZE];
	struct text value = secret_text(r->conf->keys[1].value);

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 0), 1);
	settle(r);
	assert_null(state_file_read(r->folder, RECORDS_DISABLED, CONF_NO_ID,
	    &found));
	assert_true(digest_sha256(value.p, value.n, digest));
	assert_true(key_records_find(&found, digest)->by == RECORD_BY(0));
	key_records_free(&found);
}

static void
what_is_disabled_is_written_when_that_works_again(void **state)
{
	struct rig *r = *state;
	char away[48];

	(void)snprintf(away, sizeof(away), "%s-a", r->folder);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(rename(r->folder, away), 0);
	assert_non_null(try_to_keep(r));
	settle(r);
	assert_int_equal(rename(away, r->folder), 0);
	pass(60);
	settle(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), 0);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
a_value_is_disabled_though_no_configuration_had_it_for_years(void **state)
{
	struct rig *r = *state;

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	key_store_end(r->store);
	r->conf->n_keys = 1;
	for (unsigned i = 0; i < 3; i++) {
		pass(366 * 86400);
		restart(r);
		key_store_end(r->store);
	}
	r->conf->n_keys = 2;
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
another_value_under_the_name_starts_afresh(void **state)
{
	struct rig *r = *state;

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED |
	    KEY_OFF_REJECTED, .promoted = 3 });
	assert_true(stats_note_expiry(r->stats, 1, 1796000000, true));
	keep(r);
	key_store_end(r->store);
	secret_free(r->conf->keys[1].value);
	r->conf->keys[1].value = secret_copy("other", 5);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
	assert_int_equal(stats_key_promoted(r->stats, 1), 0);
	assert_false(stats_expiry(r->stats, 1, &(int64_t){ 0 }));
}

static void
rejection_and_promotion_are_kept_when_they_are_decided(void **state)
{
	struct rig *r = *state;

	settle(r);
	assert_true(key_store_step(r->store) > boot_ns);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_REJECTED,
	    .rejected_ns = boot_ns });
	decide(r, 1, (struct stats_decision){ .promoted = 7,
	    .promoted_at = 1796000000 });
	pass(1);
	settle(r);
	pass(29);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_REJECTED);
	assert_true(stats_key_rejected_ns(r->stats, 0) ==
	    boot_ns - 30 * NS_PER_S);
	assert_int_equal(stats_key_promoted(r->stats, 1), 7);
	assert_int_equal(stats_key_promoted_at(r->stats, 1), 1796000000);
	decide(r, 0, (struct stats_decision){ .facts = 0 });
	settle(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), 0);
}

static void
a_rejection_that_is_to_come_was_long_ago(void **state)
{
	struct rig *r = *state;

	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_REJECTED,
	    .rejected_ns = boot_ns });
	settle(r);
	/* The clock of the machine that starts is not set yet. */
	wall_ns -= 86400 * NS_PER_S;
	restart(r);
	assert_true(boot_ns - stats_key_rejected_ns(r->stats, 0) >
	    60 * NS_PER_S);
}

/* By it others are known to have been the last of a route, or not. */
static void
what_was_disabled_or_rejected_first_tells_since_when_a_key_is_off(void **state)
{
	struct rig *r = *state;

	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_REJECTED,
	    .rejected_ns = boot_ns });
	settle(r);
	pass(10);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED |
	    KEY_OFF_REJECTED, .rejected_ns = boot_ns });
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED |
	    KEY_OFF_REJECTED, .rejected_ns = boot_ns - 10 * NS_PER_S });
	keep(r);
	settle(r);
	pass(20);
	restart(r);
	assert_true(stats_key_off_ns(r->stats, 0) == boot_ns - 30 * NS_PER_S);
	assert_true(stats_key_off_ns(r->stats, 1) == boot_ns - 30 * NS_PER_S);
}

static void
the_last_promotion_is_known_of_keys_that_nobody_has(void **state)
{
	struct rig *r = *state;

	assert_int_equal(key_store_promoted(r->store), 0);
	decide(r, 1, (struct stats_decision){ .promoted = 7 });
	settle(r);
	r->conf->n_keys = 1;
	restart(r);
	assert_int_equal(key_store_promoted(r->store), 7);
	r->conf->n_keys = 2;
}

static void
which_end_was_told_and_given_up_is_kept_when_it_is_decided(void **state)
{
	struct rig *r = *state;
	struct stats_decision d;

	int64_t since;

	decide(r, 0, (struct stats_decision){ .ended = 1796000000 });
	decide(r, 1, (struct stats_decision){ .given_up = 1796000001 });
	pass(1);
	settle(r);
	restart(r);
	d = stats_decision(r->memory, stats_numbers(r->stats)->keys[0]);
	assert_int_equal(d.ended, 1796000000);
	/* One that was rejected before that was not the last of a route. */
	since = wall_ns - 1796000000 * NS_PER_S;
	assert_true(d.off_ns == boot_ns - since);
	assert_int_equal(d.given_up, 0);
	d = stats_decision(r->memory, stats_numbers(r->stats)->keys[1]);
	assert_int_equal(d.ended, 0);
	assert_int_equal(d.given_up, 1796000001);
}

static void
what_the_api_told_is_kept_within_a_minute(void **state)
{
	struct rig *r = *state;
	int64_t expires;

	settle(r);
	assert_true(stats_note_expiry(r->stats, 0, 1800000000, true));
	pass(60);
	settle(r);
	restart(r);
	assert_true(stats_expiry(r->stats, 0, &expires));
	assert_int_equal(expires, 1800000000);
}

/* An empty one, that a configuration brings. */
static void
bring_other(struct rig *r)
{
	(void)snprintf(r->other, sizeof(r->other), "%s-b", r->folder);
	assert_int_equal(mkdir(r->other, 0700), 0);
	r->conf->state_dir = r->other;
	assert_int_equal(bring(r), 0);
}

static void
another_folder_has_what_is_disabled_before_it_serves(void **state)
{
	struct rig *r = *state;
	char *why;

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	bring_other(r);
	assert_int_equal(move(r, &why), KEY_STORE_MOVED);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), 0);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

/* Each disables another one. */
static void
a_move_erases_nothing_that_the_other_folder_disables(void **state)
{
	struct rig *r = *state;
	char *why;

	bring_other(r);
	serve(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->folder;
	restart(r);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->other;
	assert_int_equal(bring(r), 0);
	assert_int_equal(move(r, &why), KEY_STORE_MOVED);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

/* Nothing was kept until then. */
static void
a_first_folder_has_what_is_disabled_before_it_serves(void **state)
{
	struct rig *r = *state;
	char *why;

	r->conf->state_dir = NULL;
	serve(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 0), 0);
	bring_other(r);
	assert_int_equal(move(r, &why), KEY_STORE_MOVED);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
a_folder_that_cannot_be_written_is_not_moved_to(void **state)
{
	struct rig *r = *state;
	char *why, away[48];

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	bring_other(r);
	(void)snprintf(away, sizeof(away), "%s-a", r->folder);
	assert_int_equal(rename(r->other, away), 0);
	assert_int_equal(move(r, &why), KEY_STORE_STUCK);
	assert_non_null(strstr(why, "-b/disabled.json: No such file or "
	    "directory: a restart would forget which keys are disabled"));
	free(why);
	assert_int_equal(rename(away, r->other), 0);
	/* What it wrote last counts, and what served goes on. */
	assert_int_equal(move(r, &why), KEY_STORE_STUCK);
	free(why);
	key_store_forget(r->store, r->conf);
	r->conf->state_dir = r->folder;
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	/* And where it is mended it is moved to. */
	r->conf->state_dir = r->other;
	serve(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void hang(void *);

static void
a_folder_whose_disk_does_not_answer_is_not_moved_to(void **state)
{
	struct rig *r = *state;
	struct conf_diagnostics diagnostics = { .n = 0 };

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	bring_other(r);
	r->left = hang;
	assert_int_equal(key_store_move(r->store, r->conf, &diagnostics),
	    KEY_STORE_MOVING);
	pass(19);
	assert_true(key_store_step(r->store) < boot_ns + 2 * NS_PER_S);
	assert_int_equal(key_store_move(r->store, r->conf, &diagnostics),
	    KEY_STORE_MOVING);
	assert_int_equal(diagnostics.n, 0);
	pass(1);
	assert_int_equal(key_store_move(r->store, r->conf, &diagnostics),
	    KEY_STORE_STUCK);
	assert_int_equal(diagnostics.n_errors, 1);
	assert_non_null(strstr(diagnostics.v[0].text,
	    "it was not written in time"));
	conf_diagnostics_free(&diagnostics);
	key_store_forget(r->store, r->conf);
	r->conf->state_dir = r->folder;
}

/* An order comes while a child writes there. */
static void
what_is_ordered_during_a_move_is_so_in_both_folders(void **state)
{
	struct rig *r = *state;
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *why;

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	bring_other(r);
	assert_int_equal(key_store_move(r->store, r->conf, &diagnostics),
	    KEY_STORE_MOVING);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	decide(r, 1, (struct stats_decision){ .facts = 0 });
	keep(r);
	assert_int_equal(move(r, &why), KEY_STORE_MOVED);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
	r->conf->state_dir = r->folder;
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
}

/* So it may be one that cannot be written. */
static void
a_folder_that_knows_what_is_disabled_is_not_written(void **state)
{
	struct rig *r = *state;
	struct conf_diagnostics diagnostics = { .n = 0 };

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	bring_other(r);
	serve(r);
	r->conf->state_dir = r->folder;
	assert_int_equal(bring(r), 0);
	assert_int_equal(key_store_move(r->store, r->conf, &diagnostics),
	    KEY_STORE_MOVED);
	take_over(r);
}

/* The warnings of one that brings no folder. */
static void
expect_warning(const struct rig *r, const char *text)
{
	struct conf_diagnostics diagnostics = { .n = 0 };

	key_store_bring(r->store, r->conf, &diagnostics);
	assert_int_equal(diagnostics.n_errors, 0);
	assert_int_equal(diagnostics.n, text != NULL);
	if (text != NULL)
		assert_string_equal(diagnostics.v[0].text, text);
	conf_diagnostics_free(&diagnostics);
}

static void
who_gives_the_folder_up_is_warned_of_what_a_restart_forgets(void **state)
{
	struct rig *r = *state;

	r->conf->state_dir = NULL;
	expect_warning(r, NULL);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	expect_warning(r, "there is no option 'state_dir' any more: a restart "
	    "will forget which keys are disabled: key0");
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	/* In the order of their digests. */
	expect_warning(r, "there is no option 'state_dir' any more: a restart "
	    "will forget which keys are disabled: key1, key0");
	take_over(r);
	/* It was said, and is so. */
	expect_warning(r, NULL);
}

static void
what_was_enabled_meanwhile_is_not_disabled_in_another_folder(void **state)
{
	struct rig *r = *state;

	r->conf->state_dir = NULL;
	serve(r);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 0), 0);
	decide(r, 1, (struct stats_decision){ .facts = 0 });
	r->conf->state_dir = r->folder;
	serve(r);
	settle(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
}

/* Has another folder kept for the next start. */
static void
move_away(struct rig *r)
{
	(void)snprintf(r->other, sizeof(r->other), "%s-b", r->folder);
	assert_int_equal(mkdir(r->other, 0700), 0);
	r->conf->state_dir = r->other;
	serve(r);
	settle(r);
}

static void
what_a_folder_disables_that_comes_later_is_so_and_stays_so(void **state)
{
	struct rig *r = *state;

	move_away(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->folder;
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->other;
	serve(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	/* Another order erases neither. */
	keep(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
what_a_folder_disables_is_so_before_the_configuration_serves(void **state)
{
	struct rig *r = *state;

	move_away(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->folder;
	r->conf->n_keys = 1;
	restart(r);
	/* A reload brings the folder, and the key. */
	r->conf->n_keys = 2;
	r->conf->state_dir = r->other;
	stats_free(r->stats);
	r->stats = stats_new(r->memory, r->conf, (char[256]){ 0 }, 256);
	assert_non_null(r->stats);
	assert_int_equal(bring(r), 0);
	key_store_meet(r->store, r->conf, stats_numbers(r->stats));
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	take_over(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 0), 0);
}

static void
damage(const char *folder)
{
	assert_int_equal(state_file_write(folder, RECORDS_DISABLED,
	    TEXT("{\"sallyport\":")), STATUS_OK);
}

static void
a_file_that_is_damaged_after_it_was_checked_fails_the_start(void **state)
{
	struct rig *r = *state;
	struct conf_diagnostics diagnostics = { .n = 0 };

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	key_store_check(r->conf, &diagnostics);
	assert_int_equal(diagnostics.n, 0);
	damage(r->folder);
	key_store_bring(r->store, r->conf, &diagnostics);
	assert_int_equal(diagnostics.n_errors, 1);
	assert_non_null(strstr(diagnostics.v[0].text, "/disabled.json: it is "
	    "damaged: which keys are disabled is not known"));
	conf_diagnostics_free(&diagnostics);
}

static void
what_was_brought_is_so_though_its_file_is_damaged_since(void **state)
{
	struct rig *r = *state;

	move_away(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->folder;
	restart(r);
	r->conf->state_dir = r->other;
	assert_int_equal(bring(r), 0);
	damage(r->other);
	take_over(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
	settle(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
what_was_brought_and_forgotten_disables_nothing(void **state)
{
	struct rig *r = *state;

	move_away(r);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = r->folder;
	restart(r);
	r->conf->state_dir = r->other;
	assert_int_equal(bring(r), 0);
	key_store_forget(r->store, r->conf);
	r->conf->state_dir = r->folder;
	serve(r);
	assert_int_equal(stats_key_off(r->stats, 1), 0);
}

/* In another process: whether this configuration may serve there. */
static bool
another_may_serve(const struct rig *r)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	pid_t pid = fork();
	struct key_store *store;
	int status;

	if (pid == 0) {
		store = key_store_new(&(struct key_store_conf){
			.memory = r->memory, .warnings = r->warnings });
		key_store_bring(store, r->conf, &diagnostics);
		_exit(diagnostics.n_errors == 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) != 0;
}

static void
a_folder_is_had_from_when_it_is_brought_until_it_is_left(void **state)
{
	struct rig *r = *state;

	assert_false(another_may_serve(r));
	r->conf->state_dir = NULL;
	serve(r);
	r->conf->state_dir = r->folder;
	assert_true(another_may_serve(r));
	assert_int_equal(bring(r), 0);
	assert_false(another_may_serve(r));
	/* That one did not start. */
	key_store_forget(r->store, r->conf);
	assert_true(another_may_serve(r));
	serve(r);
	assert_false(another_may_serve(r));
}

static void
a_folder_by_another_name_is_had_all_the_time(void **state)
{
	struct rig *r = *state;
	char *name = xasprintf("%s/.", r->folder);

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	r->conf->state_dir = name;
	assert_int_equal(bring(r), 0);
	key_store_forget(r->store, r->conf);
	assert_false(another_may_serve(r));
	serve(r);
	assert_false(another_may_serve(r));
	settle(r);
	assert_false(another_may_serve(r));
	r->conf->state_dir = r->folder;
	free(name);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

/* As many as a file may have, of which no configuration lists one. */
static void
remember_many(const struct rig *r, enum records_file file)
{
	struct key_records many = { .n = 0 };
	struct buf text;

	for (unsigned i = 0; i < RECORDS_MOST; i++) {
		const uint8_t any[DIGEST_SIZE] = { (uint8_t)(i >> 8),
			(uint8_t)i };
		struct key_record *k = key_records_at(&many, any);

		(void)snprintf(k->name, sizeof(k->name), "k%u", i);
		k->seen = wall_ns / NS_PER_S - 86400;
		k->disabled = file == RECORDS_DISABLED;
	}
	buf_init(&text, NULL);
	key_records_write(&many, file, &text);
	assert_int_equal(state_file_write(r->folder, file, buf_text(&text)),
	    STATUS_OK);
	buf_release(&text);
	key_records_free(&many);
}

static size_t
remembered(const struct rig *r, enum records_file file)
{
	struct key_records found = { .n = 0 };
	char *why = state_file_read(r->folder, file, CONF_NO_ID, &found);
	size_t n = found.n;

	assert_null(why);
	key_records_free(&found);
	return n;
}

static void
what_is_remembered_takes_no_number_from_a_key_in_use(void **state)
{
	struct rig *r = *state;

	remember_many(r, RECORDS_KEYS);
	restart(r);
	assert_true(stats_note_expiry(r->stats, 1, 1800000000, true));
	key_store_end(r->store);
	/* The next start reads it. */
	assert_int_equal(remembered(r, RECORDS_KEYS), RECORDS_MOST);
	restart(r);
	assert_true(stats_expiry(r->stats, 1, &(int64_t){ 0 }));
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	keep(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
}

static void
what_is_disabled_is_never_forgotten_for_others(void **state)
{
	struct rig *r = *state;
	const char *why;

	remember_many(r, RECORDS_DISABLED);
	restart(r);
	key_store_end(r->store);
	keep(r);
	assert_int_equal(remembered(r, RECORDS_DISABLED), RECORDS_MOST);
	/* No start would read one more. */
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	why = try_to_keep(r);
	assert_non_null(why);
	assert_non_null(strstr(why, ": more than 16384 keys are disabled"));
	assert_int_equal(remembered(r, RECORDS_DISABLED), RECORDS_MOST);
}

static void
without_a_folder_it_is_said_that_it_will_be_forgotten(void **state)
{
	struct rig *r = *state;

	r->conf->state_dir = NULL;
	serve(r);
	assert_true(key_store_step(r->store) == INT64_MAX);
	assert_int_equal(key_store_note_disabled(r->store, 0), 0);
}

/* As if the disk did not answer. */
static void
hang(void *owner)
{
	(void)owner;
	for (;;)
		(void)pause();
}

static void
a_disk_that_does_not_answer_holds_nobody_up_for_ever(void **state)
{
	struct rig *r = *state;

	r->left = hang;
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 1000), 1);
	(void)key_store_step(r->store);
	pass(19);
	(void)key_store_step(r->store);
	assert_int_equal(r->kept, 0);
	/* This one waits for that child, too, which is told to end. */
	assert_int_equal(key_store_note_disabled(r->store, 1000), 2);
	pass(1);
	(void)key_store_step(r->store);
	assert_int_equal(r->kept, 2);
	assert_non_null(strstr(r->why, "/disabled.json: it was not written in "
	    "time"));
	r->left = NULL;
	settle(r);
	pass(60);
	settle(r);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
orders_that_come_while_the_disk_works_are_written_together(void **state)
{
	struct rig *r = *state;
	int status;
	pid_t pid;

	settle(r);
	decide(r, 0, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 1000), 1);
	(void)key_store_step(r->store);
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 1000), 2);
	assert_int_equal(key_store_note_disabled(r->store, 1000), 3);
	(void)key_store_step(r->store);
	while (r->kept == 0) {
		pid = waitpid(-1, &status, 0);
		assert_true(key_store_reap(r->store, pid, status));
	}
	assert_int_equal(r->kept, 1);
	settle(r);
	assert_int_equal(r->kept, 3);
	assert_null(r->why);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
at_the_end_it_waits_for_the_disk_but_not_for_ever(void **state)
{
	struct rig *r = *state;

	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 1000), 1);
	r->left = hang;
	ticks_ns = NS_PER_S;
	key_store_end(r->store);
	ticks_ns = 1;
	assert_int_equal(r->kept, 1);
	assert_non_null(r->why);
	r->left = NULL;
	key_store_end(r->store);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

static void
another_folder_has_the_orders_that_were_not_answered(void **state)
{
	struct rig *r = *state;

	r->left = hang;
	decide(r, 1, (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(key_store_note_disabled(r->store, 1000), 1);
	(void)key_store_step(r->store);
	r->left = NULL;
	(void)snprintf(r->other, sizeof(r->other), "%s-b", r->folder);
	assert_int_equal(mkdir(r->other, 0700), 0);
	r->conf->state_dir = r->other;
	serve(r);
	key_store_end(r->store);
	assert_int_equal(r->kept, 1);
	assert_null(r->why);
	restart(r);
	assert_int_equal(stats_key_off(r->stats, 1), KEY_OFF_DISABLED);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disabled_value_is_so_after_a_crash_until_it_is_enabled),
		TEST(a_value_that_only_drains_is_kept_as_disabled),
		TEST(who_disabled_a_value_is_kept_of_root_too),
		TEST(what_is_disabled_is_written_when_that_works_again),
		TEST(
		a_value_is_disabled_though_no_configuration_had_it_for_years),
		TEST(another_value_under_the_name_starts_afresh),
		TEST(rejection_and_promotion_are_kept_when_they_are_decided),
		TEST(
		which_end_was_told_and_given_up_is_kept_when_it_is_decided),
		TEST(a_rejection_that_is_to_come_was_long_ago),
		TEST(
		    what_was_disabled_or_rejected_first_tells_since_when_a_key_is_off),
		TEST(the_last_promotion_is_known_of_keys_that_nobody_has),
		TEST(what_the_api_told_is_kept_within_a_minute),
		TEST(another_folder_has_what_is_disabled_before_it_serves),
		TEST(a_move_erases_nothing_that_the_other_folder_disables),
		TEST(a_first_folder_has_what_is_disabled_before_it_serves),
		TEST(a_folder_that_cannot_be_written_is_not_moved_to),
		TEST(a_folder_whose_disk_does_not_answer_is_not_moved_to),
		TEST(what_is_ordered_during_a_move_is_so_in_both_folders),
		TEST(a_folder_that_knows_what_is_disabled_is_not_written),
		TEST(
		who_gives_the_folder_up_is_warned_of_what_a_restart_forgets),
		TEST(
		a_file_that_is_damaged_after_it_was_checked_fails_the_start),
		TEST(what_was_brought_is_so_though_its_file_is_damaged_since),
		TEST(what_was_brought_and_forgotten_disables_nothing),
		TEST(
		a_folder_is_had_from_when_it_is_brought_until_it_is_left),
		TEST(a_folder_by_another_name_is_had_all_the_time),
		TEST(
		what_was_enabled_meanwhile_is_not_disabled_in_another_folder),
		TEST(
		what_a_folder_disables_that_comes_later_is_so_and_stays_so),
		TEST(
		what_a_folder_disables_is_so_before_the_configuration_serves),
		TEST(what_is_remembered_takes_no_number_from_a_key_in_use),
		TEST(what_is_disabled_is_never_forgotten_for_others),
		TEST(a_disk_that_does_not_answer_holds_nobody_up_for_ever),
		TEST(
		orders_that_come_while_the_disk_works_are_written_together),
		TEST(at_the_end_it_waits_for_the_disk_but_not_for_ever),
		TEST(another_folder_has_the_orders_that_were_not_answered),
		TEST(without_a_folder_it_is_said_that_it_will_be_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Runs simulated worlds; see world.h and CONTRIBUTING.md.
 *
 *	sim [--from SEED] [--runs N | --seconds N]	many, each a seed more
 *	sim [--history] --seed SEED			one
 *
 * Where one finds something, the program runs itself with --again, too: this
 * run tells its history, and must find it once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "history.h"
#include "setting.h"
#include "world.h"

/* A run takes milliseconds; if it takes this many seconds it hangs. */
#define HANGS_S		60

struct order {
	uint64_t from, runs;
	double seconds;			/* 0: the number of runs counts */
	bool told;
	bool again;			/* something must be found */
};

const char	*__asan_default_options(void);
const char	*__ubsan_default_options(void);

/* Its findings are in the history, too. */
const char *
__asan_default_options(void)
{
	return "abort_on_error=1:handle_segv=1:allocator_may_return_null=0";
}

const char *
__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: sim [--history] [--from SEED | --seed SEED] "
	    "[--runs N | --seconds N]\n");
	exit(2);
}

static uint64_t
number(const char *s)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = s != NULL ? strtoull(s, &end, 10) : 0;
	if (s == NULL || *s == '\0' || *end != '\0' || errno != 0)
		usage();
	return n;
}

static void
read_order(char **argv, struct order *o)
{
	*o = (struct order){ .from = 1, .runs = 1000 };
	while (*++argv != NULL) {
		if (strcmp(*argv, "--history") == 0) {
			o->told = true;
		} else if (strcmp(*argv, "--again") == 0) {
			o->told = o->again = true;
		} else if (strcmp(*argv, "--from") == 0) {
			o->from = number(*++argv);
		} else if (strcmp(*argv, "--runs") == 0) {
			o->runs = number(*++argv);
		} else if (strcmp(*argv, "--seed") == 0) {
			o->from = number(*++argv);
			o->runs = 1;
		} else if (strcmp(*argv, "--seconds") == 0) {
			o->seconds = (double)number(*++argv);
		} else {
			usage();
		}
	}
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
goes_on(const struct order *o, uint64_t done, double began)
{
	if (o->seconds != 0)
		return now_s() - began < o->seconds;
	return done < o->runs;
}

/* The present run. */
static uint64_t seed;

static void
tell_that_it_hangs(int signal)
{
	(void)signal;
	dprintf(STDERR_FILENO, "seed %" PRIu64 ": hangs; see it by: "
	    "sim --seed %" PRIu64 " --history\n", seed, seed);
	_exit(1);
}

int
main(int argc, char **argv)
{
	double began = now_s(), cpu;
	unsigned long exchanges = 0;
	/* By its own time: the machine may be busy. */
	const struct itimerval hangs = { .it_value.tv_sec = HANGS_S };
	struct order o;
	uint64_t i = 0;

	(void)argc;
	read_order(argv, &o);
	history_program("/proc/self/exe");
	setting_make_keys();
	log_start(o.told ? STDERR_FILENO :
	    open("/dev/null", O_WRONLY | O_CLOEXEC),
	    o.told ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, NULL);
	(void)signal(SIGVTALRM, tell_that_it_hangs);
	for (; goes_on(&o, i, began); i++) {
		seed = o.from + i;
		(void)setitimer(ITIMER_VIRTUAL, &hangs, NULL);
		exchanges += world_run(seed, o.told);
	}
	if (o.again)
		finding("the same was found before, and is not found alone");
	cpu = cpu_seconds();
	printf("%" PRIu64 " worlds, %lu exchanges: all is as it must be "
	    "(%.0f exchanges per second of CPU)\n", i, exchanges,
	    (double)exchanges / cpu);
	setting_free_keys();
	return 0;
}

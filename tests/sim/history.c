/*
 * Histories and findings; see history.h.
 */
#include "history.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char *program;
static char seed_text[24];
static bool told;

bool
history_is_told(void)
{
	return told;
}

static void	say(const char *, const char *, va_list)
		    __attribute__((format(printf, 2, 0)));

static void
say(const char *before, const char *fmt, va_list ap)
{
	int64_t us = clock_monotonic() / 1000;

	fprintf(stderr, "%9" PRId64 ".%06" PRId64 " %s", us / 1000000,
	    us % 1000000, before);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void
history(const char *fmt, ...)
{
	va_list ap;

	if (!told)
		return;
	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

/* Runs the seed again with its history, also after an abort. */
static void
tell(int signal)
{
	char *const argv[] = { (char *)(uintptr_t)program,
	    (char *)(uintptr_t)"--again", (char *)(uintptr_t)"--seed",
	    seed_text, NULL };
	sigset_t none;

	(void)signal;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(program, argv);
	_exit(1);
}

void
finding(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!told && program != NULL) {
		say("once more, with what led to it: ", fmt, ap);
		tell(0);
	}
	say("NOT SO: ", fmt, ap);
	va_end(ap);
	/* A test that drives its network by hand has no other history. */
	if (program == NULL)
		abort();
	fprintf(stderr, "seed %s: found something; see it again by: "
	    "make sim SEED=%s\n", seed_text, seed_text);
	exit(1);
}

void
history_program(const char *path)
{
	static const int deaths[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
	    SIGILL, SIGALRM };

	program = path;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
		signal(deaths[i], tell);
}

void
history_begin(uint64_t seed, bool is_told)
{
	told = is_told;
	(void)snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed);
	if (told) {
		/* A second abort really aborts. */
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		signal(SIGALRM, SIG_DFL);
	}
}

/*
 * What happened in a run, for people, and the end of a run that found
 * something.  A run is first made without a history, for speed; a run that
 * fails is repeated with it, and is the same run.
 */
#ifndef TESTS_SIM_HISTORY_H
#define TESTS_SIM_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

/* argv[0], to run the program again. */
void	history_program(const char *path);

/* A run begins; told: its history is written to standard error. */
void	history_begin(uint64_t seed, bool told);

/* Whether the history is written. */
bool	history_is_told(void);

/* One line of it, with the time. */
void	history(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Reports an error of the program: the run and the program end here. */
void	finding(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2), noreturn));

/* An oracle's verdict. */
#define must(holds, ...) do {						\
	if (!(holds))							\
		finding(__VA_ARGS__);					\
} while (0)

#endif

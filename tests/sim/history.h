/*
 * What happened in a run, for people, and the end of a run that found
 * something.  A run is first made without a history, for speed; one that fails
 * is made again with it, which tells the same story.
 */
#ifndef TESTS_SIM_HISTORY_H
#define TESTS_SIM_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

/* argv[0], for who must run again. */
void	history_program(const char *path);

/* A run begins; told: its history is written to standard error. */
void	history_begin(uint64_t seed, bool told);

/* It is written. */
bool	history_is_told(void);

/* One line of it, with the time. */
void	history(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What is not as it must be: the run, and the program, end here. */
void	finding(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2), noreturn));

/* An oracle's verdict. */
#define must(holds, ...) do {						\
	if (!(holds))							\
		finding(__VA_ARGS__);					\
} while (0)

#endif

/*
 * Messages of the program; no other module of the verbs prints any.  Results go
 * to standard output; errors, warnings and remarks go to standard error.  Knows
 * no verb.
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/reasons.h"
#include "base/secret.h"
#include "conf/conf.h"

/* The result of a verb: the exit status of the program. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,		/* the reason was printed */
	CLI_USAGE = 2,		/* wrong usage */
	CLI_ATTENTION = 3,	/* done; what was found needs attention */
};

/* Prints to standard output. */
void		 say(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
void		 say_bytes(const void *, size_t n);

/* The same at once, without a buffer; false with errno. */
bool		 say_secret(const struct secret *);

/* Flushes standard output, before an editor or a question appears. */
void		 say_flush(void);

/*
 * Called at the end: an error of standard output, a full disk or a closed pipe,
 * is a failure like others.
 */
enum cli_exit	 say_finish(enum cli_exit);

/* Prints "sallyport: TEXT" to standard error; returns CLI_FAILED. */
enum cli_exit	 say_failed(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/*
 * Prints "sallyport check: TEXT" to standard error, and where to read about the
 * verb of this name; returns CLI_USAGE.
 */
enum cli_exit	 say_usage(const char *verb, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* Prints "sallyport: warning: TEXT", in colour where that is wanted. */
void		 say_warning(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* Prints "sallyport: TEXT", for what is no failure. */
void		 say_remark(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* Prints TEXT alone, without an end of the line. */
void		 say_aside(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* Prints all of them, "FILE:LINE: TEXT". */
void		 say_diagnostics(const struct conf_diagnostics *);

/* Prints and forgets all that were collected. */
void		 say_reasons(struct reasons *);

/* The same; returns good. */
bool		 say_why(struct reasons *, bool good);

/* Standard output and standard error, for code that writes to a file, such as
 * help. */
FILE		*say_output(void);
FILE		*say_errors(void);

/*
 * A word of the command line for a message; one that may be a key is withheld.
 */
const char	*say_word(const char *word);

#endif

/*
 * What the program says, and the only module of the verbs that does: what was
 * asked for on standard output, why something is not done and what is to be
 * known beside it on standard error.  Knows no verb.
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/reasons.h"
#include "base/secret.h"
#include "conf/conf.h"

/* How a verb ends: the exit status of the program. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,		/* the reason was said */
	CLI_USAGE = 2,		/* wrong usage */
};

/* To standard output, as it is. */
void		 say(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
void		 say_bytes(const void *, size_t n);

/* The same at once, through no buffer; false with errno. */
bool		 say_secret(const struct secret *);

/* What was said so far is there, before an editor or a question is. */
void		 say_flush(void);

/*
 * At the end: a full disk or a closed pipe behind standard output is a
 * failure like others.
 */
enum cli_exit	 say_finish(enum cli_exit);

/* To standard error, "sallyport: TEXT"; CLI_FAILED. */
enum cli_exit	 say_failed(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/*
 * To standard error, "sallyport check: TEXT" and where to read on, by the name
 * of the verb; CLI_USAGE.
 */
enum cli_exit	 say_usage(const char *verb, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* The same, "sallyport: warning: TEXT", in colour where that is wanted. */
void		 say_warning(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* The same, "sallyport: TEXT", of what is no failure. */
void		 say_remark(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* The same as it is, without an end of the line. */
void		 say_aside(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* All of them, "FILE:LINE: TEXT". */
void		 say_diagnostics(const struct conf_diagnostics *);

/* All that was collected, which is forgotten then. */
void		 say_reasons(struct reasons *);

/* The same of what was just done, and how that went. */
bool		 say_why(struct reasons *, bool good);

/* Standard output and standard error, for texts that are written into a file:
   help, for one. */
FILE		*say_output(void);
FILE		*say_errors(void);

/* A word of the command line for a message; what may be a key is withheld. */
const char	*say_word(const char *word);

#endif

/*
 * Checks a configuration text before libconfig reads it.  libconfig silently
 * accepts some errors: a comment that never ends hides the rest of the file,
 * numbers that do not fit are cut, "\x00" vanishes, and text behind a NUL is
 * not seen at all.  It leaves secrets in memory: a text in quotes in the wrong
 * place, such as a key's value without "=", is never freed.  And it only says
 * "syntax error", somewhere, where a bracket, a quote, "=" or a value is
 * missing, or an option is given twice.
 */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include <stdbool.h>

#include "base/text.h"
#include "conf/conf.h"

/* The error of a number that libconfig cuts. */
#define SCAN_TOO_LARGE	"this number is too large"

/* The @include lines of a text: the name as it was written. */
struct scan_include {
	char *name;
	unsigned line;
};
struct scan_includes {
	struct scan_include *v;
	size_t n, cap;
};
void	scan_includes_free(struct scan_includes *);

/*
 * Adds the errors it finds.  False: libconfig must not see the text.  A byte
 * order mark at the beginning is overwritten with spaces.  An escaped NUL
 * becomes "\x01", which the options refuse like any other control character,
 * each in its own words.
 *
 * With a list, an @include outside of all brackets, on a line of its own, is
 * added to it and overwritten with spaces, so that libconfig does not see it.
 * Any other @include is refused in a sealed text and left to libconfig
 * elsewhere.
 */
bool	scan_text(char *, size_t n, bool sealed, const char *file,
	    struct scan_includes *, struct conf_diagnostics *);

/* The same for a text that libconfig itself includes, within brackets. */
bool	scan_fragment(char *, size_t n, bool sealed, const char *file,
	    struct conf_diagnostics *);

#endif

/*
 * Configurations from texts instead of files, for the tests of conf: what
 * conf_load() does, without files and without age.
 */
#ifndef TESTS_UNIT_CONF_TEXTS_H
#define TESTS_UNIT_CONF_TEXTS_H

#include "conf/conf.h"

/*
 * The main file "main" and the content of a sealed file "sealed" (NULL:
 * none, and no reference to a key is a fault then).  conf_free() it; NULL
 * after a fault.
 */
struct conf	*texts_load(const char *main_text, const char *sealed_text,
		    struct conf_diagnostics *);

/*
 * Which options a main file gives, without the checks of the whole.  given
 * has N_OPTIONS elements.
 */
void		 texts_given(const char *main_text, bool *given,
		    struct conf_diagnostics *);

/* How many faults and warnings hold this text. */
size_t		 texts_count(const struct conf_diagnostics *, const char *);

#endif

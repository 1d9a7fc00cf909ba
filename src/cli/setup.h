/*
 * A first set-up: a folder with an identity, a file with one key sealed to
 * it, and a configuration that uses both.  Made as a whole or not at all;
 * overwrites nothing.  Called by `init`, which finds out what is to be in it.
 */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "conf/value.h"

#define SETUP_NAME	80

struct setup {
	char *folder;
	char *identity, *keys, *conf;	/* paths in there */
	const char *url, *listen;	/* borrowed */
	char *ca_file;			/* an absolute path; NULL: none */
	int64_t expires;		/* of the key; or CONF_NO_TIME */
	char host[VALUE_HOST];		/* of the URL */
	char name[SETUP_NAME];		/* of the key */
	struct secret *value;
	bool usual_place;		/* verbs look there unasked */
	bool made_identity, made_keys;	/* by us: may be removed again */
};

/*
 * Fills in the paths: in the folder that was given, or NULL for the usual
 * one.  False after it said that there is something already, or why there is
 * no such place.
 */
bool	setup_find_place(struct setup *, const char *given);

/*
 * Makes it; all but ca_file must be filled in, and be good.  False after it
 * said why not; nothing but empty folders is left then.
 */
bool	setup_make(struct setup *);

/* Wipes the value. */
void	setup_free(struct setup *);

#endif

/*
 * A first set-up: a folder with an identity, a file with one key sealed to it,
 * and a configuration that uses both.  It is made completely or not at all, and
 * overwrites nothing.  Called by `init`, which finds out its contents.
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
	char *identity, *keys, *conf;	/* paths in there; the identity of a
					   service is systemd's to pass */
	const char *url, *listen;	/* borrowed */
	char *ca_file;			/* an absolute path; NULL: none */
	int64_t expires, created;	/* of the key; or CONF_NO_TIME */
	char host[VALUE_HOST];		/* of the URL */
	char name[SETUP_NAME];		/* of the key */
	struct secret *value;
	bool usual_place;		/* verbs look there without -c */
	bool service;			/* made for sallyport.service */
	uint32_t group;			/* of the service */
	bool made_identity, made_keys;	/* made by us: removed after a
					   failure */
};

/*
 * Fills in the paths, in the folder that was given; NULL: the usual one.  Root
 * who gives none sets up the service, if its user is there.  False after
 * printing that there is a set-up already, or why there can be none.
 */
bool	setup_find_place(struct setup *, const char *given);

/*
 * Makes the files; all members but ca_file must be filled in and checked.
 * False after printing why not; then nothing but empty folders is left.
 */
bool	setup_make(struct setup *);

/* Wipes the value. */
void	setup_free(struct setup *);

#endif

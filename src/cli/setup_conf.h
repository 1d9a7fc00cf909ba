/*
 * The text of the configuration that a first set-up gets.
 */
#ifndef CLI_SETUP_CONF_H
#define CLI_SETUP_CONF_H

#include <stdbool.h>

/* The user and group of sallyport.service, and its folders. */
#define SETUP_USER	"sallyport"
#define SETUP_LOGS	"/var/log/sallyport"
#define SETUP_STATE	"/var/lib/sallyport"
#define SETUP_OWN_STATE	"state"	/* beside the configuration */
#define SETUP_RUNTIME	"/run/sallyport"

/* What is to be in it, for values between quotes as they are. */
struct setup_conf {
	bool service;		/* it is that of sallyport.service */
	const char *listen;
	const char *url;
	const char *ca_file;	/* NULL: the system's authorities */
	const char *key;	/* the name of the key */
	const char *admin;	/* a path for its socket; NULL: none */
};

/* To be freed. */
char	*setup_conf_text(const struct setup_conf *);

#endif

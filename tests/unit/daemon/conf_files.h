/*
 * For tests: a folder with what a configuration names: an identity, keys that
 * are sealed to it, and a certificate.
 */
#ifndef TESTS_UNIT_DAEMON_CONF_FILES_H
#define TESTS_UNIT_DAEMON_CONF_FILES_H

#include <stddef.h>

/* A folder with "identity", "keys.age" with the key "a", and "ca". */
void	conf_files_make(char dir[32]);
void	conf_files_remove(const char *dir);

/* A file there, that only its owner may read. */
void	conf_files_write(const char *dir, const char *name, const void *,
	    size_t n);
void	conf_files_text(const char *dir, const char *name, const char *text);

/* To be freed. */
char	*conf_files_path(const char *dir, const char *name);

#endif

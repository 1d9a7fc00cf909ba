/*
 * Words of commands that people paste into a shell.
 */
#ifndef BASE_SHELL_H
#define BASE_SHELL_H

/* A word, quoted where that is needed; to be freed. */
char	*shell_word(const char *);

#endif

/*
 * The folder of `state_dir`, where the parent keeps what outlives it.  What is
 * in it is obeyed, so nobody else may put files there.
 */
#ifndef CONF_STATE_FOLDER_H
#define CONF_STATE_FOLDER_H

#include <stdint.h>

/*
 * Why it cannot be one, to be freed, or NULL.  *warning says, to be freed, why
 * nothing can be written there now, or is NULL.  uid is the user that root
 * will become, or CONF_NO_ID.
 */
char	*state_folder_check(const char *path, uint32_t uid, char **warning)
	    __attribute__((warn_unused_result));

#endif

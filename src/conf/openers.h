/*
 * The users who may open a Unix socket, by the permissions of its name: the
 * kernel turns others away before the listener can check them.
 */
#ifndef CONF_OPENERS_H
#define CONF_OPENERS_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Warns where a listener's users or groups include some who cannot open it.
 * Without an owner or group option, these are our own.
 */
void		openers_check(struct reader *, const struct draft_listener *);

/* The group of new files beside path; CONF_NO_ID: that of their maker. */
uint32_t	openers_group_of_folder(const char *path);

#endif

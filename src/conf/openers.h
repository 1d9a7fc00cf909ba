/*
 * Who may open a Unix socket, by the rights that its name gets: whoever is
 * shut out by those is never asked who he is.
 */
#ifndef CONF_OPENERS_H
#define CONF_OPENERS_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Warns where a listener's users or groups name some who cannot open it.
 * Where it says no owner or group, that is us and ours.
 */
void		openers_check(struct reader *, const struct draft_listener *);

/* The group that whatever is made beside path gets; CONF_NO_ID: the maker's. */
uint32_t	openers_group_of_folder(const char *path);

#endif

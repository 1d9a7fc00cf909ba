/*
 * The log of clients that are refused before they are sessions: which of them
 * are told is decided by base/repeats.h.
 */
#ifndef CLIENT_REFUSAL_LOG_H
#define CLIENT_REFUSAL_LOG_H

#include <stddef.h>

#include "base/addr.h"
#include "conf/conf.h"
#include "net/loop.h"
#include "policy/fault.h"

struct refusal_log;

/* Both are borrowed. */
struct refusal_log	*refusal_log_new(struct loop *, const struct conf *);

/* Tells what was left out so far; NULL is fine. */
void			 refusal_log_free(struct refusal_log *);

void			 refusal_log_tell(struct refusal_log *,
			    size_t listener, const struct addr_ip *from,
			    enum fault, const char *why);

#endif

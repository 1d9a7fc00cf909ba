/*
 * Files of watched listeners that changed on disk and cannot be used: since
 * when, and why.  The parent keeps it, as the process that watches has it told
 * (tls_watch.h), which knows it from there when it is started anew.
 */
#ifndef DAEMON_TLS_REFUSED_H
#define DAEMON_TLS_REFUSED_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "pages/admin_news.h"

struct tls_refused;

/* Of this configuration, which is borrowed; none are refused. */
struct tls_refused	*tls_refused_new(const struct conf *);

/* NULL is fine. */
void			 tls_refused_free(struct tls_refused *);

/* The text of a message that says so; to be freed. */
char			*tls_refused_text(size_t listener, const char *why);

/*
 * Takes such a text, and that of one which says that they can be used again,
 * which is the same with why "": notes it, and logs it.
 */
void			 tls_refused_take(struct tls_refused *,
			    const char *text);

/* A reload has read all of them: what was refused is over, which is logged. */
void			 tls_refused_end(struct tls_refused *);

/* Why the files of a listener are refused; NULL: they are not. */
const char		*tls_refused_why(const struct tls_refused *,
			    size_t listener);

/* Adds the listeners that are watched to news; borrowed but for the list. */
void			 tls_refused_describe(const struct tls_refused *,
			    struct admin_news *);

#endif

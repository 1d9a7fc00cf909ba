/*
 * One file of certificates or of a key that an option names, while it is
 * loaded; what is wrong with it is told where the option was written.  Private
 * to the trust*.c files, which know what belongs into which file.
 */
#ifndef CONF_TRUST_FILE_H
#define CONF_TRUST_FILE_H

#include <stdbool.h>

#include "cert/report.h"
#include "cert/span.h"
#include "conf/loader.h"
#include "conf/source.h"

struct trust_file {
	struct loader *l;
	const struct conf_where *at;	/* of the option that names it */
	const char *option;
	const char *path;
	struct source source;
	struct cert_report report;	/* for cert's checks of it */
};

/*
 * Reads the file at path that this option of those names; a sealed one is
 * opened.  False after an error, and where path is NULL.  Where it stays is
 * used until trust_file_close(), which is to be called in any case.
 */
bool	trust_file_open(struct trust_file *, struct loader *,
	    const struct given *, enum option_id, const char *path,
	    enum source_access);
void	trust_file_close(struct trust_file *);

/* What of its text is no secret, in the memory of the configuration. */
struct text trust_file_public(const struct trust_file *);

/*
 * Notes an end, for a warning in time: of what is given but for .where, .what
 * and the times.
 */
void	trust_file_due(const struct trust_file *, struct conf_due,
	    struct cert_span);

/* The option needs the other one. */
void	trust_file_needs(struct loader *, const struct given *,
	    enum option_id, enum option_id other);

#endif

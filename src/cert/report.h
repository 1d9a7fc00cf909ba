/* Findings in a file of certificates, reported to the caller that checks it. */
#ifndef CERT_REPORT_H
#define CERT_REPORT_H

#include <stdbool.h>

struct cert_report {
	/* One finding, one line; a warning is no reason to refuse the file. */
	void (*tell)(void *owner, bool warning, const char *text);
	void *owner;
	bool failed;		/* a finding that is no warning was reported */
};

void	cert_fault(struct cert_report *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	cert_warning(struct cert_report *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif

/* The time in which a certificate or list is valid; seconds since 1970. */
#ifndef CERT_SPAN_H
#define CERT_SPAN_H

#include <stdint.h>

typedef struct asn1_string_st ASN1_TIME;

#define CERT_FOR_EVER	INT64_MAX

/* "CN=Example Root,O=Example", cut where it is longer. */
#define CERT_NAME	200

struct cert_span {
	int64_t from, until;
	char subject[CERT_NAME];	/* of the certificate that ends then,
					   where that is to be told; else "" */
};

/* The time in which both are valid: the later beginning, the earlier end. */
static inline struct cert_span
cert_span_both(struct cert_span a, struct cert_span b)
{
	return (struct cert_span){
		.from = a.from > b.from ? a.from : b.from,
		.until = a.until < b.until ? a.until : b.until,
	};
}

/* The time in seconds; 0, which is long past, where it cannot be read. */
int64_t	cert_seconds(const ASN1_TIME *);

#endif

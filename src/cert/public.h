/*
 * What everybody may know of a PEM file.
 */
#ifndef CERT_PUBLIC_H
#define CERT_PUBLIC_H

#include "base/arena.h"
#include "base/text.h"

/* Its blocks but the private keys, and nothing that stands around them. */
struct text	cert_public(struct arena *, struct text pem);

#endif

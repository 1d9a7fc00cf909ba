/*
 * What everybody may know of a PEM file.
 */
#ifndef CERT_PUBLIC_H
#define CERT_PUBLIC_H

#include "base/arena.h"
#include "base/text.h"

/*
 * Its certificates and lists, written anew: of what else is in it, private
 * keys perhaps, nothing is left.
 */
struct text	cert_public(struct arena *, struct text pem);

#endif

/* The public part of a PEM file. */
#ifndef CERT_PUBLIC_H
#define CERT_PUBLIC_H

#include "base/arena.h"
#include "base/text.h"

/*
 * Its certificates and lists, written anew, without anything else that is in
 * it, such as private keys.
 */
struct text	cert_public(struct arena *, struct text pem);

#endif

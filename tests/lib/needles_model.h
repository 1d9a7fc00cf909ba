/*
 * For tests: the search for a key as plain as can be.  A list of all ways in
 * which each character may be written, tried from every place of a body.
 */
#ifndef TESTS_LIB_NEEDLES_MODEL_H
#define TESTS_LIB_NEEDLES_MODEL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"
#include "upstream/needles.h"

/* Where the needle begins that ends first, or the body's length. */
size_t	needles_model(const struct needles *, struct text body);

/* Writes a character in one of the ways, chosen by any number. */
void	needles_model_write(char c, size_t number, struct buf *);

#endif

/*
 * For tests: the search for a key, as simple as possible.  A list of all forms
 * of each character, tried from every place of a body.
 */
#ifndef TESTS_LIB_NEEDLES_MODEL_H
#define TESTS_LIB_NEEDLES_MODEL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"
#include "upstream/secret_patterns.h"

/* The beginning of the pattern that ends first, or the body's length. */
size_t	secret_patterns_model(const struct secret_patterns *, struct text body);

/* Writes a character in one of its forms, chosen by any number. */
void	secret_patterns_model_write(char c, size_t number, struct buf *);

#endif

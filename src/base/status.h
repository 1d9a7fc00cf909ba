/*
 * Error codes.  A function that can fail returns one; STATUS_OK is 0.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

enum status {
#define STATUS(name, text) STATUS_##name,
#include "base/status.tbl"
#undef STATUS
};

/* The error in words for people: no capital, no full stop. */
const char	*status_text(enum status);

/* For functions whose result must not be ignored. */
#define MUST_CHECK	__attribute__((warn_unused_result))

#endif

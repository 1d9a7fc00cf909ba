/*
 * Identities and recipients of other programs, so that messages can call them
 * by their names.
 */
#ifndef SEAL_FOREIGN_H
#define SEAL_FOREIGN_H

#include "base/status.h"
#include "base/text.h"

/*
 * Why a line is no identity, or no recipient: STATUS_BAD_IDENTITY or
 * STATUS_BAD_RECIPIENT where its kind is unknown.  Only the beginning of the
 * line is looked at.
 */
enum status	foreign_identity(struct text line);
enum status	foreign_recipient(struct text line);

#endif

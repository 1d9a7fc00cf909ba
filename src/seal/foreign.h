/*
 * What other programs have for identities and recipients, so that messages
 * can call it by its name.
 */
#ifndef SEAL_FOREIGN_H
#define SEAL_FOREIGN_H

#include "base/status.h"
#include "base/text.h"

/*
 * Why a line is no identity, or no recipient: STATUS_BAD_IDENTITY or
 * STATUS_BAD_RECIPIENT where nobody knows what it is.  Of its content nothing
 * but its beginning is looked at.
 */
enum status	foreign_identity(struct text line);
enum status	foreign_recipient(struct text line);

#endif

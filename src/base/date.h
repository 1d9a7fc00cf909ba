/*
 * Dates and times as people and programs write them, to seconds since 1970
 * (UTC).  Pure: what depends on the present is told what time it is.  Nothing
 * is guessed, and what is left over makes a text unreadable.
 *
 *			strict			lenient
 *	forms		RFC 3339, or a date	the same, ISO 8601's basic
 *			alone			form, HTTP-date (RFC 9110
 *						section 5.6.7, all three),
 *						epoch seconds, milliseconds
 *	seconds		must be there		may be missing
 *	fraction	behind "."		behind "." or ","
 *	zone		"Z" or "+HH:MM"		also "+HHMM", "+HH", "UTC",
 *						"GMT", "+0000 UTC", behind a
 *						blank, or none: it is UTC
 *	around it	nothing			blanks, then quotes
 *	up to 1970	is a time		is none
 *
 * In both the case of letters does not count, a fraction is dropped, a blank
 * may stand for "T", second 60 is second 59, and a date alone is its
 * beginning: its end would be generous.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum date_result {
	DATE_READ,
	DATE_UNREADABLE,	/* the form is another one */
	DATE_IMPOSSIBLE,	/* there is no such day or time */
};

/* Strictly, for what is written to us.  *seconds is set if it was read. */
enum date_result	 date_parse_strict(struct text, int64_t *seconds);

/*
 * Leniently, for what others write.  A year of two digits is the last one
 * that is at most 50 years ahead of now, which is in seconds, too.
 */
bool			 date_parse_lenient(struct text, int64_t now,
			    int64_t *seconds);

/* A word for none: "null", "none", "never", "n/a", "-", or nothing at all. */
bool			 date_is_none(struct text);

#endif

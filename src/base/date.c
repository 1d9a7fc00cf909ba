/*
 * Dates and times; see date.h.
 *
 * A reader that takes one part after the other off a text; each form is a
 * list of parts.
 */
#include "base/date.h"

#include <stddef.h>

#include "base/clock.h"

/* A date and time as written, and the offset of its zone. */
struct moment {
	bool strict;			/* how it is read */
	int64_t now;			/* if not strictly: the present */
	int year, month, day;
	int hour, minute, second;
	int64_t offset;			/* seconds east of UTC */
};

/* A number of min to max digits. */
static bool
take_number(struct text *t, size_t min, size_t max, int *value)
{
	size_t n = 0;
	int v = 0;

	while (n < t->n && n < max && t->p[n] >= '0' && t->p[n] <= '9')
		v = v * 10 + (t->p[n++] - '0');
	if (n < min)
		return false;
	*t = (struct text){ .p = t->p + n, .n = t->n - n };
	*value = v;
	return true;
}

static bool
take(struct text *t, struct text what)
{
	if (t->n < what.n ||
	    !text_eq_nocase((struct text){ .p = t->p, .n = what.n }, what))
		return false;
	*t = (struct text){ .p = t->p + what.n, .n = t->n - what.n };
	return true;
}

static bool
take_month(struct text *t, int *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (take(t, (struct text){ .p = names + 3 * i, .n = 3 })) {
			*month = i + 1;
			return true;
		}
	}
	return false;
}

/* Skips the name of a day of the week, short or long. */
static bool
take_weekday(struct text *t)
{
	static const char *const names[] = {
		"Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday", "Sunday", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (take(t, text_of(names[i])))
			return true;
	}
	return false;
}

/* Skips a fraction of a second, however many digits it has. */
static bool
take_fraction(struct text *t, const struct moment *m)
{
	int ignored;

	if (!take(t, TEXT(".")) && (m->strict || !take(t, TEXT(","))))
		return true;
	if (!take_number(t, 1, 1, &ignored))
		return false;
	while (take_number(t, 1, 1, &ignored))
		continue;
	return true;
}

/* HH:MM, with seconds and a fraction where there are any. */
static bool
take_time(struct text *t, struct moment *m)
{
	m->second = 0;
	if (!take_number(t, 2, 2, &m->hour) || !take(t, TEXT(":")) ||
	    !take_number(t, 2, 2, &m->minute))
		return false;
	if (!take(t, TEXT(":")))
		return !m->strict;
	return take_number(t, 2, 2, &m->second) && take_fraction(t, m);
}

/* "+HH:MM"; leniently also "+HHMM" and "+HH". */
static bool
take_offset(struct text *t, struct moment *m)
{
	int sign, hours, minutes = 0;
	bool colon, more;

	sign = take(t, TEXT("+")) ? 1 : take(t, TEXT("-")) ? -1 : 0;
	if (sign == 0 || !take_number(t, 2, 2, &hours))
		return false;
	colon = take(t, TEXT(":"));
	more = colon || (t->n != 0 && ascii_is_digit(t->p[0]));
	if ((m->strict && !colon) ||
	    (more && !take_number(t, 2, 2, &minutes)) ||
	    hours > 23 || minutes > 59)
		return false;
	m->offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* "Z" or an offset; leniently also a name, "+0000 UTC" (Go), or none: UTC. */
static bool
take_zone(struct text *t, struct moment *m)
{
	if (m->strict)
		return take(t, TEXT("Z")) || take_offset(t, m);
	take(t, TEXT(" "));
	if (t->n == 0 || take(t, TEXT("Z")) || take(t, TEXT("UTC")) ||
	    take(t, TEXT("GMT")))
		return true;
	if (!take_offset(t, m))
		return false;
	return m->offset != 0 || !take(t, TEXT(" ")) || take(t, TEXT("UTC"));
}

/* RFC 3339 and similar forms: a date, then perhaps a time and a zone. */
static bool
read_iso(struct text t, struct moment *m)
{
	if (!take_number(&t, 4, 4, &m->year) || !take(&t, TEXT("-")) ||
	    !take_number(&t, 2, 2, &m->month) || !take(&t, TEXT("-")) ||
	    !take_number(&t, 2, 2, &m->day))
		return false;
	if (t.n == 0)
		return true;
	if (!take(&t, TEXT("T")) && !take(&t, TEXT(" ")))
		return false;
	return take_time(&t, m) && take_zone(&t, m) && t.n == 0;
}

/* "20270223T000000Z", ISO 8601's basic form. */
static bool
read_basic(struct text t, struct moment *m)
{
	return take_number(&t, 4, 4, &m->year) &&
	    take_number(&t, 2, 2, &m->month) &&
	    take_number(&t, 2, 2, &m->day) && take(&t, TEXT("T")) &&
	    take_number(&t, 2, 2, &m->hour) &&
	    take_number(&t, 2, 2, &m->minute) &&
	    take_number(&t, 2, 2, &m->second) && take_fraction(&t, m) &&
	    take_zone(&t, m) && t.n == 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
read_imf(struct text t, struct moment *m)
{
	return take_weekday(&t) && take(&t, TEXT(", ")) &&
	    take_number(&t, 1, 2, &m->day) && take(&t, TEXT(" ")) &&
	    take_month(&t, &m->month) && take(&t, TEXT(" ")) &&
	    take_number(&t, 4, 4, &m->year) && take(&t, TEXT(" ")) &&
	    take_time(&t, m) && take_zone(&t, m) && t.n == 0;
}

/*
 * "Sunday, 06-Nov-94 08:49:37 GMT".  RFC 9110 section 5.6.7: a year that
 * seems more than 50 years ahead is the last one in the past that ends so.
 */
static bool
read_rfc850(struct text t, struct moment *m)
{
	char now[CLOCK_TEXT];
	struct text today;
	int year;

	if (!take_weekday(&t) || !take(&t, TEXT(", ")) ||
	    !take_number(&t, 2, 2, &m->day) || !take(&t, TEXT("-")) ||
	    !take_month(&t, &m->month) || !take(&t, TEXT("-")) ||
	    !take_number(&t, 2, 2, &m->year) || !take(&t, TEXT(" ")) ||
	    !take_time(&t, m) || !take_zone(&t, m) || t.n != 0)
		return false;
	today = (struct text){ .p = now, .n = clock_format_s(now, m->now) };
	if (!take_number(&today, 4, 4, &year))
		return false;
	m->year += year - year % 100;
	if (m->year > year + 50)
		m->year -= 100;
	return true;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool
read_asctime(struct text t, struct moment *m)
{
	if (!take_weekday(&t) || !take(&t, TEXT(" ")) ||
	    !take_month(&t, &m->month) || !take(&t, TEXT(" ")))
		return false;
	take(&t, TEXT(" "));
	return take_number(&t, 1, 2, &m->day) && take(&t, TEXT(" ")) &&
	    take_time(&t, m) && take(&t, TEXT(" ")) &&
	    take_number(&t, 4, 4, &m->year) && t.n == 0;
}

/*
 * Seconds have 10 or 11 digits (2001 to 5138), milliseconds 13 or 14 (the
 * same years).  Any other number means something else.
 */
static bool
read_epoch(struct text t, int64_t *seconds)
{
	uint64_t v;

	if (!text_parse_u64(t, INT64_MAX, &v))
		return false;
	if (t.n == 13 || t.n == 14)
		v /= 1000;
	else if (t.n != 10 && t.n != 11)
		return false;
	*seconds = (int64_t)v;
	return true;
}

static enum date_result
conclude(const struct moment *m, int64_t *seconds)
{
	int64_t local;

	if (!clock_from_civil(m->year, m->month, m->day, m->hour, m->minute,
	    m->second, &local))
		return DATE_IMPOSSIBLE;
	*seconds = local - m->offset;
	return DATE_READ;
}

enum date_result
date_parse_strict(struct text t, int64_t *seconds)
{
	struct moment m = { .strict = true };

	return read_iso(t, &m) ? conclude(&m, seconds) : DATE_UNREADABLE;
}

static bool
read_any(struct text t, int64_t now, int64_t *seconds)
{
	static bool (*const forms[])(struct text, struct moment *) = {
		read_iso, read_basic, read_imf, read_rfc850, read_asctime,
	};

	if (read_epoch(t, seconds))
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct moment m = { .now = now };

		if (forms[i](t, &m))
			return conclude(&m, seconds) == DATE_READ;
	}
	return false;
}

/* The text without the blanks and quotes around it. */
static struct text
bare(struct text t)
{
	t = text_trim(t);
	if (t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"')
		t = (struct text){ .p = t.p + 1, .n = t.n - 2 };
	return t;
}

bool
date_parse_lenient(struct text t, int64_t now, int64_t *seconds)
{
	int64_t read;

	/* Year 1 and 1970 are how programs write "no time". */
	if (!read_any(bare(t), now, &read) || read <= 0)
		return false;
	*seconds = read;
	return true;
}

bool
date_is_none(struct text t)
{
	static const char *const words[] = { "", "-", "null", "nil", "none",
		"never", "n/a" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (text_eq_nocase(bare(t), text_of(words[i])))
			return true;
	}
	return false;
}

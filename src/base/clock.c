/*
 * Time; see clock.h.  The calendar arithmetic is our own because timegm() and
 * strptime() depend on the environment's zone and locale.
 */
#include "base/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static const struct clock_source *source;	/* NULL: the system */

void
clock_replace(const struct clock_source *replacement)
{
	source = replacement;
}

int64_t
clock_monotonic(void)
{
	return source == NULL ? read_clock(CLOCK_MONOTONIC) :
	    source->monotonic();
}

int64_t
clock_wall(void)
{
	return source == NULL ? read_clock(CLOCK_REALTIME) : source->wall();
}

int64_t
clock_boot(void)
{
	if (source == NULL)
		return read_clock(CLOCK_BOOTTIME);
	return source->boot != NULL ? source->boot() : source->monotonic();
}

/*
 * Days since 1970-01-01, and back.  Counting years from March puts the leap
 * day at the end of a year; 400 years are 146097 days.
 */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

struct civil {
	int year, month, day;
};

static struct civil
civil_from_days(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct civil){
		.year = (int)(yoe + era * 400) + (month <= 2 ? 1 : 0),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5) + 1,
	};
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool
clock_from_civil(int year, int month, int day, int hour, int minute,
    int second, int64_t *seconds)
{
	if (year < 0 || year > 9999 || month < 1 || month > 12)
		return false;
	if (day < 1 || day > days_in_month(year, month))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	if (second < 0 || second > 60)
		return false;
	if (second == 60)
		second = 59;
	*seconds = days_from_civil(year, month, day) * 86400 +
	    hour * 3600 + minute * 60 + second;
	return true;
}

/* 0000-01-01T00:00:00Z */
#define EARLIEST	INT64_C(-62167219200)

/* Exactly width digits: time stamps are written too often for printf. */
static char *
put_digits(char *p, unsigned width, unsigned value)
{
	for (unsigned i = width; i > 0; i--) {
		p[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return p + width;
}

/* Two digits, with one character before them. */
static char *
put_part(char *p, char before, int64_t value)
{
	p[0] = before;
	p[1] = (char)('0' + value / 10);
	p[2] = (char)('0' + value % 10);
	return p + 3;
}

/* Splits seconds since 1970 into the day and the second of that day. */
static int64_t
split_days(int64_t seconds, int64_t *rest)
{
	int64_t days;

	if (seconds < EARLIEST)
		seconds = EARLIEST;
	if (seconds > TIME_MOST)
		seconds = TIME_MOST;
	days = seconds / 86400;
	*rest = seconds % 86400;
	if (*rest < 0) {
		*rest += 86400;
		days--;
	}
	return days;
}

/* Up to the seconds; returns the end. */
static char *
format_seconds(char *p, int64_t seconds)
{
	int64_t rest, days = split_days(seconds, &rest);
	struct civil c = civil_from_days(days);

	p = put_digits(p, 4, (unsigned)c.year);
	p = put_part(p, '-', c.month);
	p = put_part(p, '-', c.day);
	p = put_part(p, 'T', rest / 3600);
	p = put_part(p, ':', rest / 60 % 60);
	return put_part(p, ':', rest % 60);
}

static size_t
end_text(const char *buf, char *end)
{
	*end++ = 'Z';
	*end = '\0';
	return (size_t)(end - buf);
}

size_t
clock_format_s(char *buf, int64_t seconds)
{
	return end_text(buf, format_seconds(buf, seconds));
}

size_t
clock_format_ms(char *buf, int64_t wall_ns)
{
	int64_t seconds = wall_ns / NS_PER_S;
	int64_t ms = wall_ns % NS_PER_S / NS_PER_MS;
	char *end;

	if (ms < 0) {
		ms += 1000;
		seconds--;
	}
	end = format_seconds(buf, seconds);
	*end++ = '.';
	return end_text(buf, put_digits(end, 3, (unsigned)ms));
}

static char *
put_name(char *p, const char *names, int64_t which)
{
	for (int i = 0; i < 3; i++)
		*p++ = names[3 * which + i];
	return p;
}

void
clock_format_http(char *buf, int64_t seconds)
{
	int64_t rest, days = split_days(seconds, &rest);
	struct civil c = civil_from_days(days);
	char *p;

	/* 719534 days before 1970 is a Sunday, earlier than any date shown. */
	p = put_name(buf, "SunMonTueWedThuFriSat", (days + 719534) % 7);
	*p++ = ',';
	p = put_part(p, ' ', c.day);
	*p++ = ' ';
	p = put_name(p, "JanFebMarAprMayJunJulAugSepOctNovDec", c.month - 1);
	*p++ = ' ';
	p = put_digits(p, 4, (unsigned)c.year);
	p = put_part(p, ' ', rest / 3600);
	p = put_part(p, ':', rest / 60 % 60);
	p = put_part(p, ':', rest % 60);
	for (const char *zone = " GMT"; *zone != '\0';)
		*p++ = *zone++;
	*p = '\0';
}

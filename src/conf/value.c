/*
 * Texts to numbers, times and bytes; see value.h.
 */
#include "conf/value.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/date.h"

struct unit {
	struct text name;
	uint64_t factor;
};

#define UNIT(name, factor)	{ { name, sizeof(name) - 1 }, factor }

/* From the smallest to the largest. */
static const struct unit times[] = {
	UNIT("ms", 1), UNIT("s", 1000), UNIT("m", 60 * 1000),
	UNIT("h", 3600 * 1000), UNIT("d", 24 * 3600 * 1000),
};
static const struct unit sizes[] = {
	UNIT("B", 1), UNIT("KiB", 1 << 10), UNIT("MiB", 1 << 20),
	UNIT("GiB", 1 << 30),
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/* Digits and a unit; NULL where the form is wrong. */
static const struct unit *
split_unit(struct text t, const struct unit *units, size_t n,
    struct text *digits)
{
	size_t at = 0;

	while (at < t.n && ascii_is_digit(t.p[at]))
		at++;
	*digits = (struct text){ .p = t.p, .n = at };
	if (at == 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (text_eq(text_range(t.p + at, t.p + t.n), units[i].name))
			return &units[i];
	}
	return NULL;
}

static const char *
parse_unit(struct text t, const struct unit *units, size_t n,
    const char *why, uint64_t *out)
{
	const struct unit *u;
	struct text digits;
	uint64_t v;

	u = split_unit(t, units, n, &digits);
	if (u == NULL)
		return why;
	if (!text_parse_u64(digits, INT64_MAX / u->factor, &v))
		return "too large";
	*out = v * u->factor;
	return NULL;
}

const char *
value_time(struct text t, int64_t *ms)
{
	uint64_t v;
	const char *why;

	why = parse_unit(t, times, N(times),
	    "not a time: digits and one of ms, s, m, h, d", &v);
	if (why == NULL)
		*ms = (int64_t)v;
	return why;
}

const char *
value_size(struct text t, uint64_t *bytes)
{
	if (text_eq(t, TEXT("0"))) {
		*bytes = 0;
		return NULL;
	}
	return parse_unit(t, sizes, N(sizes),
	    "not a size: digits and one of B, KiB, MiB, GiB", bytes);
}

static const struct unit periods[] = {
	UNIT("/s", 1), UNIT("/m", 60), UNIT("/h", 3600), UNIT("/d", 24 * 3600),
};

const char *
value_rate(struct text t, uint32_t *count, uint32_t *seconds)
{
	const struct unit *u;
	struct text digits;
	uint64_t v;

	u = split_unit(t, periods, N(periods), &digits);
	if (u == NULL)
		return "not a rate: digits and one of /s, /m, /h, /d";
	if (!text_parse_u64(digits, VALUE_RATE_MOST, &v) || v == 0)
		return "out of range (1 to 1000000)";
	*count = (uint32_t)v;
	*seconds = (uint32_t)u->factor;
	return NULL;
}

void
value_format_rate(char *out, uint32_t count, uint32_t seconds)
{
	const struct unit *u = periods;

	while (u->factor != seconds)
		u++;
	(void)snprintf(out, VALUE_TEXT, "%u%.*s", (unsigned)count,
	    TEXT_ARG(u->name));
}

static void
format_unit(char *out, uint64_t v, const struct unit *units, size_t n)
{
	const struct unit *u = &units[0];

	for (size_t i = 1; i < n && v != 0; i++) {
		if (v % units[i].factor == 0)
			u = &units[i];
	}
	(void)snprintf(out, VALUE_TEXT, "%llu%.*s",
	    (unsigned long long)(v / u->factor), TEXT_ARG(u->name));
}

void
value_format_time(char *out, int64_t ms)
{
	format_unit(out, (uint64_t)ms, times, N(times));
}

void
value_format_size(char *out, uint64_t bytes)
{
	format_unit(out, bytes, sizes, N(sizes));
}

const char *
value_mode(struct text t, uint32_t *mode)
{
	uint32_t v = 0;

	if (t.n < 3 || t.n > 4)
		return "not a mode such as \"0660\"";
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '7')
			return "not a mode: octal digits are 0 to 7";
		v = v << 3 | (uint32_t)(t.p[i] - '0');
	}
	if (v > 0777)
		return "not a mode: at most 0777";
	*mode = v;
	return NULL;
}

const char *
value_hex(struct text t, uint8_t *bytes, size_t n)
{
	if (t.n != 2 * n)
		return "too few or too many hexadecimal digits";
	for (size_t i = 0; i < n; i++) {
		struct text two = { .p = t.p + 2 * i, .n = 2 };
		uint64_t v;

		if (!text_parse_hex(two, 0xff, &v))
			return "not hexadecimal digits";
		bytes[i] = (uint8_t)v;
	}
	return NULL;
}

const char *
value_pin(struct text t, uint8_t sha256[32])
{
	static const char why[] =
	    "not a pin: \"sha256//\" and 44 characters of base64";
	const struct text prefix = TEXT("sha256//");
	uint8_t bytes[BASE64_ROOM(43)];
	size_t n = sizeof(bytes);

	if (!text_starts_with(t, prefix) || t.n != prefix.n + 44 ||
	    t.p[t.n - 1] != '=')
		return why;
	if (!base64_decode(text_range(t.p + prefix.n, t.p + t.n - 1), bytes,
	    &n) || n != 32)
		return why;
	memcpy(sha256, bytes, 32);
	return NULL;
}

const char *
value_date(struct text t, int64_t *seconds)
{
	switch (date_parse_strict(t, seconds)) {
	case DATE_READ:
		return NULL;
	case DATE_UNREADABLE:
		break;
	case DATE_IMPOSSIBLE:
		return "there is no such day or time";
	}
	return "not a time such as \"2027-02-23T00:00:00Z\" or "
	    "\"2027-02-23\"";
}

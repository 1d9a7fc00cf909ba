/*
 * Looking at cells; see cell.h.
 */
#include "keyfile/cell.h"

#include "conf/essu.h"
#include "conf/key_look.h"
#include "keyfile/key_peel.h"
#include "keyfile/label.h"

bool
cell_looks_like_key(struct text t)
{
	return key_look_is_known(key_peel(t, NULL, NULL).text);
}

bool
cell_may_be_key(struct text t)
{
	t = key_peel(t, NULL, NULL).text;
	return text_starts_with(t, ESSU_PREFIX) || key_look_is_known(t);
}

static bool
is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/*
 * Letters of one case, where the first may be of the other; those of other
 * alphabets, which no key has, count as small.
 */
static bool
is_word(struct text t)
{
	bool small = false, capital = false;

	for (size_t i = 0; i < t.n; i++) {
		if (is_ascii(t.p[i]) && (!ascii_is_alnum(t.p[i]) ||
		    ascii_is_digit(t.p[i])))
			return false;
		if (ascii_lower(t.p[i]) == t.p[i])
			small = true;
		else if (i != 0)
			capital = true;
	}
	return t.n != 0 && !(small && capital);
}

bool
cell_is_wordy(struct text t)
{
	const char *end = t.p + t.n, *from = t.p;

	if (t.n > LABEL_MAX || text_starts_with(t, TEXT("essu")) ||
	    text_contains(t, ESSU_PREFIX))
		return false;
	for (const char *p = t.p; p <= end; p++) {
		if (p < end && !ascii_is_one_of(*p, " _-"))
			continue;
		if (!is_word(text_range(from, p)))
			return false;
		from = p + 1;
	}
	return true;
}

/* Nothing but letters and characters that join them: those hide nothing. */
bool
cell_may_be_shown(struct text t)
{
	if (t.n > LABEL_MAX * 2 || (label_of(t) == LABEL_NONE &&
	    (t.n == 0 || !cell_is_wordy(t))))
		return false;
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]) && !ascii_is_one_of(t.p[i], " _-."))
			return false;
	}
	return true;
}

void
cell_make_name(struct text t, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t.n && n < CELL_NAME_SIZE - 1; i++) {
		if (ascii_is_alnum(t.p[i]) || t.p[i] == '.' || t.p[i] == '_')
			out[n++] = t.p[i];
		else if (n != 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n != 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
}

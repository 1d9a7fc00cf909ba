/*
 * Looking for bytes in memory; see needle.h.
 */
#include "needle.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define STEP	((size_t)65536)

void
needle_make(struct needle *needle, const uint8_t *p, size_t n)
{
	assert(n >= 16 && n <= NEEDLE_MAX);
	needle->n = n;
	for (size_t i = 0; i < n; i++)
		needle->turned[i] = (uint8_t)~p[i];
}

static size_t
count_in(const uint8_t *p, size_t n, const struct needle *needle)
{
	size_t found = 0, i, k;

	for (i = 0; i + needle->n <= n; i++) {
		for (k = 0; k < needle->n; k++) {
			if (p[i + k] + needle->turned[k] != 0xff)
				break;
		}
		found += k == needle->n;
	}
	return found;
}

static size_t
count_in_mapping(int mem, uint64_t from, uint64_t to,
    const struct needle *needle)
{
	static uint8_t bytes[STEP + NEEDLE_MAX];
	size_t found = 0, want;
	ssize_t n;

	/* Each search goes a little further, for matches across a border. */
	for (; from < to; from += STEP) {
		want = to - from < STEP + needle->n - 1 ?
		    (size_t)(to - from) : STEP + needle->n - 1;
		n = pread(mem, bytes, want, (off_t)from);
		if (n > 0)
			found += count_in(bytes, (size_t)n, needle);
		explicit_bzero(bytes, sizeof(bytes));
	}
	return found;
}

size_t
needle_count(const struct needle *needle)
{
	char line[512], mode[8];
	uint64_t from, to;
	size_t found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	assert(maps != NULL && mem >= 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to,
		    mode) == 3 && mode[0] == 'r' && mode[1] == 'w')
			found += count_in_mapping(mem, from, to, needle);
	}
	fclose(maps);
	close(mem);
	return found;
}

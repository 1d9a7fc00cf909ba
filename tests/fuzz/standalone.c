/*
 * Runs a fuzz target over the files named on the command line, where there is
 * no libFuzzer: make check runs the corpora with it.  Inputs have memory of
 * exactly their size, so that sanitizers see a read past the end.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fuzz.h"

/* The whole file, *n bytes; NULL with errno. */
static uint8_t *
read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	size_t got;

	*n = 0;
	if (f == NULL)
		return NULL;
	do {
		p = xreallocarray(p, *n + 65536, 1);
		got = fread(p + *n, 1, 65536, f);
		*n += got;
	} while (got != 0);
	fclose(f);
	return xreallocarray(p, *n, 1);
}

int
main(int argc, char **argv)
{
	uint8_t *p;
	size_t n;

	for (int i = 1; i < argc; i++) {
		if ((p = read_file(argv[i], &n)) == NULL) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
			return 1;
		}
		/* So that it is known after a crash. */
		printf("%s\n", argv[i]);
		fflush(stdout);
		LLVMFuzzerTestOneInput(p, n);
		free(p);
	}
	return 0;
}

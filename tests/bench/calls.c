/*
 * Notes every call of a program built with -finstrument-functions, for
 * calls.py, which links this to it.
 *
 * The trace is a ring in a file that CALLS_TRACE names and that calls.py maps
 * as well: a count of entries made so far, then the entries.  An entry is the
 * address of a function, with LEFT where it was left and not entered.
 * Processes forked from one share it; calls.py looks while one of them works.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES (1u << 20)
#define LEFT (UINT64_C(1) << 63)

void __cyg_profile_func_enter(void *, void *);
void __cyg_profile_func_exit(void *, void *);

static struct trace {
	uint64_t count;
	uint64_t entry[ENTRIES];
} *trace;

__attribute__((constructor))
static void
map_trace(void)
{
	const char *path = getenv("CALLS_TRACE");
	void *mapped;
	int fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return;
	mapped = mmap(NULL, sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (mapped != MAP_FAILED)
		trace = mapped;
	close(fd);
}

static void
note(uint64_t entry)
{
	if (trace == NULL)
		return;
	trace->entry[trace->count % ENTRIES] = entry;
	__atomic_store_n(&trace->count, trace->count + 1, __ATOMIC_RELEASE);
}

void
__cyg_profile_func_enter(void *function, void *caller)
{
	(void)caller;
	note((uintptr_t)function);
}

void
__cyg_profile_func_exit(void *function, void *caller)
{
	(void)caller;
	note((uintptr_t)function | LEFT);
}

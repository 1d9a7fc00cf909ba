/*
 * Shared pages; see mapping.h.
 */
#include "stats/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* Nobody but who has a writable mapping already can write from now on. */
static bool
seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) == 0;
}

static bool
map(struct stats_mapping *m)
{
	const int all = PROT_READ | PROT_WRITE;
	void *p;

	p = mmap(NULL, m->decided, all, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return false;
	m->decide = p;
	p = mmap(NULL, m->size, all, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return false;
	m->shared = p;
	return madvise(m->decide, m->decided, MADV_DONTFORK) == 0 &&
	    seal(m->fd) && mmap(m->shared, m->decided, PROT_READ,
	    MAP_SHARED | MAP_FIXED, m->fd, 0) != MAP_FAILED;
}

bool
stats_mapping_make(struct stats_mapping *m, size_t decided, size_t size)
{
	*m = (struct stats_mapping){ .decided = decided, .size = size };
	m->fd = memfd_create("sallyport stats", MFD_CLOEXEC |
	    MFD_ALLOW_SEALING);
	return m->fd != -1 && ftruncate(m->fd, (off_t)size) == 0 && map(m);
}

bool
stats_mapping_attach(struct stats_mapping *m, int fd)
{
	struct stat st;
	void *p;

	*m = (struct stats_mapping){ .fd = -1 };
	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return false;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return false;
	m->shared = p;
	m->size = (size_t)st.st_size;
	return true;
}

void
stats_mapping_end(struct stats_mapping *m)
{
	if (m->decide != NULL)
		munmap(m->decide, m->decided);
	if (m->shared != NULL)
		munmap(m->shared, m->size);
	if (m->fd != -1)
		close(m->fd);
}

void
stats_mapping_give_up(char *from, const char *to)
{
	if (from < to && mmap(from, (size_t)(to - from), PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		alloc_failed();
}

/*
 * The shared memory; see memory.h.
 *
 * Where things are is not in the shared memory, nor are the numbers of keys and
 * routes: a worker that was taken over must not control where the parent
 * writes.
 */
#include "stats/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "stats/ids.h"
#include "stats/layout.h"

struct stats_memory {
	int fd;
	size_t size;			/* of all that is mapped at shared */
	size_t n_slots;
	size_t slot_size;
	char *shared;			/* to read what is decided, and to write
					   the rest */
	struct stats_decided *decide;	/* the parent's, to write it */
	struct stats_known *known;
	char *slots;
	bool *taken;
	struct ids *keys, *routes;
};

static size_t
in_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page;
}

/* -- the mappings -- */

/* Nobody but who has a writable mapping already can write from now on. */
static bool
seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) == 0;
}

/*
 * What is decided is mapped twice: to be written, which no child inherits; and,
 * once it is sealed, so that it can be read, which is what children have.
 */
static bool
map(struct stats_memory *m)
{
	const size_t decided = in_pages(sizeof(struct stats_decided));
	const int all = PROT_READ | PROT_WRITE;
	void *p;

	p = mmap(NULL, decided, all, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return false;
	m->decide = p;
	p = mmap(NULL, m->size, all, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return false;
	m->shared = p;
	m->known = (struct stats_known *)(m->shared + decided);
	m->slots = m->shared + decided + in_pages(sizeof(*m->known));
	return madvise(m->decide, decided, MADV_DONTFORK) == 0 &&
	    seal(m->fd) && mmap(m->shared, decided, PROT_READ,
	    MAP_SHARED | MAP_FIXED, m->fd, 0) != MAP_FAILED;
}

struct stats_memory *
stats_memory_new(size_t slots, char *why, size_t why_size)
{
	struct stats_memory *m = xcalloc(1, sizeof(*m));

	assert(slots > 0 && slots <= STATS_SLOTS);
	m->n_slots = slots;
	m->slot_size = in_pages(sizeof(struct stats_slot));
	m->size = in_pages(sizeof(struct stats_decided)) +
	    in_pages(sizeof(struct stats_known)) + slots * m->slot_size;
	m->taken = xcalloc(slots, sizeof(*m->taken));
	m->keys = ids_new(STATS_KEYS);
	m->routes = ids_new(STATS_ROUTES);
	m->fd = memfd_create("sallyport stats", MFD_CLOEXEC |
	    MFD_ALLOW_SEALING);
	if (m->fd == -1 || ftruncate(m->fd, (off_t)m->size) != 0 || !map(m)) {
		(void)snprintf(why, why_size, "cannot make the memory that "
		    "processes share: %s", strerror(errno));
		stats_memory_free(m);
		return NULL;
	}
	m->taken[0] = true;
	atomic_store(&m->decide->slots, 1);
	return m;
}

void
stats_memory_free(struct stats_memory *m)
{
	if (m == NULL)
		return;
	if (m->decide != NULL)
		munmap(m->decide, in_pages(sizeof(*m->decide)));
	if (m->shared != NULL)
		munmap(m->shared, m->size);
	if (m->fd != -1)
		close(m->fd);
	ids_free(m->keys);
	ids_free(m->routes);
	free(m->taken);
	free(m);
}

int
stats_memory_fd(const struct stats_memory *m)
{
	return m->fd;
}

struct stats_decided *
stats_memory_decide(struct stats_memory *m)
{
	return m->decide;
}

const struct stats_decided *
stats_memory_decided(const struct stats_memory *m)
{
	return (const struct stats_decided *)m->shared;
}

struct stats_known *
stats_memory_known(const struct stats_memory *m)
{
	return m->known;
}

struct stats_slot *
stats_memory_slot(const struct stats_memory *m, size_t slot)
{
	assert(slot < m->n_slots);
	return (struct stats_slot *)(m->slots + slot * m->slot_size);
}

struct stats_worker *
stats_memory_parent(struct stats_memory *m)
{
	return &stats_memory_slot(m, 0)->worker;
}

/* -- slots -- */

/* From now on the counts of that slot are among the sums. */
static void
use(struct stats_memory *m, size_t slot)
{
	m->taken[slot] = true;
	if (slot >= atomic_load(&m->decide->slots))
		atomic_store(&m->decide->slots, (uint32_t)slot + 1);
}

bool
stats_memory_take(struct stats_memory *m, size_t n, size_t *slots, char *why,
    size_t why_size)
{
	size_t found = 0;

	for (size_t i = 0; i < m->n_slots && found < n; i++) {
		if (!m->taken[i])
			slots[found++] = i;
	}
	if (found < n) {
		(void)snprintf(why, why_size, "%zu more workers would be more "
		    "than %zu, those of older configurations that still end "
		    "included", n, m->n_slots - 1);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		use(m, slots[i]);
	return true;
}

void
stats_memory_give(struct stats_memory *m, size_t n, const size_t *slots)
{
	for (size_t i = 0; i < n; i++)
		m->taken[slots[i]] = false;
}

/* -- numbers -- */

static bool
number_keys(struct stats_memory *m, const struct conf *conf, uint32_t *keys,
    char *why, size_t why_size)
{
	for (size_t i = 0; i < conf->n_keys; i++) {
		struct text value = secret_text(conf->keys[i].value);
		uint8_t digest[DIGEST_SIZE];
		struct text name = {
			.p = (const char *)digest, .n = sizeof(digest),
		};

		if (!digest_sha256(value.p, value.n, digest)) {
			(void)snprintf(why, why_size, "key %s: no SHA-256 can "
			    "be had of its value", conf->keys[i].name);
			return false;
		}
		if (!ids_add(m->keys, name, &keys[i])) {
			(void)snprintf(why, why_size, "key %s would be one "
			    "more than the %d different ones that a process "
			    "can know: restart it", conf->keys[i].name,
			    STATS_KEYS);
			return false;
		}
	}
	return true;
}

static bool
number_routes(struct stats_memory *m, const struct conf *conf,
    uint32_t *routes, char *why, size_t why_size)
{
	for (size_t i = 0; i < conf->n_routes; i++) {
		const char *name = conf->routes[i].name;

		if (ids_add(m->routes, text_of(name), &routes[i]))
			continue;
		(void)snprintf(why, why_size, "route %s would be one more "
		    "than the %d different ones that a process can know: "
		    "restart it", name, STATS_ROUTES);
		return false;
	}
	return true;
}

bool
stats_memory_number(struct stats_memory *m, const struct conf *conf,
    uint32_t *keys, uint32_t *routes, char *why, size_t why_size)
{
	uint32_t n_keys = ids_count(m->keys), n_routes = ids_count(m->routes);

	if (number_keys(m, conf, keys, why, why_size) &&
	    number_routes(m, conf, routes, why, why_size))
		return true;
	ids_keep(m->keys, n_keys);
	ids_keep(m->routes, n_routes);
	return false;
}

/*
 * The shared memory; see memory.h.
 *
 * Where things are is not in the shared memory, nor are the numbers of keys,
 * routes and others: a worker that was taken over must not control where the
 * parent writes.
 */
#include "stats/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/layout.h"
#include "stats/mapping.h"
#include "stats/process.h"

struct stats_memory {
	struct stats_mapping pages;
	size_t n_slots;
	size_t slot_size, held_size;
	struct stats_known *known;
	char *held, *slots;
	bool *taken;
	struct numbering *numbering;
	uint64_t n_views;		/* that were made so far */
};

static size_t
in_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page;
}

/* What lies before the parts of which each process has one. */
static size_t
ahead(void)
{
	return in_pages(sizeof(struct stats_decided)) +
	    in_pages(sizeof(struct stats_known));
}

static void
set_parts(struct stats_memory *m)
{
	m->known = (struct stats_known *)(m->pages.shared +
	    in_pages(sizeof(struct stats_decided)));
	m->held = m->pages.shared + ahead();
	m->slots = m->held + m->n_slots * m->held_size;
}

static struct stats_memory *
new_memory(void)
{
	struct stats_memory *m = xcalloc(1, sizeof(*m));

	m->slot_size = in_pages(sizeof(struct stats_slot));
	m->held_size = in_pages(sizeof(struct stats_held));
	return m;
}

/* Early after boot the time is better than waiting for randomness. */
static void
set_seed(struct stats_decided *d)
{
	uint64_t seed[2];

	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed[0] = seed[1] = (uint64_t)clock_wall();
	for (size_t i = 0; i < 2; i++)
		atomic_store(&d->seed[i], seed[i]);
}

struct stats_memory *
stats_memory_new(size_t slots, char *why, size_t why_size)
{
	struct stats_memory *m = new_memory();
	struct stats_decided *d;

	assert(slots > 0 && slots <= STATS_SLOTS);
	m->n_slots = slots;
	m->taken = xcalloc(slots, sizeof(*m->taken));
	m->numbering = numbering_new();
	if (!stats_mapping_make(&m->pages, in_pages(sizeof(*d)), ahead() +
	    slots * (m->held_size + m->slot_size))) {
		(void)snprintf(why, why_size, "cannot make the memory that "
		    "processes share: %s", strerror(errno));
		stats_memory_free(m);
		return NULL;
	}
	set_parts(m);
	m->taken[0] = true;
	d = m->pages.decide;
	atomic_store(&d->slots, 1);
	atomic_store(&d->slot_size, sizeof(struct stats_slot));
	atomic_store(&d->started_ns, clock_wall());
	set_seed(d);
	return m;
}

void
stats_memory_free(struct stats_memory *m)
{
	if (m == NULL)
		return;
	stats_mapping_end(&m->pages);
	numbering_free(m->numbering);
	free(m->taken);
	free(m);
}

/* -- where others read it only -- */

struct stats_memory *
stats_memory_attach(int fd, char *why, size_t why_size)
{
	struct stats_memory *m = new_memory();

	if (stats_mapping_attach(&m->pages, fd) && m->pages.size > ahead())
		m->n_slots = (m->pages.size - ahead()) /
		    (m->held_size + m->slot_size);
	if (m->n_slots == 0 ||
	    atomic_load(&stats_memory_decided(m)->slot_size) !=
	    sizeof(struct stats_slot)) {
		(void)snprintf(why, why_size, "the memory that processes "
		    "share is not there, or of another version");
		stats_memory_free(m);
		return NULL;
	}
	set_parts(m);
	return m;
}

int
stats_memory_fd(const struct stats_memory *m)
{
	return m->pages.fd;
}

struct stats_decided *
stats_memory_decide(struct stats_memory *m)
{
	return m->pages.decide;
}

const struct stats_decided *
stats_memory_decided(const struct stats_memory *m)
{
	return (const struct stats_decided *)m->pages.shared;
}

struct stats_known *
stats_memory_known(const struct stats_memory *m)
{
	return m->known;
}

struct stats_held *
stats_memory_held(const struct stats_memory *m, size_t slot)
{
	assert(slot < m->n_slots);
	return (struct stats_held *)(m->held + slot * m->held_size);
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

struct numbering *
stats_memory_numbering(struct stats_memory *m)
{
	return m->numbering;
}

uint64_t
stats_memory_next_view(struct stats_memory *m)
{
	return ++m->n_views;
}

/* -- what the parent tells -- */

void
stats_memory_started(struct stats_memory *m)
{
	struct stats_decided *d = m->pages.decide;

	atomic_store(&d->last_load_good, true);
	atomic_store(&d->loaded, clock_wall() / NS_PER_S);
}

void
stats_memory_reloaded(struct stats_memory *m, bool good)
{
	struct stats_decided *d = m->pages.decide;

	if (good) {
		stats_memory_started(m);
		STATS_ADD(&d->reloads_done, 1);
	} else {
		atomic_store(&d->last_load_good, false);
		STATS_ADD(&d->reloads_refused, 1);
	}
}

/* CPU time of children that were waited for, in nanoseconds. */
static uint64_t
children_cpu_ns(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_CHILDREN, &u) != 0)
		return 0;
	return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) *
	    NS_PER_S + ((uint64_t)u.ru_utime.tv_usec +
	    (uint64_t)u.ru_stime.tv_usec) * (NS_PER_S / 1000000);
}

/*
 * That of a child is told a little less exactly once it was waited for, and
 * that of one which ends meanwhile is nowhere: what was noted is not taken
 * back.
 */
static void
note_cpu(struct stats_decided *d, uint64_t running_ns)
{
	uint64_t all = process_cpu_ns(0) + children_cpu_ns() + running_ns;

	if (all > atomic_load(&d->cpu_ns))
		atomic_store(&d->cpu_ns, all);
}

/* Opened each time: no child shall have them. */
void
stats_memory_beat(struct stats_memory *m, uint64_t running_ns, int64_t now)
{
	struct stats_process *s = &stats_memory_slot(m, 0)->process;
	struct process_probe p;

	note_cpu(m->pages.decide, running_ns);
	process_probe_open(&p);
	process_probe_note(&p, s, now);
	process_probe_close(&p);
}

/* -- slots -- */

void
stats_memory_keep_only(struct stats_memory *m, const struct stats_slot *slot)
{
	char *from = m->slots + ((const char *)slot - m->slots);

	stats_mapping_give_up(m->slots, from);
	stats_mapping_give_up(from + m->slot_size,
	    m->pages.shared + m->pages.size);
	close(m->pages.fd);
	m->pages.fd = -1;
}

/* From now on the counts of that slot are among the sums. */
static void
use(struct stats_memory *m, size_t slot)
{
	struct stats_decided *d = m->pages.decide;

	m->taken[slot] = true;
	if (slot >= atomic_load(&d->slots))
		atomic_store(&d->slots, (uint32_t)slot + 1);
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

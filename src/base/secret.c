/*
 * Secret bytes; see secret.h.
 *
 * Secrets are cut out of regions: mappings of their own, kept apart from the
 * heap.  Their descriptions (struct region, struct secret) lie in the heap and
 * hold no secret byte.  Forked children have a copy of that description and
 * share the regions, until they copy those, too; so only the process that made
 * a region cuts anything out of it or wipes anything in it.
 *
 * Called by every module that holds a key, an identity or a passphrase.  It
 * does not know what the bytes mean.
 */
#include "base/secret.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/alloc.h"

#define REGION_SIZE	((size_t)16 * 1024)	/* or a page */
#define GRAIN		((size_t)16)

struct region {
	struct region *next;
	uint8_t *base;
	size_t size;		/* between a page before and one behind it */
	bool many;		/* for many secrets; kept when it is empty, as
				   long as its epoch lasts */
	pid_t owner;
	unsigned epoch;
	bool left;		/* its memory is no longer mapped here */
	struct secret *first;	/* by address */
};

struct secret {
	struct secret *next;	/* in the same region, by address */
	struct region *region;
	uint8_t *p;
	size_t n;
	size_t room;		/* bytes it takes in the region, at least n */
};

/* The regions of this process and those it inherited. */
static struct region *regions;

/* The epoch of the regions that are made now. */
static unsigned epoch;

/* The memory they take now, and the most they took. */
static struct secret_memory memory = { .locked = true };

/* The size rounded up to a multiple of unit, a power of two. */
static size_t
round_up(size_t n, size_t unit)
{
	if (n > SIZE_MAX - unit)
		alloc_failed();
	return (n + unit - 1) & ~(unit - 1);
}

static size_t
page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* False where the kernel does not have it or may not lock so much. */
static bool
map_memfd_secret(void *at, size_t size)
{
#ifdef SYS_memfd_secret
	void *p = MAP_FAILED;
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);

	if (fd < 0)
		return false;
	if (ftruncate(fd, (off_t)size) == 0)
		p = mmap(at, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	return p != MAP_FAILED;
#else
	(void)at;
	(void)size;
	return false;
#endif
}

static void
map_anonymous(void *at, size_t size)
{
	if (mmap(at, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		alloc_failed();
	(void)madvise(at, size, MADV_DONTDUMP);
}

/* Room for a region, with the page before and that behind it. */
static uint8_t *
map_room(size_t size)
{
	void *p = mmap(NULL, size + 2 * page_size(), PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		alloc_failed();
	return (uint8_t *)p + page_size();
}

static void
unmap_room(uint8_t *p, size_t size)
{
	munmap(p - page_size(), size + 2 * page_size());
}

/* Memory for secrets in that room; that of memfd_secret(2) needs no lock. */
static void
map_secret(void *at, size_t size)
{
	if (map_memfd_secret(at, size))
		return;
	map_anonymous(at, size);
	if (mlock(at, size) != 0)
		memory.locked = false;
}

static struct region *
region_new(size_t size, bool many)
{
	struct region *r = xcalloc(1, sizeof(*r));

	r->size = round_up(size, page_size());
	r->many = many;
	r->owner = getpid();
	r->epoch = epoch;
	r->base = map_room(r->size);
	map_secret(r->base, r->size);
	memory.now += r->size;
	if (memory.now > memory.most)
		memory.most = memory.now;
	r->next = regions;
	regions = r;
	return r;
}

static void
region_free(struct region *r)
{
	struct region **at = &regions;

	assert(r->first == NULL);
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	memory.now -= r->size;
	unmap_room(r->base, r->size);
	free(r);
}

/*
 * The first gap of room bytes: *base is its beginning, the result the link for
 * the secret that goes there.  NULL: there is none.
 */
static struct secret **
region_gap(struct region *r, size_t room, uint8_t **base)
{
	struct secret **at;
	uint8_t *from = r->base;

	for (at = &r->first; *at != NULL; at = &(*at)->next) {
		if ((size_t)((*at)->p - from) >= room)
			break;
		from = (*at)->p + (*at)->room;
	}
	if (*at == NULL && (size_t)(r->base + r->size - from) < room)
		return NULL;
	*base = from;
	return at;
}

static struct secret *
region_cut(struct region *r, size_t room)
{
	struct secret *s, **at;
	uint8_t *base;

	if ((at = region_gap(r, room, &base)) == NULL)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->region = r;
	s->p = base;
	s->room = room;
	s->next = *at;
	*at = s;
	return s;
}

/* Large secrets have a region of their own, which is freed with them. */
static struct secret *
cut(size_t room)
{
	pid_t self = getpid();
	struct secret *s;

	if (room > REGION_SIZE / 2)
		return region_cut(region_new(room, false), room);
	for (struct region *r = regions; r != NULL; r = r->next) {
		if (r->owner != self || !r->many || r->epoch != epoch)
			continue;
		if ((s = region_cut(r, room)) != NULL)
			return s;
	}
	return region_cut(region_new(REGION_SIZE, true), room);
}

struct secret *
secret_new(size_t n)
{
	struct secret *s = cut(round_up(n != 0 ? n : 1, GRAIN));

	s->n = n;
	return s;
}

struct secret *
secret_copy(const void *bytes, size_t n)
{
	struct secret *s = secret_new(n);

	if (n != 0)
		memcpy(s->p, bytes, n);
	return s;
}

struct secret *
secret_join(const struct text *v, size_t n)
{
	struct secret *s;
	size_t all = 0;
	uint8_t *p;

	for (size_t i = 0; i < n; i++)
		all += v[i].n;
	s = secret_new(all);
	p = s->p;
	for (size_t i = 0; i < n; i++) {
		if (v[i].n != 0)
			memcpy(p, v[i].p, v[i].n);
		p += v[i].n;
	}
	return s;
}

void
secret_free(struct secret *s)
{
	struct secret **at;
	struct region *r;

	if (s == NULL)
		return;
	r = s->region;
	if (r->owner == getpid())
		explicit_bzero(s->p, s->room);
	for (at = &r->first; *at != s;)
		at = &(*at)->next;
	*at = s->next;
	free(s);
	if (r->first == NULL && (!r->many || r->epoch != epoch))
		region_free(r);
}

unsigned
secret_next_epoch(void)
{
	struct region *r, *next;

	epoch++;
	for (r = regions; r != NULL; r = next) {
		next = r->next;
		if (r->first == NULL)
			region_free(r);
	}
	return epoch;
}

/*
 * The description stays, for the sake of secrets that are freed later; the
 * memory becomes that of nobody.
 */
void
secret_keep_epoch(unsigned kept)
{
	pid_t self = getpid();

	for (struct region *r = regions; r != NULL; r = r->next) {
		if (r->owner == self || r->epoch == kept)
			continue;
		if (mmap(r->base, r->size, PROT_NONE, MAP_PRIVATE |
		    MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			alloc_failed();
		r->left = true;
	}
}

size_t
secret_len(const struct secret *s)
{
	return s->n;
}

uint8_t *
secret_bytes(struct secret *s)
{
	return s->p;
}

const uint8_t *
secret_read(const struct secret *s)
{
	return s->p;
}

struct text
secret_text(const struct secret *s)
{
	return (struct text){ .p = (const char *)s->p, .n = s->n };
}

void
secret_truncate(struct secret *s, size_t n)
{
	assert(n <= s->n);
	explicit_bzero(s->p + n, s->n - n);
	s->n = n;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return secret_equal_bytes(a, b->p, b->n);
}

bool
secret_equal_bytes(const struct secret *s, const void *p, size_t n)
{
	return s->n == n && secret_same(s->p, p, n);
}

bool
secret_same(const void *a, const void *b, size_t n)
{
	return n == 0 || CRYPTO_memcmp(a, b, n) == 0;
}

struct secret_memory
secret_memory(void)
{
	return memory;
}

size_t
secret_memory_of_first(size_t n)
{
	size_t room = round_up(n, GRAIN);

	return round_up(room > REGION_SIZE / 2 ? room : REGION_SIZE,
	    page_size());
}

static bool
may_lock_any(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, sets) == 0 &&
	    (sets[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &
	    CAP_TO_MASK(CAP_IPC_LOCK)) != 0;
}

size_t
secret_memory_limit(void)
{
	struct rlimit r;

	if (may_lock_any() || getrlimit(RLIMIT_MEMLOCK, &r) != 0 ||
	    r.rlim_cur > SIZE_MAX)
		return SIZE_MAX;
	return (size_t)r.rlim_cur;
}

/*
 * A copy at the same place.  A mapping of the parent's memory, however it is
 * protected, could be made writable again.
 */
static void
region_copy(const struct region *r)
{
	uint8_t *copy = map_room(r->size);

	map_secret(copy, r->size);
	memcpy(copy, r->base, r->size);
	if (mprotect(copy, r->size, PROT_READ) != 0 ||
	    mremap(copy, r->size, r->size, MREMAP_MAYMOVE | MREMAP_FIXED,
	    r->base) == MAP_FAILED)
		alloc_failed();
	unmap_room(copy, r->size);
}

void
secret_protect_inherited(void)
{
	pid_t self = getpid();

	for (const struct region *r = regions; r != NULL; r = r->next) {
		if (r->owner != self && !r->left)
			region_copy(r);
	}
}

enum status
secret_harden_process(void)
{
	static const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return STATUS_SYSTEM;
	return STATUS_OK;
}

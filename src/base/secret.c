/*
 * Secret bytes; see secret.h.
 *
 * Secrets are cut out of regions: mappings of their own, kept apart from the
 * heap.  What describes them (struct region, struct secret) lies in the heap
 * and holds no secret byte.  Regions are shared with forked children while
 * that description is copied, so only the process that made a region cuts
 * anything out of it or wipes anything in it.
 *
 * Called by whoever holds a key, an identity or a passphrase.  Knows nothing
 * of what the bytes mean.
 */
#include "base/secret.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/alloc.h"

#define REGION_SIZE	((size_t)16 * 1024)
#define GRAIN		((size_t)16)

/* From the best to the worst. */
enum backing {
	BACKING_MEMFD_SECRET,
	BACKING_MLOCK,
	BACKING_UNLOCKED,
};

struct region {
	struct region *next;
	uint8_t *base;
	size_t size;
	pid_t owner;
	enum backing backing;
	struct secret *first;	/* by address */
};

struct secret {
	struct secret *next;	/* in the same region, by address */
	struct region *region;
	uint8_t *p;
	size_t n;
	size_t room;		/* what it takes in the region, at least n */
};

/* The regions of this process and those it inherited. */
static struct region *regions;

/* The size rounded up to a multiple of unit, a power of two. */
static size_t
round_up(size_t n, size_t unit)
{
	if (n > SIZE_MAX - unit)
		alloc_failed();
	return (n + unit - 1) & ~(unit - 1);
}

/* NULL where the kernel does not have it or may not lock so much. */
static void *
map_memfd_secret(size_t size)
{
#ifdef SYS_memfd_secret
	void *p = MAP_FAILED;
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (ftruncate(fd, (off_t)size) == 0)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	close(fd);
	return p != MAP_FAILED ? p : NULL;
#else
	(void)size;
	return NULL;
#endif
}

static void *
map_anonymous(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		alloc_failed();
	madvise(p, size, MADV_DONTDUMP);
	return p;
}

static struct region *
region_new(size_t size)
{
	struct region *r = xcalloc(1, sizeof(*r));

	r->size = size;
	r->owner = getpid();
	r->backing = BACKING_MEMFD_SECRET;
	if ((r->base = map_memfd_secret(size)) == NULL) {
		r->base = map_anonymous(size);
		r->backing = mlock(r->base, size) == 0 ?
		    BACKING_MLOCK : BACKING_UNLOCKED;
	}
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
	munmap(r->base, r->size);
	free(r);
}

/*
 * The first gap of room bytes: *base is where it begins, the result where to
 * link what goes there.  NULL: there is none.
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

/* Large secrets have a region to themselves, which goes with them. */
static struct secret *
cut(size_t room)
{
	pid_t self = getpid();
	struct secret *s;

	if (room > REGION_SIZE / 2)
		return region_cut(region_new(round_up(room,
		    (size_t)sysconf(_SC_PAGESIZE))), room);
	for (struct region *r = regions; r != NULL; r = r->next) {
		if (r->owner != self || r->size != REGION_SIZE)
			continue;
		if ((s = region_cut(r, room)) != NULL)
			return s;
	}
	return region_cut(region_new(REGION_SIZE), room);
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

struct secret *
secret_take(void *bytes, size_t n)
{
	struct secret *s = secret_copy(bytes, n);

	if (n != 0)
		explicit_bzero(bytes, n);
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
	if (r->first == NULL && r->size != REGION_SIZE)
		region_free(r);
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
	return s->n == n && (n == 0 || CRYPTO_memcmp(s->p, p, n) == 0);
}

const char *
secret_backing(void)
{
	static const char *const names[] = {
		[BACKING_MEMFD_SECRET] = "memfd_secret",
		[BACKING_MLOCK] = "mlock",
		[BACKING_UNLOCKED] = "unlocked",
	};
	enum backing worst = BACKING_MEMFD_SECRET;

	if (regions == NULL)
		secret_free(secret_new(1));
	for (const struct region *r = regions; r != NULL; r = r->next) {
		if (r->backing > worst)
			worst = r->backing;
	}
	return names[worst];
}

void
secret_protect_inherited(void)
{
	pid_t self = getpid();

	for (struct region *r = regions; r != NULL; r = r->next) {
		if (r->owner == self)
			continue;
		(void)mprotect(r->base, r->size, PROT_READ);
		/* Pages of memfd_secret(2) never leave memory. */
		if (r->backing == BACKING_MLOCK &&
		    mlock(r->base, r->size) != 0)
			r->backing = BACKING_UNLOCKED;
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

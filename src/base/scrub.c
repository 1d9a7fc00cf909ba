/*
 * Overwrites the free memory of the C heap; secret_scrub_heap() of secret.h.
 *
 * glibc's M_PERTURB does not overwrite chunks that go to the per-thread cache,
 * where short strings go first.  So all free memory is taken instead,
 * overwritten, and given back: for each size, from the largest to the smallest
 * of the cache's classes, chunks are taken until one comes from memory that the
 * heap had not handed out before.  All free chunks of that size are ours then.
 * The fresh memory at the top of the heap, into which free chunks melt, comes
 * last.
 */
#include "base/secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/asan.h"

#if defined(__GLIBC__) && !defined(UNDER_ASAN)
#if __GLIBC_PREREQ(2, 33)
#define CAN_SCRUB 1
#endif
#endif

#ifdef CAN_SCRUB

#define CLASS_MAX	((size_t)1032)	/* the cache's largest class */
#define CLASS_MIN	((size_t)24)
#define CLASS_STEP	((size_t)16)
#define SLACK		((size_t)4 << 20)

/* A chunk that was taken; the link lies in its first bytes. */
struct taken {
	struct taken *next;
};

struct scrub {
	struct taken *taken;
	uintptr_t top;		/* where fresh memory began */
	size_t bytes, limit;	/* taken so far; a stop for strange heaps */
};

/* The chunk, overwritten; NULL where there is no more memory. */
static struct taken *
take(struct scrub *s, size_t size)
{
	struct taken *t = malloc(size);

	if (t == NULL)
		return NULL;
	/*
	 * Overwrites all that the allocator gave, not only what was asked for:
	 * the compiler, which fortifies string functions, must not know where t
	 * is from.
	 */
	__asm__ volatile("" : "+r"(t));
	explicit_bzero(t, malloc_usable_size(t));
	t->next = s->taken;
	s->taken = t;
	s->bytes += size;
	return t;
}

static void
take_class(struct scrub *s, size_t size)
{
	const struct taken *t;

	do
		t = take(s, size);
	while (t != NULL && (uintptr_t)t < s->top && s->bytes < s->limit);
}

static void
give_back(struct scrub *s)
{
	struct taken *t;

	while ((t = s->taken) != NULL) {
		s->taken = t->next;
		t->next = NULL;
		free(t);
	}
}

void
secret_scrub_heap(void)
{
	struct scrub s = { .taken = NULL };
	struct mallinfo2 info;
	size_t size;

	/* Joins small free chunks, returns whole free pages. */
	malloc_trim(0);
	info = mallinfo2();
	s.top = (uintptr_t)sbrk(0) - info.keepcost;
	s.limit = 2 * info.fordblks + SLACK;
	for (size = (size_t)64 << 10; size > CLASS_MAX; size /= 2)
		take_class(&s, size);
	for (size = CLASS_MAX; size >= CLASS_MIN; size -= CLASS_STEP)
		take_class(&s, size);
	/* The top, without the part that its bookkeeping needs. */
	size = mallinfo2().keepcost;
	if (size > 2 * CLASS_MIN)
		take(&s, size - 2 * CLASS_MIN);
	give_back(&s);
	malloc_trim(0);
}

#else

void
secret_scrub_heap(void)
{
	/* A heap that is not glibc's: no way to reach its free memory. */
}

#endif

/*
 * Somebody else's use of a key; see foreign_use.h.
 */
#include "policy/foreign_use.h"

#include "base/clock.h"

/* What may be wrong with our count. */
#define LEAST		10
#define PART		20

#define EPISODE_NS	(3600 * NS_PER_S)

void
foreign_use_sent(struct foreign_use *f)
{
	atomic_fetch_add_explicit(&f->sent, 1, memory_order_relaxed);
}

void
foreign_use_ended(struct foreign_use *f)
{
	atomic_fetch_add_explicit(&f->ended, 1, memory_order_relaxed);
}

/* What remains now is what is compared with from now on. */
static void
rebase(struct foreign_use *f, uint32_t remaining)
{
	atomic_store(&f->base, ((uint64_t)remaining + 1) << 32 |
	    atomic_load(&f->ended));
}

/* Of ours at most those were taken from it that had not ended at the base. */
static bool
is_foreign(const struct foreign_use *f, uint64_t base, uint32_t remaining,
    uint32_t limit)
{
	const uint64_t before = (base >> 32) - 1;
	const uint32_t ours = atomic_load(&f->sent) - (uint32_t)base;
	const uint64_t doubt = limit / PART > LEAST ? limit / PART : LEAST;

	return before > (uint64_t)remaining + ours + doubt;
}

/* Of all that see it, the one that notes the time first is the one. */
static bool
is_new(struct foreign_use *f, int64_t now)
{
	int64_t seen = atomic_load(&f->seen_at);

	return atomic_compare_exchange_strong(&f->seen_at, &seen, now) &&
	    (seen == 0 || now - seen > EPISODE_NS);
}

bool
foreign_use_told(struct foreign_use *f, uint32_t remaining, uint32_t limit,
    int64_t now)
{
	const uint64_t base = atomic_load(&f->base);
	bool foreign = base != 0 && is_foreign(f, base, remaining, limit);

	/* More remains than before: another window has begun. */
	if (base == 0 || foreign || remaining > (base >> 32) - 1)
		rebase(f, remaining);
	return foreign && is_new(f, now);
}

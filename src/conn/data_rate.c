/*
 * A bucket of time; see data_rate.h.
 */
#include "conn/data_rate.h"

#include "base/clock.h"

/* -- the bucket -- */

static void
look(struct data_rate *d, int64_t now_ns)
{
	if (d->seen_ns == 0)
		return;
	d->left_ns -= now_ns - d->seen_ns;
	d->seen_ns = now_ns;
}

static void
fill(struct data_rate *d, size_t n)
{
	uint64_t whole = d->rate != 0 ? n / d->rate : UINT64_MAX;

	/* This many seconds fill it, whatever was left. */
	if (whole >= (uint64_t)d->most_ns / NS_PER_S + 1) {
		d->left_ns = d->most_ns;
		return;
	}
	/* rate is at most 1 GiB: no overflow. */
	d->left_ns += (int64_t)whole * NS_PER_S +
	    (int64_t)(n % d->rate * NS_PER_S / d->rate);
	if (d->left_ns > d->most_ns)
		d->left_ns = d->most_ns;
}

/* Rounded up: a timer that is early would find some left. */
static int64_t
left_ms(const struct data_rate *d)
{
	return d->left_ns > 0 ? (d->left_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
}

/* -- and its timer -- */

static void
arm(struct data_rate *d)
{
	if (d->seen_ns != 0)
		timer_set(&d->timer, left_ms(d));
	else
		timer_clear(&d->timer);
}

void
data_rate_init(struct data_rate *d, struct loop *loop,
    void (*late)(void *owner), void *owner)
{
	*d = (struct data_rate){ .loop = loop };
	timer_init(&d->timer, loop, late, owner);
}

void
data_rate_end(struct data_rate *d)
{
	timer_end(&d->timer);
}

void
data_rate_begin(struct data_rate *d, int64_t most_ms, uint64_t rate)
{
	d->most_ns = d->left_ns = most_ms * NS_PER_MS;
	d->rate = rate;
	d->seen_ns = 0;
	timer_clear(&d->timer);
}

void
data_rate_cap(struct data_rate *d)
{
	look(d, loop_now(d->loop));
	d->most_ns = d->left_ns > 0 ? d->left_ns : 0;
	/* It ran out before, when late() did not end it. */
	if (d->most_ns == 0)
		arm(d);
}

void
data_rate_run(struct data_rate *d, bool runs)
{
	int64_t now;

	if (runs == (d->seen_ns != 0))
		return;
	now = loop_now(d->loop);
	look(d, now);
	d->seen_ns = runs ? now : 0;
	arm(d);
}

void
data_rate_feed(struct data_rate *d, size_t n)
{
	if (n == 0)
		return;
	look(d, loop_now(d->loop));
	fill(d, n);
	if (d->seen_ns != 0)
		arm(d);
}

int64_t
data_rate_left(struct data_rate *d)
{
	look(d, loop_now(d->loop));
	return left_ms(d);
}

#include "end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void
on_input(void *arg, const uint8_t *p, size_t n)
{
	struct end *e = arg;

	assert_true(n > 0);
	e->inputs++;
	buf_append(&e->in, p, n);
	if (e->stop_after != 0 && buf_len(&e->in) >= e->stop_after)
		link_want_input(e->link, false);
	if (e->asks_quiet)
		e->quiet = link_is_quiet(e->link);
	if (e->close_on_input)
		link_close(&e->link, LINK_END_NOW);
}

static void
on_eof(void *arg, bool clean)
{
	struct end *e = arg;

	assert_false(e->eof);
	e->eof = true;
	e->clean = clean;
}

static void
on_error(void *arg, enum link_error error)
{
	struct end *e = arg;

	assert_false(e->failed);
	e->failed = true;
	e->error = error;
}

static struct text
on_output(void *arg)
{
	struct end *e = arg;

	return buf_text(&e->out);
}

static void
on_output_done(void *arg, size_t n)
{
	struct end *e = arg;

	e->outputs++;
	buf_consume(&e->out, n);
}

const struct link_events end_events = {
	.input = on_input,
	.eof = on_eof,
	.error = on_error,
	.output = on_output,
	.output_done = on_output_done,
};

void
end_init(struct end *e)
{
	*e = (struct end){ .link = NULL };
	buf_init(&e->in, NULL);
	buf_init(&e->out, NULL);
}

void
end_release(struct end *e)
{
	link_close(&e->link, LINK_END_NOW);
	buf_release(&e->in);
	buf_release(&e->out);
}

/*
 * http/h1_sent: what is said of the output as it leaves, byte by byte, against
 * a model that knows the stream of each byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/blocks.h"
#include "base/buf.h"
#include "http/h1_sent.h"
#include "http/h1_write.h"

#define STREAMS	4
#define MOST	(1 << 16)

static const struct stream_events events;

struct world {
	struct blocks *blocks;
	struct buf out;
	struct h1_sent sent;
	uint8_t owner[MOST];	/* of each byte of out; 0: framing */
	size_t n;
	size_t left[STREAMS + 1];
	size_t told[STREAMS + 1];
	bool closed[STREAMS + 1];
};

/* Owners are addresses within this. */
static char owners[STREAMS + 1];

static void
note(struct world *w, size_t stream, size_t n)
{
	assert_true(w->n + n <= MOST);
	memset(w->owner + w->n, (int)stream, n);
	w->n += n;
}

static void
put_head(struct world *w, size_t stream)
{
	const char head[] = "HTTP/1.1 200 OK\r\n\r\n";

	buf_append(&w->out, head, strlen(head));
	h1_sent_frame(&w->sent, &events, &owners[stream], strlen(head));
	note(w, 0, strlen(head));
}

static void
put_chunk(struct world *w, size_t stream, size_t n)
{
	static const uint8_t body[MOST] = "0\r\n7\r\nff\r\n";
	size_t before = buf_len(&w->out), all;

	h1_write_chunk(&w->out, body, n);
	all = buf_len(&w->out) - before;
	h1_sent_chunk(&w->sent, &events, &owners[stream], all - n - 2, n);
	note(w, 0, all - n - 2);
	note(w, stream, n);
	note(w, 0, 2);
}

static void
put_end(struct world *w, size_t stream)
{
	size_t before = buf_len(&w->out), n;

	h1_write_chunks_end(&w->out, NULL);
	n = buf_len(&w->out) - before;
	h1_sent_frame(&w->sent, &events, &owners[stream], n);
	h1_sent_end(&w->sent, &events, &owners[stream]);
	note(w, 0, n);
}

static void
hear(struct world *w)
{
	struct h1_news news;

	while (h1_sent_next(&w->sent, false, &news)) {
		size_t stream = (size_t)((char *)news.owner - owners);

		assert_ptr_equal(news.on, &events);
		assert_false(w->closed[stream]);
		w->told[stream] += news.n;
		w->closed[stream] = news.closed;
	}
}

static void
leave(struct world *w, size_t n)
{
	h1_sent_left(&w->sent, buf_text(&w->out).p, n);
	buf_consume(&w->out, n);
	for (size_t i = 0; i < n; i++)
		w->left[w->owner[i]]++;
	w->n -= n;
	memmove(w->owner, w->owner + n, w->n);
}

static void
expect_all_told(const struct world *w)
{
	for (size_t i = 1; i <= STREAMS; i++)
		assert_int_equal(w->told[i], w->left[i]);
}

static struct world *
new_world(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->blocks = blocks_new(MOST, 1);
	buf_init(&w->out, w->blocks);
	return w;
}

static void
free_world(struct world *w)
{
	h1_sent_release(&w->sent);
	buf_release(&w->out);
	blocks_free(w->blocks);
	free(w);
}

static void
each_stream_is_told_to_the_byte_what_left_of_its_chunks(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct world *w = new_world();

		srand(seed);
		for (size_t stream = 1; stream <= STREAMS; stream++) {
			put_head(w, stream);
			for (int i = rand() % 20; i > 0; i--) {
				put_chunk(w, stream, 1 + (size_t)(rand() %
				    (rand() % 4 == 0 ? 600 : 20)));
				if (rand() % 3 != 0)
					continue;
				leave(w, (size_t)rand() % (w->n + 1));
				if (rand() % 2 == 0)
					hear(w);
			}
			put_end(w, stream);
		}
		while (w->n != 0) {
			leave(w, 1 + (size_t)rand() % w->n);
			hear(w);
			expect_all_told(w);
		}
		for (size_t i = 1; i <= STREAMS; i++)
			assert_true(w->closed[i]);
		free_world(w);
	}
}

static void
small_chunks_take_no_memory_of_their_own(void **state)
{
	struct world *w = new_world();

	(void)state;
	put_head(w, 1);
	for (unsigned i = 0; i < 10000; i++)
		put_chunk(w, 1, 1);
	assert_int_equal(w->sent.n, 1);
	assert_null(w->sent.more);
	leave(w, w->n - 4);
	hear(w);
	assert_int_equal(w->told[1], 9999);
	leave(w, 4);
	hear(w);
	assert_int_equal(w->told[1], 10000);
	free_world(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_stream_is_told_to_the_byte_what_left_of_its_chunks),
		cmocka_unit_test(small_chunks_take_no_memory_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Plain data as bytes, and what becomes of bytes that are no such data. */
#include "pages/packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct blocks *blocks;
static struct arena arena;
static struct buf b;

static int
setup(void **state)
{
	(void)state;
	blocks = blocks_new(4096, 0);
	arena_init(&arena, blocks);
	buf_init(&b, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	blocks_free(blocks);
	buf_release(&b);
	return 0;
}

static struct unpacking
unpacking_of(struct text t)
{
	return (struct unpacking){ .rest = t, .arena = &arena };
}

static void
what_was_packed_comes_back(void **state)
{
	struct unpacking u;

	(void)state;
	pack_u64(&b, UINT64_MAX);
	pack_str(&b, "text");
	pack_str(&b, "");
	pack_str(&b, NULL);
	u = unpacking_of(buf_text(&b));
	assert_true(unpack_u64(&u) == UINT64_MAX);
	assert_string_equal(unpack_str(&u), "text");
	assert_false(unpack_is_whole(&u));
	assert_string_equal(unpack_str(&u), "");
	assert_null(unpack_str(&u));
	assert_true(unpack_is_whole(&u));
}

static void
bytes_that_are_cut_anywhere_are_bad_and_read_as_nothing(void **state)
{
	(void)state;
	pack_u64(&b, 7);
	pack_str(&b, "text");
	for (size_t n = 0; n < buf_len(&b); n++) {
		struct unpacking u = unpacking_of((struct text){
			.p = buf_text(&b).p, .n = n });

		(void)unpack_u64(&u);
		assert_null(unpack_str(&u));
		assert_true(u.bad);
		assert_int_equal(unpack_u64(&u), 0);
		assert_false(unpack_is_whole(&u));
	}
}

static void
no_more_elements_are_counted_than_there_can_be(void **state)
{
	struct unpacking u;

	(void)state;
	pack_u64(&b, 3);
	pack_bytes(&b, "123456", 6);
	u = unpacking_of(buf_text(&b));
	assert_int_equal(unpack_count(&u, 2), 3);
	u = unpacking_of(buf_text(&b));
	assert_int_equal(unpack_count(&u, 3), 0);
	assert_true(u.bad);
}

static void
a_descriptor_holds_the_bytes_and_nobody_can_change_them(void **state)
{
	struct buf back;
	int fd;

	(void)state;
	pack_str(&b, "text");
	fd = pack_to_fd(&b);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	buf_init(&back, NULL);
	assert_false(unpack_from_fd(fd, buf_len(&b) - 1, &back));
	assert_true(unpack_from_fd(fd, buf_len(&b), &back));
	assert_true(text_eq(buf_text(&back), buf_text(&b)));
	buf_release(&back);
	close(fd);
}

static void
what_others_could_still_change_is_not_read(void **state)
{
	int fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(unpack_from_fd(fd, 100, &b));
	assert_false(unpack_from_fd(null, 100, &b));
	assert_false(unpack_from_fd(-1, 100, &b));
	close(fd);
	close(null);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_packed_comes_back),
		CASE(bytes_that_are_cut_anywhere_are_bad_and_read_as_nothing),
		CASE(no_more_elements_are_counted_than_there_can_be),
		CASE(a_descriptor_holds_the_bytes_and_nobody_can_change_them),
		CASE(what_others_could_still_change_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

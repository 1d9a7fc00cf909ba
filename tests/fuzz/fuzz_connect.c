/*
 * A proxy's answer to CONNECT.  The first byte says in what pieces the others
 * come.  However they are cut, the result is the same, and what is told of the
 * answer is one line without control characters.
 */
#include "fuzz.h"

#include <string.h>

#include "http/connect.h"

struct verdict {
	enum connect_result result;
	char why[200];
};

static struct verdict
judge(const uint8_t *p, size_t n, size_t piece)
{
	struct connect_answer *a = connect_answer_new(&codec_limits_default);
	struct verdict v = { .result = CONNECT_MORE };

	while (n != 0 && v.result == CONNECT_MORE) {
		size_t some = n < piece ? n : piece;

		v.result = connect_answer_input(a, p, some, v.why,
		    sizeof(v.why));
		p += some;
		n -= some;
	}
	/* Bytes behind an answer in pieces are for whoever reads on. */
	if (v.result == CONNECT_OPEN && n != 0)
		v.result = CONNECT_FAILED;
	connect_answer_free(a);
	return v;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct verdict whole, pieces;
	size_t piece;

	if (n == 0)
		return 0;
	piece = p[0] % 16 + 1;
	whole = judge(p + 1, n - 1, n);
	pieces = judge(p + 1, n - 1, piece);
	fuzz_assert(whole.result == pieces.result);
	fuzz_assert((whole.result == CONNECT_FAILED) ==
	    (whole.why[0] != '\0'));
	fuzz_assert(!text_has_control(text_of(whole.why)));
	return 0;
}

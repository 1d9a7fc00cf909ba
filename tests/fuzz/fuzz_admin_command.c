/*
 * What people tell the parent through the admin process: as a path, of which a
 * message is made that is read as the same; and as a message, which an intruder
 * may have written.
 */
#include "fuzz.h"

#include <string.h>

#include "daemon/admin_command.h"
#include "daemon/control_channel.h"

static void
check_again(const struct admin_message *m)
{
	char text[CONTROL_TEXT];
	struct admin_message again;

	if (!admin_message_write(m, text, sizeof(text)))
		return;
	fuzz_assert(admin_message_read(text, &again));
	fuzz_assert(again.its == m->its && again.who == m->who);
	fuzz_assert((again.command.key == NULL) == (m->command.key == NULL));
	if (m->command.key == NULL)
		return;
	fuzz_assert(again.command.order == m->command.order);
	fuzz_assert(strcmp(again.command.key, m->command.key) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text path = { .p = (const char *)p, .n = n };
	struct blocks *blocks = blocks_new(4096, 1);
	struct admin_message m = { .its = n };
	struct arena arena;

	arena_init(&arena, blocks);
	if (admin_command_of(path, &arena, &m.command))
		check_again(&m);
	if (n != 0 && memchr(p, 0, n) == NULL &&
	    admin_message_read(arena_cstr(&arena, path), &m))
		check_again(&m);
	arena_release(&arena);
	blocks_free(blocks);
	return 0;
}

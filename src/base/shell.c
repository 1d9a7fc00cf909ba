/*
 * Quoting for a shell; see shell.h.
 */
#include "base/shell.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

char *
shell_word(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,";
	struct buf b;
	char *word;

	if (s[0] != '\0' && s[strspn(s, plain)] == '\0')
		return xstrdup(s);
	buf_init(&b, NULL);
	for (; *s != '\0'; s++)
		buf_printf(&b, *s == '\'' ? "'\\''" : "%c", *s);
	word = xasprintf("'%.*s'", TEXT_ARG(buf_text(&b)));
	buf_release(&b);
	return word;
}

/*
 * Wrapping texts; see wrap.h.  The help texts use it.
 */
#include "base/wrap.h"

#include <string.h>

static size_t
put(const char *p, size_t n, size_t column, size_t indent, FILE *out)
{
	if (column > indent && column + 1 + n > WRAP_WIDTH) {
		(void)fprintf(out, "\n%*s", (int)indent, "");
		column = indent;
	} else if (column > indent) {
		(void)fputc(' ', out);
		column++;
	}
	(void)fwrite(p, 1, n, out);
	return column + n;
}

size_t
wrap_item(const char *item, size_t column, size_t indent, FILE *out)
{
	return put(item, strlen(item), column, indent, out);
}

void
wrap_print(const char *text, size_t column, size_t indent, FILE *out)
{
	size_t n;

	for (text += strspn(text, " "); *text != '\0';
	    text += strspn(text, " ")) {
		n = strcspn(text, " ");
		column = put(text, n, column, indent, out);
		text += n;
	}
	(void)fputc('\n', out);
}

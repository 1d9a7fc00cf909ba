/*
 * Text within HTML, as content of an element or between the quotes of an
 * attribute.
 */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/buf.h"
#include "base/text.h"

/*
 * Appends the text, which is UTF-8, so that none of it is markup.  Controls,
 * which HTML does not allow, become U+FFFD.
 */
void	html_escape(struct buf *, struct text);

#endif

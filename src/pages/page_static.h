/*
 * What is within the page of an admin listener and the same for all, a line
 * each, then NULL: made of page.css and page.js by page_static.awk.
 */
#ifndef PAGES_PAGE_STATIC_H
#define PAGES_PAGE_STATIC_H

extern const char *const page_style[], *const page_script[];

#endif

/*
 * How some servers make a path of a request target, by their documents and
 * sources and sharing nothing with src/: to compare with what the program
 * believes that servers could read.
 */
#ifndef TESTS_LIB_READERS_H
#define TESTS_LIB_READERS_H

#include <stdbool.h>
#include <stddef.h>

enum reader {
	READER_NGINX,		/* ngx_http_parse_complex_uri() */
	READER_NGINX_NO_MERGE,	/* merge_slashes off */
	READER_GO,		/* URL.Path and path.Clean(), before 1.22 */
	READER_GO_SEGMENTS,	/* ServeMux of 1.22: decodes each segment */
	READER_JETTY_9,		/* decodedPath, then canonicalPath() */
	READER_JETTY_12,	/* canonicalPath keeps "%2F" */
	READER_TOMCAT,		/* encodedSolidusHandling passthrough */
	READER_TOMCAT_DECODE,	/* ... decode; backslashes allowed */
	READER_NODE_URL,	/* req.url, each segment decoded */
	READER_NODE_WHATWG,	/* new URL(req.url).pathname, decoded */
	READER_NODE_STATIC,	/* path.normalize() of that */
	READER_TWO_IN_A_ROW,	/* decoded by one and by the next */
	READER_COUNT
};

const char	*reader_name(enum reader);

/* Stands for a slash that is part of a name. */
#define READER_SLASH	'\x01'

/*
 * Writes the path that the reader makes ("/a;x/%62" becomes "/a/b") into out,
 * which has room for as many bytes and one more; false: it refuses.
 */
bool		 reader_read(enum reader, const char *path, size_t n,
		    char *out, size_t *out_n);

#endif

/*
 * How servers read a path; see readers.h.
 */
#include "readers.h"

#include <string.h>

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The meaning of "%2F". */
enum slash { SLASH_DECODED, SLASH_IN_NAME };

static size_t
percent_decode(char *p, size_t n, enum slash slash)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != '%' || n - i < 3 || hex(p[i + 1]) < 0 ||
		    hex(p[i + 2]) < 0) {
			p[to++] = p[i];
			continue;
		}
		p[to] = (char)(hex(p[i + 1]) << 4 | hex(p[i + 2]));
		if (p[to] == '/' && slash == SLASH_IN_NAME)
			p[to] = READER_SLASH;
		to++;
		i += 2;
	}
	return to;
}

/* Jetty and Tomcat: from ";" to the end of the segment. */
static size_t
cut_parameters(char *p, size_t n)
{
	bool cutting = false;
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '/')
			cutting = false;
		else if (p[i] == ';')
			cutting = true;
		if (!cutting)
			p[to++] = p[i];
	}
	return to;
}

static size_t
merge(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != '/' || to == 0 || p[to - 1] != '/')
			p[to++] = p[i];
	}
	return to;
}

static size_t
dots_in(const char *p, size_t n, bool encoded)
{
	size_t dots = 0;

	for (size_t i = 0; i < n; dots++) {
		if (p[i] == '.')
			i++;
		else if (encoded && n - i >= 3 && p[i] == '%' &&
		    p[i + 1] == '2' && (p[i + 2] | 0x20) == 'e')
			i += 3;
		else
			return 0;
	}
	return dots;
}

/*
 * RFC 3986 section 5.2.4, segment by segment; -1 if a step leads above the root
 * and the reader refuses that.
 */
static long
resolve(char *p, size_t n, bool encoded, bool strict)
{
	size_t to = 0, i = 0;

	while (i < n) {
		size_t end = i + 1;
		bool last;

		while (end < n && p[end] != '/')
			end++;
		last = end == n;
		switch (dots_in(p + i + 1, end - i - 1, encoded)) {
		case 1:
			if (last)
				p[to++] = '/';
			break;
		case 2:
			if (to == 0 && strict)
				return -1;
			while (to > 0 && p[--to] != '/')
				;
			if (last)
				p[to++] = '/';
			break;
		default:
			memmove(p + to, p + i, end - i);
			to += end - i;
		}
		i = end;
	}
	if (to == 0)
		p[to++] = '/';
	return (long)to;
}

static size_t
backslashes(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\')
			p[i] = '/';
	}
	return n;
}

static long
read_path(enum reader reader, char *p, size_t n)
{
	switch (reader) {
	case READER_NGINX:
		n = merge(p, percent_decode(p, n, SLASH_DECODED));
		return resolve(p, n, false, true);
	case READER_NGINX_NO_MERGE:
		n = percent_decode(p, n, SLASH_DECODED);
		return resolve(p, n, false, true);
	case READER_GO:
		n = merge(p, percent_decode(p, n, SLASH_DECODED));
		return resolve(p, n, false, false);
	case READER_GO_SEGMENTS:
		n = (size_t)resolve(p, merge(p, n), false, false);
		return (long)percent_decode(p, n, SLASH_IN_NAME);
	case READER_JETTY_9:
		n = percent_decode(p, cut_parameters(p, n), SLASH_DECODED);
		return resolve(p, n, false, true);
	case READER_JETTY_12:
		n = percent_decode(p, cut_parameters(p, n), SLASH_IN_NAME);
		return resolve(p, n, false, true);
	case READER_TOMCAT:
		n = percent_decode(p, cut_parameters(p, n), SLASH_IN_NAME);
		return resolve(p, merge(p, n), false, true);
	case READER_TOMCAT_DECODE:
		n = percent_decode(p, cut_parameters(p, n), SLASH_DECODED);
		n = merge(p, backslashes(p, n));
		return resolve(p, n, false, true);
	case READER_NODE_URL:
		return (long)percent_decode(p, n, SLASH_IN_NAME);
	case READER_NODE_WHATWG:
		n = (size_t)resolve(p, n, true, false);
		return (long)percent_decode(p, n, SLASH_DECODED);
	case READER_NODE_STATIC:
		n = (size_t)resolve(p, n, true, false);
		n = merge(p, percent_decode(p, n, SLASH_DECODED));
		return resolve(p, n, false, false);
	case READER_TWO_IN_A_ROW:
		n = percent_decode(p, n, SLASH_DECODED);
		n = merge(p, percent_decode(p, n, SLASH_DECODED));
		return resolve(p, n, false, false);
	case READER_COUNT:
		break;
	}
	return -1;
}

bool
reader_read(enum reader reader, const char *path, size_t n, char *out,
    size_t *out_n)
{
	long len;

	memcpy(out, path, n);
	len = read_path(reader, out, n);
	if (len < 0)
		return false;
	*out_n = (size_t)len;
	return true;
}

const char *
reader_name(enum reader reader)
{
	static const char *const names[READER_COUNT] = {
		"nginx", "nginx without merge_slashes", "Go", "Go 1.22",
		"Jetty 9", "Jetty 12", "Tomcat", "Tomcat that decodes %2F",
		"Node's req.url", "Node's URL", "Node's static files",
		"two in a row",
	};

	return names[reader];
}

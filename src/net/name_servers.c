/*
 * The file of name servers; see name_servers.h.  c-ares reads the same file by
 * itself when a worker starts; later, when the worker can open no file, the
 * parent reads it here.
 */
#include "net/name_servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define FILE_MAX	((size_t)64 * 1024)
#define THIS_MACHINE	"127.0.0.1"

struct name_servers {
	char *path;
	struct stat known;
	unsigned version;
	char list[NAME_SERVERS_LIST];
};

/* -- the text -- */

static bool
append(char *list, const char *before, const char *address, const char *after)
{
	size_t at = strlen(list);
	int n = snprintf(list + at, NAME_SERVERS_LIST - at, "%s%s%s%s",
	    at != 0 ? "," : "", before, address, after);

	if ((size_t)n < NAME_SERVERS_LIST - at)
		return true;
	list[at] = '\0';
	return false;
}

static void
add_server(char *list, const char *address)
{
	uint8_t bytes[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, address, bytes) == 1)
		(void)append(list, "", address, "");
	else if (inet_pton(AF_INET6, address, bytes) == 1)
		(void)append(list, "[", address, "]");
}

/* "nameserver ADDRESS"; what follows is ignored, as the C library does. */
static void
add_line(char *list, char *line)
{
	static const char keyword[] = "nameserver", blank[] = " \t\r";
	const size_t n = sizeof(keyword) - 1;
	char *address, *at;

	if (strncmp(line, keyword, n) != 0 ||
	    (line[n] != ' ' && line[n] != '\t'))
		return;
	address = strtok_r(line + n, blank, &at);
	if (address != NULL)
		add_server(list, address);
}

void
name_servers_parse(const char *text, char list[NAME_SERVERS_LIST])
{
	char *copy = xstrdup(text), *at;

	list[0] = '\0';
	for (char *line = strtok_r(copy, "\n", &at); line != NULL;
	    line = strtok_r(NULL, "\n", &at))
		add_line(list, line);
	free(copy);
	if (list[0] == '\0')
		(void)append(list, "", THIS_MACHINE, "");
}

/* -- the file -- */

/* Its beginning, which is all of it; NULL: it cannot be read. */
static char *
read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;
	size_t n = 0;
	ssize_t got = 1;

	if (fd == -1)
		return NULL;
	text = xcalloc(1, FILE_MAX + 1);
	while (n < FILE_MAX && (got = read(fd, text + n, FILE_MAX - n)) > 0)
		n += (size_t)got;
	close(fd);
	if (got >= 0)
		return text;
	free(text);
	return NULL;
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
look(struct name_servers *s)
{
	struct stat now;
	char *text;

	if (stat(s->path, &now) != 0 || is_same_file(&now, &s->known))
		return;
	text = read_text(s->path);
	if (text == NULL)
		return;
	name_servers_parse(text, s->list);
	free(text);
	s->known = now;
	s->version++;
}

const char *
name_servers_news(struct name_servers *s, unsigned *version)
{
	look(s);
	if (*version == s->version)
		return NULL;
	*version = s->version;
	return s->list;
}

unsigned
name_servers_version(const struct name_servers *s)
{
	return s->version;
}

struct name_servers *
name_servers_new(const char *path)
{
	struct name_servers *s = xcalloc(1, sizeof(*s));

	s->path = xstrdup(path);
	(void)stat(path, &s->known);
	return s;
}

void
name_servers_free(struct name_servers *s)
{
	if (s == NULL)
		return;
	free(s->path);
	free(s);
}

/*
 * The name servers of a resolv.conf(5), and whether that file has changed since
 * somebody was told of them.
 */
#ifndef NET_NAME_SERVERS_H
#define NET_NAME_SERVERS_H

#include <stddef.h>

struct name_servers;

/*
 * The file as it is now counts as known; it is not read before it has changed.
 */
struct name_servers	*name_servers_new(const char *path);
void			 name_servers_free(struct name_servers *);

/* How often it was seen to have changed. */
unsigned		 name_servers_version(const struct name_servers *);

/*
 * Looks at the file.  NULL: nothing is new for somebody who was told at that
 * version.  Otherwise the list as dns_looked() takes it, valid until the next
 * call, and its version.  A file that cannot be read has not changed.
 */
const char		*name_servers_news(struct name_servers *,
			    unsigned *version);

/* Ends in NUL; a list that is longer is cut behind a name server. */
#define NAME_SERVERS_LIST	1024

/*
 * The addresses in the text of a resolv.conf(5), as "192.0.2.1,[2001:db8::1]";
 * where it has none, that of this machine, as resolv.conf(5) has it.  Those
 * with a zone, such as fe80::1%eth0, are left out: to find the interface takes
 * a system call that a worker may not make.
 */
void			 name_servers_parse(const char *text,
			    char list[NAME_SERVERS_LIST]);

#endif

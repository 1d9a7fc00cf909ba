/*
 * Opening a file by its path, one folder after the other, so that whoever
 * opens it can look at each of them, and at each link, on the way.  What was
 * looked at is what was gone through: the descriptor of a folder is held while
 * the next name is looked up in it.
 */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include <sys/stat.h>

/*
 * Whoever looks.  A relative path goes through the folders above the working
 * directory, too, as far as we may see them.  The folder was opened with
 * O_PATH and is not the callee's; it and links are those in the folder last
 * seen, but for the first one and a root that a link leads to.
 */
struct walk_look {
	void (*folder)(void *ctx, int fd);
	void (*link)(void *ctx, const struct stat *);
	void *ctx;
};

/*
 * Opens as open() would, without making a file.  Links of /proc, such as
 * /dev/fd/63 leads to, are followed by the kernel.  The descriptor, or -1
 * with errno.
 */
int	walk_open(const char *path, int flags, const struct walk_look *);

#endif

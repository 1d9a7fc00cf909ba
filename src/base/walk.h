/*
 * Opening a file by its path, one folder after the other, so that the caller
 * can check each of them, and each link, on the way.  The walk goes through the
 * very folders that were checked: the descriptor of a folder is held while the
 * next name is looked up in it.
 */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include <sys/stat.h>

/*
 * The checks of the caller.  A relative path goes through the folders above the
 * working directory, too, as far as we may see them.  The folder was opened
 * with O_PATH and is not the callee's.  Folder and link lie in the folder
 * checked before, except the first one and a root that a link leads to.
 */
struct walk_look {
	void (*folder)(void *ctx, int fd);
	void (*link)(void *ctx, const struct stat *);
	void *ctx;
};

/*
 * Opens as open() would, without making a file.  Links of /proc, such as that
 * behind /dev/fd/63, are followed by the kernel.  Returns the descriptor, or -1
 * with errno.
 */
int	walk_open(const char *path, int flags, const struct walk_look *);

#endif

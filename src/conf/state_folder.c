/*
 * The folder of `state_dir`; see state_folder.h.  It knows nothing of the files
 * in it.
 */
#include "conf/state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file_judge.h"
#include "base/walk.h"

/* What is wrong with the folder itself, or NULL. */
static char *
judge_folder(int fd, uint32_t uid)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return xstrdup(strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return xstrdup("is not a directory");
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != uid)
		return xasprintf("belongs to user %u, and not to the user who "
		    "runs this: chown it", (unsigned)st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return xasprintf("others may put files there (mode %04o): "
		    "chmod go-w it", (unsigned)st.st_mode & 07777U);
	return NULL;
}

char *
state_folder_check(const char *path, uint32_t uid, char **warning)
{
	struct file_judge judge = { .role = FILE_OBEYED };
	const struct walk_look look = { .folder = file_judge_folder,
		.link = file_judge_link, .ctx = &judge };
	int fd = walk_open(path, O_PATH | O_CLOEXEC, &look);
	char *why;

	*warning = NULL;
	if (fd == -1)
		return xstrdup(errno == ENOENT ? "there is no such directory" :
		    strerror(errno));
	why = judge_folder(fd, uid);
	if (why == NULL && judge.why != NULL)
		why = xstrdup(judge.why);
	if (why == NULL && access(path, W_OK | X_OK) != 0)
		*warning = xasprintf("%s: what becomes of keys is not kept "
		    "until that is mended", strerror(errno));
	file_judge_free(&judge);
	(void)close(fd);
	return why;
}

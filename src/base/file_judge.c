/*
 * Judging who may write or read a file; see file_judge.h.  It does not know
 * what is in it.  Called by file.c.
 */
#include "base/file_judge.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"

/* The path of an open file, as far as it can be found. */
static char *
name_of(int fd)
{
	char *link = xasprintf("/proc/self/fd/%d", fd), path[PATH_MAX];
	ssize_t n = readlink(link, path, sizeof(path));

	free(link);
	return n > 0 ? xstrndup(path, (size_t)n) : xstrdup("its folder");
}

static bool
is_read_only(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0;
}

static unsigned
mode_of(const struct stat *st)
{
	return st->st_mode & 07777;
}

/* The first reason counts. */
static void
refuse(struct file_judge *j, char *why)
{
	if (j->why == NULL)
		j->why = why;
	else
		free(why);
}

static void
warn(struct file_judge *j, char *warning)
{
	if (j->warning == NULL)
		j->warning = warning;
	else
		free(warning);
}

/* The user is root or one of us. */

static bool
is_ours(const struct file_judge *j, uid_t uid)
{
	return uid == 0 || uid == geteuid() ||
	    (j->us.user && uid == j->us.uid);
}

static bool
is_our_group(const struct file_judge *j, gid_t gid)
{
	int n = getgroups(0, NULL);
	gid_t *groups;
	bool found = gid == getegid() ||
	    (j->us.group && gid == j->us.gid);

	if (found || n <= 0)
		return found;
	groups = xcalloc((size_t)n, sizeof(*groups));
	n = getgroups(n, groups);
	for (int i = 0; i < n && !found; i++)
		found = groups[i] == gid;
	free(groups);
	return found;
}

/* Folders and links. */

static void
warn_of_folder(struct file_judge *j, int fd, const struct stat *st)
{
	if (j->folder != NULL)
		return;
	j->folder = name_of(fd);
	j->folder_warning = xasprintf("its group may write this folder (mode "
	    "%04o), and so put another file in the place of one that "
	    "sallyport reads", mode_of(st));
}

/* The owner of a link or file chooses where it leads, or what is in it. */
static void
judge_maker(struct file_judge *j, const struct stat *st, const char *what)
{
	if (j->shared && !is_ours(j, st->st_uid))
		refuse(j, xasprintf("%s in a folder that everybody may "
		    "write, and belongs to user %u: neither root nor who "
		    "runs this put it there", what, (unsigned)st->st_uid));
}

void
file_judge_folder(void *judge, int fd)
{
	struct file_judge *j = judge;
	struct stat st;
	char *name;

	if (fstat(fd, &st) != 0)
		return;
	judge_maker(j, &st, "a folder on the way to it lies");
	j->shared = false;
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 || is_read_only(fd))
		return;
	if ((st.st_mode & S_ISVTX) != 0) {
		j->shared = (st.st_mode & S_IWOTH) != 0;
	} else if ((st.st_mode & S_IWOTH) != 0) {
		name = name_of(fd);
		refuse(j, xasprintf("everybody may write the folder %s (mode "
		    "%04o), and so put another file in its place: chmod o-w "
		    "%s", name, mode_of(&st), name));
		free(name);
	} else {
		warn_of_folder(j, fd, &st);
	}
}

void
file_judge_link(void *judge, const struct stat *st)
{
	judge_maker(judge, st, "a link on the way to it lies");
}

/* The file. */

static void
judge_writers(struct file_judge *j, int fd, const struct stat *st)
{
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0 || is_read_only(fd))
		return;
	if ((st->st_mode & S_IWOTH) != 0)
		refuse(j, xasprintf("everybody may write it (mode %04o): "
		    "see what is in it, and chmod o-w it", mode_of(st)));
	else
		warn(j, xasprintf("its group may write it (mode %04o)",
		    mode_of(st)));
}

static void
refuse_readers(struct file_judge *j, const struct stat *st, const char *and)
{
	refuse(j, xasprintf("group or others may use it: chmod 600 it, and "
	    "if somebody else may have read it, make a new one (its mode is "
	    "%04o%s); in Kubernetes give the secret 'defaultMode: 0440' and "
	    "the pod an fsGroup, in Docker give it 'mode: 0440' and a gid of "
	    "ours; under systemd pass it by LoadCredential=, which says where "
	    "in CREDENTIALS_DIRECTORY", mode_of(st), and));
}

static void
refuse_owner(struct file_judge *j, const struct stat *st)
{
	unsigned us = (unsigned)geteuid(), owner = (unsigned)st->st_uid;
	char *whom = us == 0 ? xstrdup("not to root") :
	    xasprintf("neither to root nor to user %u", us);

	refuse(j, xasprintf("belongs to user %u, %s, who runs this: chown "
	    "it, or run this as user %u", owner, whom, owner));
	free(whom);
}

static void
judge_readers(struct file_judge *j, const struct stat *st)
{
	unsigned group = st->st_mode & S_IRWXG;

	if (!is_ours(j, st->st_uid))
		refuse_owner(j, st);
	else if ((st->st_mode & S_IRWXO) != 0)
		refuse_readers(j, st, "");
	else if (j->role == FILE_CREDENTIAL || group == 0)
		return;
	else if (st->st_uid != 0)
		refuse_readers(j, st, ", and only root may own what a group "
		    "may read");
	else if ((group & S_IWGRP) != 0)
		refuse_readers(j, st, ", and no group may write it");
	else if (!is_our_group(j, st->st_gid))
		refuse_readers(j, st, ", and its group is none of ours");
}

void
file_judge_file(struct file_judge *j, int fd, const struct stat *st)
{
	/* A device holds no content that others could have put there. */
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		return;
	judge_maker(j, st, "lies");
	switch (j->role) {
	case FILE_DATA:
		break;
	case FILE_OBEYED:
		judge_writers(j, fd, st);
		break;
	case FILE_SECRET:
	case FILE_CREDENTIAL:
		judge_readers(j, st);
		break;
	}
}

void
file_judge_free(struct file_judge *j)
{
	free(j->why);
	free(j->warning);
	free(j->folder);
	free(j->folder_warning);
	*j = (struct file_judge){ .why = NULL };
}

/*
 * What others may do to a file, and whether we can live with that.  One
 * judgement for all files that are read, given what they are to us.
 *
 * A file that we obey must not be one that everybody may write, nor lie in a
 * folder that everybody may write, or below one: its links and folders are
 * looked at up to the root, as OpenSSH does for authorized_keys, but that a
 * sticky folder will do, for there nobody can take away what is another's; of
 * what is in one only root's and our files, links and folders count, for
 * anybody can put others there.  What lies on a file system that is mounted
 * read-only cannot be written.  Where a group may write there is a warning.
 *
 * A secret besides belongs to root or to us, and nobody else may read it; its
 * group may where root owns it and we are in that group, which is how
 * Kubernetes and Docker hand secrets to who is not root.
 */
#ifndef BASE_FILE_JUDGE_H
#define BASE_FILE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* What a file is to us. */
enum file_role {
	FILE_DATA,		/* bytes to work on: not judged */
	FILE_OBEYED,		/* we do as it says, or believe it */
	FILE_SECRET,
	FILE_CREDENTIAL,	/* a secret that systemd passed; it lets us
				   read it by an access list, which looks
				   like a right of the group, in a folder
				   that nobody else can enter */
};

/* Whom root is going to become, who is one of us, too; all zero: nobody. */
struct file_us {
	bool user, group;	/* there is one */
	uint32_t uid, gid;
};

/* The texts are to be freed by file_judge_free(); NULL: there is none. */
struct file_judge {
	enum file_role role;
	struct file_us us;
	bool shared;		/* everybody may put files into the folder
				   that was looked at last */
	char *why;		/* it is refused; completes "FILE: " */
	char *warning;		/* about it; the same */
	char *folder, *folder_warning;	/* about one that it lies below; the
				   warning completes "FOLDER: " */
};

/* While its path is walked; see walk.h. */
void	file_judge_folder(void *judge, int fd);
void	file_judge_link(void *judge, const struct stat *);

/* The file itself, once it is open. */
void	file_judge_file(struct file_judge *, int fd, const struct stat *);

void	file_judge_free(struct file_judge *);

#endif

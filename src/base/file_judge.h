/*
 * What others may do to a file, and whether that is acceptable.  All files that
 * are read are judged by these rules, according to their role.
 *
 * A file that we obey must not be writable by everybody, nor lie in or below a
 * folder that everybody may write: its links and folders are looked at up to
 * the root, as OpenSSH does for authorized_keys.  A sticky folder is allowed,
 * for nobody can replace the files of others in it; but only root's and our own
 * files, links and folders count there, for anybody can add others.  A file on
 * a file system that is mounted read-only cannot be written.  Where a group may
 * write there is a warning.
 *
 * A secret must also belong to root or to us, and nobody else may read it.  Its
 * group may where root owns it and we are in that group: so Kubernetes and
 * Docker hand secrets to users other than root.
 */
#ifndef BASE_FILE_JUDGE_H
#define BASE_FILE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* What a file is to us. */
enum file_role {
	FILE_DATA,		/* bytes to work on: not judged */
	FILE_OBEYED,		/* we follow or trust what it says */
	FILE_SECRET,
	FILE_CREDENTIAL,	/* a secret that systemd passed; an access list,
				   which looks like a right of the group, lets
				   us read it, in a folder that nobody else can
				   enter */
};

/*
 * The user and group that root will become, who count as us, too; all zero:
 * none.
 */
struct file_us {
	bool user, group;	/* it is given */
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
	char *folder, *folder_warning;	/* about a folder above it; the warning
				   completes "FOLDER: " */
};

/* While its path is walked; see walk.h. */
void	file_judge_folder(void *judge, int fd);
void	file_judge_link(void *judge, const struct stat *);

/* The file itself, once it is open. */
void	file_judge_file(struct file_judge *, int fd, const struct stat *);

void	file_judge_free(struct file_judge *);

#endif

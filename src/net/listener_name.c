/*
 * Names of Unix sockets; see listener_name.h and listener.h.
 */
#include "net/listener_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool __attribute__((format(printf, 3, 4)))
refuse(char *why, size_t why_size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, why_size, fmt, ap);
	va_end(ap);
	return false;
}

/* The same for the name's descriptor, opened without following it. */
static bool
change(int fd, const struct listener_conf *conf, char *why, size_t why_size)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		return refuse(why, why_size, "%s", strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return refuse(why, why_size,
		    "was replaced while it was made");
	if (fchownat(fd, "", conf->owner, conf->group, AT_EMPTY_PATH) == -1)
		return refuse(why, why_size, "cannot set its owner or group: "
		    "%s%s", strerror(errno), errno == EPERM ? " (root may, "
		    "and a group's members may set that)" : "");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (chmod(path, conf->mode & 0777) == -1)
		return refuse(why, why_size, "cannot change its mode: %s",
		    strerror(errno));
	return true;
}

/*
 * Through a descriptor of the name, which others may change meanwhile.
 */
bool
listener_hand_out(const struct listener_conf *conf, char *why,
    size_t why_size)
{
	int fd = open(conf->address.un.sun_path,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool good = change(fd, conf, why, why_size);

	if (fd != -1)
		close(fd);
	return good;
}

/* The id that a name gets again when the option for it is taken back. */
static uint32_t
id_again(uint32_t old, uint32_t new, uint32_t own)
{
	return new == UINT32_MAX && old != UINT32_MAX ? own : new;
}

bool
listener_permit(const struct listener_conf *old,
    const struct listener_conf *new, char *why, size_t why_size)
{
	struct listener_conf conf = *new;

	if (new->address.kind != ADDR_UNIX || (old->mode == new->mode &&
	    old->owner == new->owner && old->group == new->group))
		return true;
	conf.owner = id_again(old->owner, new->owner, geteuid());
	conf.group = id_again(old->group, new->group, getegid());
	return listener_hand_out(&conf, why, why_size);
}

bool
listener_has_name(const struct addr *bound)
{
	struct stat st;

	return bound->kind != ADDR_UNIX || bound->un.sun_path[0] == '\0' ||
	    (lstat(bound->un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode));
}

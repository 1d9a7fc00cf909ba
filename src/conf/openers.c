/*
 * The users who may open a Unix socket; see openers.h.  Uses the user database
 * and ignores the folders on the way.
 */
#include "conf/openers.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/inherited.h"

uint32_t
openers_group_of_folder(const char *path)
{
	char *folder = file_folder(path);
	uint32_t group = CONF_NO_ID;
	struct stat st;

	if (stat(folder, &st) == 0 && (st.st_mode & S_ISGID) != 0)
		group = st.st_gid;
	free(folder);
	return group;
}

static uint32_t
group_of(const struct draft_listener *l)
{
	uint32_t group = l->out.group;

	if (group == CONF_NO_ID)
		group = openers_group_of_folder(l->out.address.un.sun_path);
	return group != CONF_NO_ID ? group : getegid();
}

/* What the name of the socket will have, or has already: st_uid and st_gid. */
static void
find_owners(const struct draft_listener *l, struct stat *st)
{
	const struct addr *a = &l->out.address;

	if (inherited_find(a) != -1 && lstat(a->un.sun_path, st) == 0)
		return;
	st->st_uid = l->out.owner != CONF_NO_ID ? l->out.owner : geteuid();
	st->st_gid = group_of(l);
}

static bool
is_member(const struct passwd *pw, gid_t group)
{
	int n = 0;
	gid_t *v;
	bool is = false;

	(void)getgrouplist(pw->pw_name, pw->pw_gid, NULL, &n);
	v = xcalloc((size_t)n + 1, sizeof(*v));
	(void)getgrouplist(pw->pw_name, pw->pw_gid, v, &n);
	for (int i = 0; i < n && !is; i++)
		is = v[i] == group;
	free(v);
	return is;
}

/* unix(7): connecting requires write permission. */
static bool
may_open(const struct draft_listener *l, uint32_t uid)
{
	const struct passwd *pw;
	struct stat st;

	if (uid == 0)
		return true;
	find_owners(l, &st);
	if (uid == st.st_uid)
		return (l->out.mode & 0200) != 0;
	pw = getpwuid(uid);
	if (pw != NULL && is_member(pw, st.st_gid))
		return (l->out.mode & 020) != 0;
	return (l->out.mode & 02) != 0;
}

static void
add_user(struct buf *b, uint32_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (buf_text(b).n != 0)
		buf_printf(b, ", ");
	if (pw != NULL)
		buf_printf(b, "%s", pw->pw_name);
	else
		buf_printf(b, "%u", (unsigned)uid);
}

static void
check_users(struct reader *r, const struct draft_listener *l)
{
	struct conf_where at = l->given.option[OPTION_LISTENER_users];
	struct buf out;

	buf_init(&out, NULL);
	for (size_t i = 0; i < l->out.users.n; i++) {
		if (!may_open(l, l->out.users.v[i]))
			add_user(&out, l->out.users.v[i]);
	}
	if (buf_text(&out).n != 0)
		conf_warning(r->diagnostics, at.file, at.line, "option 'users' "
		    "has no effect for %.*s: 'mode' gives them no right to "
		    "connect (\"0666\" would, and so would \"0660\" with a "
		    "'group' of theirs)", TEXT_ARG(buf_text(&out)));
	buf_release(&out);
}

/* Some members of a group that is not the socket's may be in both. */
static void
check_groups(struct reader *r, const struct draft_listener *l)
{
	struct conf_where at = l->given.option[OPTION_LISTENER_groups];

	if (l->out.groups.n != 0 && (l->out.mode & 022) == 0)
		conf_warning(r->diagnostics, at.file, at.line, "option "
		    "'groups' has no effect: 'mode' gives nobody but the owner "
		    "a right to connect (\"0666\" would, and so would \"0660\" "
		    "with their 'group')");
}

void
openers_check(struct reader *r, const struct draft_listener *l)
{
	check_users(r, l);
	check_groups(r, l);
}

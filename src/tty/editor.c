/*
 * Running an editor; see editor.h.  Knows nothing of what is edited.
 */
#include "tty/editor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tty/interrupt.h"

static const char *
find_editor(void)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (visual != NULL && visual[0] != '\0')
		return visual;
	return editor != NULL && editor[0] != '\0' ? editor : "vi";
}

/*
 * $EDITOR may hold options: the shell splits it, as other programs do.  Vim, by
 * whatever name, would keep registers and old texts in the user's home: an
 * option forbids it.
 */
static char *
editor_command(const char *editor)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";
	size_t n = strspn(editor, plain);

	if (n == 0 || (editor[n] != '\0' && editor[n] != ' '))
		return xasprintf("exec %s \"$1\"", editor);
	return xasprintf("case $(readlink -f \"$(command -v %.*s)\") in\n"
	    "*/vim|*/vim.*|*/nvim) set -- -n -i NONE "
	    "-c 'set nobackup noundofile' \"$1\" ;;\n"
	    "esac\nexec %s \"$@\"", (int)n, editor, editor);
}

static void
run_in_child(const char *editor, const char *path)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	char *command = editor_command(editor);

	interrupt_undo_in_child();
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	(void)execl("/bin/sh", "sh", "-c", command, "sh", path,
	    (char *)NULL);
	_exit(127);
}

static bool
explain_end(const char *editor, int status, struct reasons *why)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return reasons_fail(why, "the editor '%s' cannot be run: set "
		    "EDITOR", editor);
	if (WIFEXITED(status))
		return reasons_fail(why, "the editor '%s' failed with status "
		    "%d", editor, WEXITSTATUS(status));
	return reasons_fail(why, "the editor '%s' was ended by signal %d",
	    editor, WTERMSIG(status));
}

bool
editor_run(const char *path, struct reasons *why)
{
	const char *editor = find_editor();
	int status;
	pid_t child;

	child = fork();
	if (child < 0)
		return reasons_fail(why, "cannot run the editor: %m");
	if (child == 0)
		run_in_child(editor, path);
	status = interrupt_wait_child(child);
	if (interrupt_pending())
		return false;
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	    explain_end(editor, status, why);
}

/*
 * argv to a verb of the command table, and nothing else.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/inherited.h"
#include "base/secret.h"
#include "cli/say.h"
#include "cli/verbs.h"

/*
 * In the place of a standard stream that was closed the next file or socket
 * would stand, and what is said would go into it.  Like a closed one, what is
 * put there can be neither read (0) nor written (1, 2).
 */
static bool
occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null",
		    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	enum status s;

	if (!occupy_standard_streams())
		return CLI_FAILED;
	inherited_claim();
	/* Beyond RLIMIT_FSIZE writing fails (EFBIG) like on a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	s = secret_harden_process();
	if (s != STATUS_OK)
		return (int)say_failed("cannot keep secrets out of "
		    "core dumps: %s", status_text(s));
	return (int)cli_main(argc, argv);
}

/*
 * argv to a verb of the command table, and nothing else.
 */
#include <signal.h>

#include "base/secret.h"
#include "cli/verbs.h"

int
main(int argc, char **argv)
{
	enum status s;

	/* Beyond RLIMIT_FSIZE writing fails (EFBIG) like on a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	s = secret_harden_process();
	if (s != STATUS_OK)
		return (int)cli_failed("cannot keep secrets out of "
		    "core dumps: %s", status_text(s));
	return (int)cli_main(argc, (const char *const *)argv);
}

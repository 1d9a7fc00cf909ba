/*
 * Where the configuration is; see config_file.h.
 */
#include "cli/config_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"

char *
config_file_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (geteuid() == 0)
		return xstrdup(CONFIG_FOLDER);
	if (config != NULL && config[0] == '/')
		return xasprintf("%s/sallyport", config);
	if (home != NULL && home[0] == '/')
		return xasprintf("%s/.config/sallyport", home);
	return NULL;
}

char *
config_file_find(const struct cli_args *args)
{
	static const char of_system[] = CONFIG_FOLDER "/" CONFIG_FILE;
	const char *given = cli_args_value(args, "config");
	char *folder, *file;

	if (given != NULL)
		return xstrdup(given);
	folder = config_file_folder();
	if (folder == NULL)
		return xstrdup(of_system);
	file = xasprintf("%s/" CONFIG_FILE, folder);
	free(folder);
	if (access(file, F_OK) == 0 || access(of_system, F_OK) != 0)
		return file;
	free(file);
	return xstrdup(of_system);
}

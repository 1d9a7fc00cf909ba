/*
 * The files of `state_dir`: keys.json, what is known of keys, and
 * disabled.json, which of them are disabled.  Each is replaced as a whole, so
 * that a crash leaves the old one or the new one.
 */
#ifndef KEYS_STATE_FILE_H
#define KEYS_STATE_FILE_H

#include "base/status.h"
#include "base/text.h"
#include "keys/key_records.h"

/* "FOLDER/keys.json", to be freed. */
char	*state_file_path(const char *folder, enum records_file)
	    __attribute__((warn_unused_result));

/*
 * Adds what the file says; a missing one says nothing.  NULL, or what is wrong
 * with it, as "PATH: ...", to be freed: then nothing was added.  One that
 * somebody else may have written is wrong, too; uid is the user that root
 * becomes, or CONF_NO_ID.
 */
char	*state_file_read(const char *folder, enum records_file, uint32_t uid,
	    struct key_records *) __attribute__((warn_unused_result));

/*
 * The file has that text from now on, and so has the disk.  STATUS_SYSTEM with
 * errno: the old one is as it was.
 */
enum status	 state_file_write(const char *folder, enum records_file,
		    struct text) MUST_CHECK;

#endif

/*
 * The control channel between the parent and one worker, or the admin process:
 * a pair of sockets that carries a few short messages, a descriptor at times,
 * and by its end the news that the other process is gone.
 */
#ifndef DAEMON_CONTROL_CHANNEL_H
#define DAEMON_CONTROL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

enum control_kind {
	CONTROL_READY = 'R',	/* worker: it serves.  watcher: it goes on */
	CONTROL_FAILED = 'F',	/* worker: it cannot start; text says why.
				   watcher: files of a listener cannot be used,
				   or can again; text is of tls_refused.h */
	CONTROL_LOG = 'L',	/* parent: write the access log to fd */
	CONTROL_CUT = 'C',	/* parent: end all exchanges and go */
	CONTROL_LOOK = 'K',	/* parent: another worker takes no clients */
	CONTROL_EMPTY = 'E',	/* parent: take every client that waits at the
				   listener whose index is the text */
	CONTROL_SERVERS = 'D',	/* worker: have the name servers changed?
				   parent: no, or text has them */
	CONTROL_KEYS = 'Y',	/* parent: decisions about keys changed */
	CONTROL_OBEYED = 'B',	/* worker: it does what was decided so far;
				   text is the number of decisions */
	CONTROL_LEARNT = 'I',	/* worker: stats have news of a key's end */
	CONTROL_SUSPECT = 'U',	/* worker: an answer makes a key suspect; text
				   has the indices in its configuration of key
				   and upstream */
	CONTROL_PROBE = 'P',	/* parent: try a key; text as above, and the
				   number of the question */
	CONTROL_PROBED = 'V',	/* worker: what that said; text as above, the
				   end of the key that it told (seconds since
				   1970; 0: none), a word of key_answer_name(),
				   and numbers: the status of the answer (0:
				   none) and the fault */
	CONTROL_TICKETS = 'W',	/* parent: the keys of session tickets; text is
				   that of ticket_keys.h */
	CONTROL_RENEWAL = 'X',	/* watcher, parent: files of a listener were
				   renewed; fd and text are those of
				   tls_renewal.h */
	CONTROL_DISTRUST = 'Z',	/* parent: certificates of clients are verified
				   by something else now, at the listener whose
				   index is the text */
	CONTROL_SERVE = 'S',	/* parent: take clients; to the admin process,
				   too */
	CONTROL_RETIRE = 'Q',	/* parent: the next generation serves */
	CONTROL_LEFT = 'G',	/* worker, admin: it retired, and its listening
				   sockets are closed */

	/* Of the admin process: see admin_keeper.h. */
	CONTROL_NEWS = 'N',	/* parent: fd holds news */
	CONTROL_TOOK = 'T',	/* admin: it took the news */
	CONTROL_COMMAND = 'O',	/* admin: somebody gave it a command; text is
				   that of admin_command.h */
	CONTROL_RESULT = 'A',	/* parent: fd holds the result of one */
};

#define CONTROL_TEXT	1024

struct control_message {
	enum control_kind kind;
	int fd;				/* -1: none; the receiver's */
	char text[CONTROL_TEXT];	/* ends with NUL */
};

/* Both ends are non-blocking and closed on exec.  False with errno. */
bool	control_open(int *parent_end, int *worker_end);

/*
 * fd -1 and text NULL leave them out.  A message that cannot be sent is dropped
 * and false returned: the other process is gone or about to be, or reads none.
 */
bool	control_send(int control, enum control_kind, int fd, const char *text);

enum control_result { CONTROL_MESSAGE, CONTROL_NOTHING, CONTROL_GONE };
enum control_result control_receive(int control, struct control_message *);

#endif

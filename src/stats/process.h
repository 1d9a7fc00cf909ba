/*
 * What a process uses, as the system tells it: CPU time, memory, descriptors.
 * Files are opened once, so that none need be opened later.
 */
#ifndef STATS_PROCESS_H
#define STATS_PROCESS_H

#include <dirent.h>
#include <stdint.h>
#include <sys/types.h>

#include "stats/layout.h"

struct process_probe {
	int statm;			/* -1: none */
	DIR *descriptors;		/* or NULL */
	int64_t due_ns;			/* when to count descriptors again */
};

/* Opens what there is of this process.  Without /proc less is noted of it. */
void	process_probe_open(struct process_probe *);
void	process_probe_close(struct process_probe *);

/* CPU time of a process, 0: of this one, in nanoseconds; 0: there is none. */
uint64_t	process_cpu_ns(pid_t);

/*
 * Notes memory and descriptors that this process uses now (monotonic, ns),
 * which is also the time of its loop's turn.  Many descriptors are counted less
 * often.
 */
void	process_probe_note(struct process_probe *, struct stats_process *,
	    int64_t now);

#endif

/*
 * What a process uses; see process.h.
 */
#include "stats/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* It takes some 2 us for each, so it shall be done for no more a second. */
#define A_SECOND	1000

void
process_probe_open(struct process_probe *p)
{
	p->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	p->descriptors = opendir("/proc/self/fd");
	p->due_ns = 0;
}

void
process_probe_close(struct process_probe *p)
{
	if (p->statm != -1)
		close(p->statm);
	if (p->descriptors != NULL)
		closedir(p->descriptors);
	p->statm = -1;
	p->descriptors = NULL;
}

uint64_t
process_cpu_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The second number of statm, in pages; see proc(5). */
static uint64_t
resident(int statm)
{
	char text[128], *at;
	ssize_t n;

	if (statm == -1 || lseek(statm, 0, SEEK_SET) != 0 ||
	    (n = read(statm, text, sizeof(text) - 1)) <= 0)
		return 0;
	text[n] = '\0';
	(void)strtoull(text, &at, 10);
	return strtoull(at, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
count_descriptors(DIR *d)
{
	uint64_t n = 0;

	rewinddir(d);
	while (readdir(d) != NULL)
		n++;
	/* Less "." and "..". */
	return n > 2 ? n - 2 : 0;
}

void
process_probe_note(struct process_probe *p, struct stats_process *s,
    int64_t now)
{
	uint64_t n;

	atomic_store(&s->turn_ns, now);
	atomic_store(&s->resident, resident(p->statm));
	if (p->descriptors == NULL || now < p->due_ns)
		return;
	n = count_descriptors(p->descriptors);
	atomic_store(&s->descriptors, n);
	p->due_ns = now + (int64_t)(n / A_SECOND) * NS_PER_S;
}

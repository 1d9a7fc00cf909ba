/*
 * The system calls that a process may make, by seccomp: syscalls.tbl is the
 * list.  sandbox.c calls it.
 */
#ifndef SANDBOX_SYSCALL_FILTER_H
#define SANDBOX_SYSCALL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

enum syscall_caller { SYSCALLS_WORKER = 1, SYSCALLS_ADMIN = 2 };

/*
 * For good.  The process has one thread.  False with the reason; then
 * nothing is filtered.
 */
bool	syscall_filter_load(enum syscall_caller, char *why, size_t why_size);

#endif

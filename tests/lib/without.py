"""Runs a program on a kernel that lacks some system calls:

    without.py CALL,... PROGRAM [ARGUMENT ...]

They fail with ENOSYS, by a filter of seccomp that is written here and not by
the library that is tested.
"""

import ctypes
import os
import platform
import struct
import sys

ENOSYS = 38
NUMBERS = {'seccomp': 317, 'landlock_create_ruleset': 444,
           'memfd_secret': 447}
# Of linux/bpf_common.h, linux/seccomp.h, linux/prctl.h.
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2

works = platform.machine() == 'x86_64'


def command(*calls):
    """What to run the program by."""
    return [sys.executable, os.path.abspath(__file__), ','.join(calls)]


def one(code, jump_true, jump_false, k):
    return struct.pack('=HBBI', code, jump_true, jump_false, k)


def lose(calls, and_prctl):
    """From now on this process has none of them.  and_prctl: nor the older way
    to have a filter, which libseccomp falls back to."""
    program = [one(LOAD, 0, 0, 0)]              # the number of the call
    for call in calls:
        program += [one(EQUAL, 0, 1, NUMBERS[call]),
                    one(RETURN, 0, 0, ERRNO | ENOSYS)]
    if and_prctl:
        program += [one(EQUAL, 0, 3, 157), one(LOAD, 0, 0, 16),
                    one(EQUAL, 0, 1, PR_SET_SECCOMP),
                    one(RETURN, 0, 0, ERRNO | ENOSYS)]
    program.append(one(RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b''.join(program))
    header = ctypes.create_string_buffer(
        struct.pack('@HP', len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                      (PR_SET_SECCOMP, MODE_FILTER,
                       ctypes.addressof(header), 0, 0)):
        if libc.prctl(*map(ctypes.c_ulong, arguments)) != 0:
            raise OSError(ctypes.get_errno(), 'prctl')


if __name__ == '__main__':
    lost = sys.argv[1].split(',')
    lose(lost, 'seccomp' in lost)
    os.execvp(sys.argv[2], sys.argv[2:])

"""The system calls that the unit of systemd allows, and a program under just
these:

    unit_filter.py FILE PROGRAM [ARGUMENT ...]

FILE has their names, as call_names() knows them.  Any other call ends the
process, so that it is noticed; under systemd it fails with EPERM.
"""

import ctypes
import functools
import os
import re
import shutil
import subprocess
import sys

UNIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                    'etc', 'sallyport.service.in')
ANALYZE = shutil.which('systemd-analyze')
LIBRARY = 'libseccomp.so.2'

# <seccomp.h> and <linux/prctl.h>
ACT_KILL_PROCESS, ACT_ALLOW = 0x80000000, 0x7fff0000
PR_SET_NO_NEW_PRIVS = 38


@functools.lru_cache(None)
def members(name):
    """The system calls of a set, those of the sets within it too."""
    if not name.startswith('@'):
        return frozenset({name})
    done = subprocess.run([ANALYZE, '--no-pager', 'syscall-filter', name],
                          stdout=subprocess.PIPE, text=True, check=True)
    words = [x.strip() for x in done.stdout.splitlines()[1:]]
    return frozenset(call for word in words
                     if word and not word.startswith('#')
                     for call in members(word))


def call_names():
    """What the lines of the unit come to, each after the other."""
    allowed = set(members('@default'))
    with open(UNIT) as f:
        lines = re.findall(r'^SystemCallFilter=(~?)(.*)$', f.read(), re.M)
    for without, words in lines:
        calls = {call for word in words.split() for call in members(word)}
        allowed = allowed - calls if without else allowed | calls
    return allowed


def library():
    try:
        return ctypes.CDLL(LIBRARY)
    except OSError:
        return None


def works():
    return ANALYZE is not None and library() is not None


def close(names):
    """From now on only these; those that this kernel does not know are not
    there for anybody."""
    seccomp, libc = library(), ctypes.CDLL(None)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(
        ctypes.c_uint32(ACT_KILL_PROCESS)))
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            assert seccomp.seccomp_rule_add(
                context, ctypes.c_uint32(ACT_ALLOW), number, 0) == 0, name
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert seccomp.seccomp_load(context) == 0


if __name__ == '__main__':
    with open(sys.argv[1]) as f:
        close(f.read().split())
    os.execvp(sys.argv[2], sys.argv[2:])

"""Faults in system calls, made by strace if it is installed and may trace."""

import shutil
import subprocess

import pytest
import world as world_module

STRACE = shutil.which('strace')


def works():
    return STRACE is not None and subprocess.run(
        [STRACE, '-qq', '-o', '/dev/null', 'true'],
        stderr=subprocess.DEVNULL).returncode == 0


needed = pytest.mark.skipif(world_module.SANITIZED or not works(),
                            reason='needs strace, and no sanitizer')


def command(argv, *injections, log='/dev/null'):
    """As 'fsync:error=EIO:when=2'."""
    made = [STRACE, '-qq', '-o', log]
    calls = ','.join(sorted({x.split(':')[0] for x in injections}))
    made += ['-e', 'trace=' + calls]
    for one in injections:
        made += ['-e', 'inject=' + one]
    return made + list(argv)

"""A booted Debian, in which systemd is the first process: systemd-nspawn on a
root folder, $SALLYPORT_MACHINE, which contrib/in-machine makes.  What changes
in there is gone afterwards.  It shares our network, and sees the source and
the build at their places.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

from waiting import LIMIT, wait_until

ROOT = os.environ.get('SALLYPORT_MACHINE')
NSPAWN = shutil.which('systemd-nspawn')
TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.path.dirname(os.environ.get('SALLYPORT', ''))

POWER_OFF = signal.SIGRTMIN + 4         # systemd(1)
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

# Of the old hierarchy, systemd in there is not told when a service has ended.
CGROUPS = '''test -e /sys/fs/cgroup/cgroup.controllers ||
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec "$0" "$@"'''
# make asks for the headers that it was built with.
OF_MAKE = ('/usr/include', '/usr/lib/gcc', '/usr/bin/make')
# What the filter of nspawn refuses and a machine does not.
CALLS = ('@memlock', 'memfd_secret', 'landlock_create_ruleset',
         'landlock_add_rule', 'landlock_restrict_self', '@keyring')


def works():
    return ROOT and NSPAWN and os.geteuid() == 0


class Machine:
    def __init__(self):
        self.console = tempfile.TemporaryFile()
        binds = [x for x in (TOP, os.path.realpath(BUILD), *OF_MAKE)
                 if os.path.exists(x)]
        self.nspawn = subprocess.Popen(
            ['unshare', '--mount', 'sh', '-ec', CGROUPS, NSPAWN, '-q',
             '--register=no', '--keep-unit', '--boot',
             '--private-users=no', '--console=pipe', '--directory=' + ROOT,
             '--volatile=overlay', '--system-call-filter=' + ' '.join(CALLS),
             *('--bind-ro=' + x for x in binds)],
            stdin=subprocess.DEVNULL, stdout=self.console,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, 'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY': '1'})
        try:
            wait_until(self._is_up, 'a machine that is up')
        except BaseException:
            self.stop()
            raise

    def _find_leader(self):
        """The only child, once the one that made it is gone."""
        pid, self.leader = self.nspawn.pid, 0
        with contextlib.suppress(OSError):
            with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
                self.leader = int((f.read().split() or [0])[0])
        return self.leader != 0

    def said(self):
        self.console.seek(0)
        return self.console.read().decode(errors='replace')

    def _is_up(self):
        assert self.nspawn.poll() is None, self.said()
        if not self._find_leader():
            return False
        done = self.run('systemctl', 'is-system-running', check=False)
        return done.stdout.strip() in ('running', 'degraded')

    def run(self, *command, stdin='', check=True):
        """A command in there, by root; what it printed and how it ended."""
        done = subprocess.run(
            ['nsenter', '-t', str(self.leader), '-a', *command],
            env={'PATH': PATH, 'HOME': '/root', 'LANG': 'C.UTF-8'},
            input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=3 * LIMIT)
        assert done.returncode == 0 or not check, (command, done.stdout)
        return done

    def type(self, line, **more):
        """A line of a person who is root already."""
        return self.run('sh', '-ec', line.replace('sudo ', ''), **more)

    def write(self, path, text, mode=0o644):
        self.run('sh', '-c', 'cat >"$0" && chmod %o "$0"' % mode, path,
                 stdin=text)

    def read(self, path):
        return self.run('cat', path).stdout

    def stop(self):
        if self._find_leader():
            with contextlib.suppress(OSError):
                os.kill(self.leader, POWER_OFF)
        try:
            self.nspawn.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()
        self.console.close()

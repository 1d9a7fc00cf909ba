"""A container for the program: namespaces of its own, in which it is process 1,
the root file system of its image, which it cannot write, and no capability.
There is no engine here: what one does is done by

    container.py ROOT ID GROUP,... [ro|rw:FOLDER:PLACE ...] -- PROGRAM ...

as process 1 of new namespaces; it mounts the folders at their places, and
becomes the program.  Where the tests do not run as root there is a namespace of
users, too, in which they are the user with that ID.  Any later process finds
all mounted.
"""

import contextlib
import ctypes
import functools
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MAKE = os.path.join(HERE, '..', '..', 'contrib', 'container', 'rootfs')
ROOT = os.geteuid() == 0
ID = 65532              # of the image's account
GROUP = 54321           # of the volumes, as fsGroup of a pod
DEVICES = ('null', 'zero', 'full', 'random', 'urandom')
# Of linux/prctl.h and linux/sched.h.
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CLONE_NEWUSER = 24, 38, 0x10000000

NAMESPACES = ['unshare', '--mount', '--pid', '--fork', '--kill-child',
              *([] if ROOT else ['--user', '--map-root-user'])]


@functools.lru_cache(maxsize=None)
def works():
    """Whether there may be such namespaces here."""
    with contextlib.suppress(OSError):
        return subprocess.run(
            [*NAMESPACES, '--mount-proc', 'mount', '-t', 'tmpfs', 'x', '/mnt'],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0
    return False


def make_root(program, folder):
    """The image's files, by the script that the Dockerfile calls."""
    subprocess.run([MAKE, program, folder], check=True)
    return folder


def command(root, mounts, *argv, groups=(GROUP,)):
    """mounts: (may it be written, folder, place)."""
    where = ['%s:%s:%s' % ('rw' if write else 'ro', folder, place)
             for write, folder, place in mounts]
    return [*NAMESPACES, sys.executable, os.path.abspath(__file__), root,
            str(ID), ','.join(map(str, groups)), *where, '--', *argv]


def enter(pid, root, *argv, groups=(GROUP,)):
    """The command for one more program beside that process 1."""
    return ['nsenter', '-t', str(pid), '--mount', '--pid', sys.executable,
            os.path.abspath(__file__), root, str(ID),
            ','.join(map(str, groups)), '--', *argv]


def project(folder, files, mode=0o440, name='..2026_12_01'):
    """Fills a folder as Kubernetes does that of a secret, a configuration map
    or both: all files at once, by a link that is replaced.  It belongs to root
    and to the group of the volumes, and everybody may write the folder, but
    that it is mounted to be read."""
    group = GROUP if ROOT else -1
    inner = os.path.join(folder, name)
    os.makedirs(inner)
    for where, rights in (folder, 0o3777), (inner, 0o2755):
        os.chown(where, -1, group)
        os.chmod(where, rights)
    for file, data in files.items():
        path = os.path.join(inner, file)
        with open(path, 'wb') as out:
            out.write(data)
        os.chown(path, -1, group)
        os.chmod(path, mode)
        with contextlib.suppress(FileExistsError):
            os.symlink('..data/' + file, os.path.join(folder, file))
    os.symlink(name, os.path.join(folder, '..data_tmp'))
    os.replace(os.path.join(folder, '..data_tmp'),
               os.path.join(folder, '..data'))


# Within the namespaces, as process 1.

def mount(*args):
    subprocess.run(['mount', *args], check=True)


def bind(what, where, write=True):
    mount('--bind', what, where)
    if not write:
        mount('-o', 'remount,bind,ro', where)


def furnish(root, mounts):
    """Mounts what a container has, and then forbids to write its root."""
    bind(root, root)
    mount('-t', 'proc', 'proc', root + '/proc')
    mount('-t', 'tmpfs', 'tmpfs', root + '/dev')
    for name in DEVICES:
        with open(os.path.join(root, 'dev', name), 'w'):
            pass
        bind('/dev/' + name, os.path.join(root, 'dev', name))
    for one in mounts:
        how, folder, place = one.split(':')
        os.makedirs(root + place, exist_ok=True)
        bind(folder, root + place, how == 'rw')
    mount('-o', 'remount,bind,ro', root)


def write(path, text):
    with open(path, 'w') as out:
        out.write(text)


def become(user, groups):
    """That user, who can get no right back."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if ROOT_OUTSIDE:
        os.setgroups(groups)
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        return
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), 'unshare')
    write('/proc/self/setgroups', 'deny')
    write('/proc/self/uid_map', '%d 0 1' % user)
    write('/proc/self/gid_map', '%d 0 1' % user)


def main(root, user, groups, *rest):
    end = rest.index('--')
    if os.getpid() == 1:
        furnish(root, rest[:end])
    os.chroot(root)
    os.chdir('/')
    become(int(user), [int(g) for g in groups.split(',') if g])
    argv = rest[end + 1:]
    os.execve(argv[0], argv, {'PATH': '/usr/bin', 'HOME': '/'})


if __name__ == '__main__':
    with open('/proc/self/uid_map') as ids:
        ROOT_OUTSIDE = ids.read().split()[2] != '1'
    main(*sys.argv[1:])

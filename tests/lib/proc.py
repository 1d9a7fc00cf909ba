"""What the kernel knows of a process: what it has open, what it holds."""

import contextlib
import os
import re


def links(pid):
    """What each of its descriptors is of, by its number."""
    found = {}
    for fd in os.listdir('/proc/%d/fd' % pid):
        with contextlib.suppress(FileNotFoundError):    # closed meanwhile
            found[int(fd)] = os.readlink('/proc/%d/fd/%s' % (pid, fd))
    return found


def descriptors(pid):
    """What its descriptors are of, without what tells two alike apart."""
    return sorted(link.split(':')[0] for link in links(pid).values())


def descriptors_of(pid, file):
    """How many it has of what this file or socket of ours is."""
    ours = os.fstat(file.fileno())
    n = 0
    for fd in os.listdir('/proc/%d/fd' % pid):
        with contextlib.suppress(FileNotFoundError):    # closed meanwhile
            n += os.path.samestat(os.stat('/proc/%d/fd/%s' % (pid, fd)), ours)
    return n


def children(pid):
    """None, too, of a process that is gone."""
    with contextlib.suppress(OSError):
        with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    return []


def status(pid, field):
    """A number of /proc/PID/status."""
    with open('/proc/%d/status' % pid) as f:
        return int(re.search(r'^%s:\s+(\d+)' % field, f.read(), re.M)[1])


def anonymous(pid):
    """Bytes of memory that are its own, and in no file."""
    with open('/proc/%d/smaps_rollup' % pid) as f:
        return int(re.search(r'^Pss_Anon:\s+(\d+)', f.read(), re.M)[1]) * 1024


def held_up(pid):
    """For how many seconds it could have run and had no processor.  Counted
    is a stretch that is over."""
    with open('/proc/%d/schedstat' % pid) as f:
        return int(f.read().split()[1]) / 1e9


def state(pid):
    """Its letter: R, S, T, Z, ..."""
    with open('/proc/%d/stat' % pid) as f:
        return f.read().rsplit(') ', 1)[1][0]


def name(pid):
    with open('/proc/%d/comm' % pid) as f:
        return f.read().rstrip('\n')


TICK = os.sysconf('SC_CLK_TCK')


def cpu_seconds(pid):
    with open('/proc/%d/stat' % pid) as f:
        fields = f.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def mappings(pid):
    with open('/proc/%d/maps' % pid) as f:
        return sum(1 for _ in f)


# Of a mapping: one has many gigabytes, which to read would fill.
MEMORY_MOST = 1 << 26


def memory(pid):
    """What it has mapped and can be read, as root; memory of memfd_secret(2)
    cannot."""
    with open('/proc/%d/maps' % pid) as maps, \
            open('/proc/%d/mem' % pid, 'rb') as mem:
        for line in maps:
            begin, end = (int(x, 16) for x in
                          re.match(r'(\w+)-(\w+)', line).groups())
            with contextlib.suppress(OSError, ValueError, OverflowError):
                mem.seek(begin)
                yield mem.read(min(end - begin, MEMORY_MOST))


def clients(pid, port):
    """How many connections to this port of ours it has."""
    needle = ':%04X ' % port
    inodes = set()
    with open('/proc/net/tcp') as table:
        for line in filter(lambda line: needle in line, table):
            field = line.split()
            if field[1].endswith(needle.strip()) and field[3] != '0A':
                inodes.add('socket:[%s]' % field[9])
    n = 0
    for fd in os.listdir('/proc/%d/fd' % pid):
        with contextlib.suppress(OSError):
            n += os.readlink('/proc/%d/fd/%s' % (pid, fd)) in inodes
    return n

"""What the kernel knows of TCP connections on this machine: whether bytes sent
have been read, whether an end has come."""

import fcntl
import struct
import termios

from waiting import wait_until

CLOSE_WAIT = 8


def connections(port):
    """(our port, their port, state, bytes not read) of each socket that has
    this port at one of its ends."""
    needle = ':%04X ' % port
    for file in ('/proc/net/tcp', '/proc/net/tcp6'):
        with open(file) as table:
            next(table)
            # There may be thousands of others.
            for line in filter(lambda line: needle in line, table):
                _, ours, theirs, state, queues = line.split()[:5]
                yield (int(ours.rsplit(':', 1)[1], 16),
                       int(theirs.rsplit(':', 1)[1], 16), int(state, 16),
                       int(queues.split(':')[1], 16))


def unacknowledged(sock):
    """Bytes sent, the end included, that have not reached the other side."""
    return struct.unpack('i', fcntl.ioctl(sock, termios.TIOCOUTQ,
                                          b'\0\0\0\0'))[0]


def wait_arrived(sock):
    """Waits until all bytes sent are in the other side's queue."""
    wait_until(lambda: not unacknowledged(sock), 'what was sent to arrive')


def was_read(sock):
    """True also if the other side is gone."""
    try:
        here, there = sock.getsockname()[1], sock.getpeername()[1]
    except OSError:
        return True
    return not any(ours == there and theirs == here and unread
                   for ours, theirs, _, unread in connections(here)) and \
        not unacknowledged(sock)


def wait_read(sock):
    """Waits until the other side has read all that this socket sent, the end
    included: bytes sent from now on come in a read of their own."""
    wait_until(lambda: was_read(sock), 'the other side to read')


def wait_told_of_end(port):
    """Waits until peers connected to this port have been sent the end."""
    wait_until(lambda: any(theirs == port and state == CLOSE_WAIT
                           for _, theirs, state, _ in connections(port)),
               'the end to come')

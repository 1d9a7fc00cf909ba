"""A program on a pseudo-terminal of its own, driven as a user would."""

import contextlib
import os
import pty
import re
import select
import signal
import termios
import time

import world as world_module


class Terminal:
    """The output of the program is in .text, with CRLF turned to LF."""

    def __init__(self, argv, cwd, env, stdin=None, stdout=None):
        self.text = ''
        self.at = 0                     # what was expected so far ends here
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            if stdin is not None:
                os.dup2(os.open(stdin, os.O_RDONLY), 0)
            if stdout is not None:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600), 1)
            os.execvpe(argv[0], argv, env)

    def read_more(self, seconds):
        """False at the end of the output."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:                 # EIO: nobody has it open any more
            data = b''
        self.text += data.decode(errors='replace').replace('\r\n', '\n')
        return bool(data)

    def expect(self, pattern, limit=world_module.LIMIT):
        """Waits until the output after the last match matches."""
        end = time.monotonic() + limit
        more = True
        while True:
            match = re.search(pattern, self.text[self.at:])
            if match:
                self.at += match.end()
                return match
            assert more and time.monotonic() < end, \
                'waited in vain for %r:\n%s' % (pattern, self.text)
            more = self.read_more(0.1)

    def send(self, text):
        os.write(self.fd, text.encode())

    def answer(self, pattern, text):
        self.expect(pattern)
        # Without echo the line discipline throws away earlier input.
        self.send(text + '\n')

    def has_echo(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait(self, limit=world_module.LIMIT):
        """Its exit status; negative: the signal that ended it."""
        end = time.monotonic() + limit
        while self.read_more(0.1):
            assert time.monotonic() < end, 'does not end:\n' + self.text
            got, status = os.waitpid(self.pid, os.WNOHANG)
            if got:
                self.status = os.waitstatus_to_exitcode(status)
                while select.select([self.fd], [], [], 0)[0]:
                    if not self.read_more(0):
                        break
                return self.status
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self.fd)


def at_terminal(world, *args, env=(), **more):
    return Terminal([world.program, *args], world.folder,
                    {**world.environment(), 'TERM': 'xterm', **dict(env)},
                    **more)

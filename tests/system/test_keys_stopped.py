"""Stopped at a question (^Z), in the background, in the foreground again: a
shell without line editing has its terminal as it was, and the question is
asked again."""

import os
import re
import shlex
import signal

import pytest
import strace
from terminal import Terminal
from keyfiles import HOST, opened

ADD = ['key', 'add', 'new', '--to', 'keys.age', '--host', HOST, '-i',
       'identity']
QUESTION = "Value of the key 'new': "


class Shell(Terminal):
    """dash: it leaves the modes of the terminal to those it starts."""

    def __init__(self, world):
        super().__init__(['dash', '-i'], world.folder,
                         {**world.environment(), 'TERM': 'xterm',
                          'PS1': 'PROMPT ', 'ENV': ''})
        self.add = shlex.join([world.program, *ADD])
        self.expect('PROMPT ')

    def type(self, line):
        self.send(line + '\n')

    def leave(self):
        assert self.has_echo()
        self.type('exit')
        self.expect('(?s).*')
        self.wait()


def answered(t, world, value):
    """What ends each of these tests well."""
    t.expect(QUESTION)
    assert not t.has_echo()
    t.send(value + '\n')
    t.expect("key 'new' added")
    t.expect('PROMPT ')
    t.leave()
    assert value not in t.text
    assert value in opened(world)


@pytest.fixture
def value(keyfile):
    return keyfile.new_key('new')


def test_stopped_at_a_question_it_gives_the_terminal_back(keyfile, value):
    with Shell(keyfile) as t:
        t.type(t.add)
        t.expect(QUESTION)
        t.send('half a val\x1a')
        t.expect('Stopped')
        t.expect('PROMPT ')
        assert t.has_echo()
        t.type('echo "<$(echo typed)>"')
        t.expect('<typed>')
        assert 'half a val' not in t.text
        t.type('fg')
        answered(t, keyfile, value)


def test_half_an_answer_is_left_to_nobody(keyfile, value):
    with Shell(keyfile) as t:
        t.type(t.add)
        t.expect(QUESTION)
        t.send('echo not-for-you')
        pid = int(re.findall(r'\d+', children(t.pid))[0])
        os.kill(pid, signal.SIGTSTP)
        t.expect('Stopped')
        t.type('fg')
        answered(t, keyfile, value)
        assert 'not-for-you' not in t.text


def test_however_it_was_stopped_it_hides_the_answer_afterwards(keyfile, value):
    with Shell(keyfile) as t:
        t.type(t.add)
        t.expect(QUESTION)
        os.kill(int(children(t.pid).split()[0]), signal.SIGSTOP)
        t.expect('Stopped')
        t.type('stty echo')
        t.type('fg')
        answered(t, keyfile, value)


def test_in_the_background_it_waits_for_the_terminal(keyfile, value):
    with Shell(keyfile) as t:
        t.type(t.add + ' &')
        t.expect('PROMPT ')
        wait_until_stopped(t)
        assert t.has_echo() and QUESTION not in t.text
        t.type('fg')
        answered(t, keyfile, value)


def test_sent_to_the_background_it_waits_and_can_be_ended(keyfile, value):
    with Shell(keyfile) as t:
        t.type(t.add)
        t.expect(QUESTION)
        t.send('\x1a')
        t.expect('Stopped')
        t.expect('PROMPT ')
        t.type('bg')
        t.expect('PROMPT ')
        wait_until_stopped(t)
        assert t.has_echo()
        pid = int(children(t.pid).split()[0])
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
        t.type('wait')
        t.expect('Terminated')
        t.expect('PROMPT ')
        t.leave()


def test_where_it_cannot_be_stopped_it_leaves_the_terminal_alone(keyfile):
    with Shell(keyfile) as t:
        t.type("trap '' TTIN TTOU")
        t.type(t.add + ' & wait; echo "status: $?"')
        t.expect('the value of the key was not given')
        t.expect('status: ')
        assert QUESTION not in t.text
        t.leave()


def test_a_question_that_is_no_secret_can_be_stopped_at_too(keyfile, value):
    keyfile.write('k.csv', 'name,one,two\nnew,%s,%s\n' % (
        keyfile.new_key('other'), value))
    with Shell(keyfile) as t:
        t.type(t.add.replace('add new', 'import k.csv'))
        t.expect(r'Which column is the key\? ')
        t.send('\x1a')
        t.expect('Stopped')
        t.type('fg')
        t.expect(r'Which column is the key\? ')
        t.send('3\n')
        t.expect('1 key added')
        t.leave()
    os.unlink(keyfile.path('k.csv'))


def ioctls(world, *injections):
    """What the program asks of its terminal, where it is interrupted."""
    log = world.path('ioctls')
    with Terminal(strace.command([world.program, *ADD],
                                 *(injections or ['ioctl:delay_exit=0']),
                                 log=log),
                  world.folder, world.environment()) as t:
        t.expect(QUESTION + '|was not given')
        silent = not t.has_echo()
        t.send('\x03')
        t.wait()
        assert t.has_echo()
    with open(log) as f:
        return t.text, silent, re.findall('(?m)^ioctl.*', f.read())


@strace.needed
def test_where_the_echo_stays_on_nothing_is_asked(keyfile):
    text, silent, calls = ioctls(keyfile)
    assert QUESTION in text and silent
    n = next(i for i, call in enumerate(calls) if 'TCSETSF' in call)
    # Switching it off, and looking whether it is off.
    for k in range(n + 1, n + 4):
        text, silent, _ = ioctls(keyfile, 'ioctl:error=EPERM:when=%d' % k)
        assert ('would show what is typed' in text) != (QUESTION in text)
        assert silent == (QUESTION in text)
        assert k != n + 1 or not silent


def children(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
        return f.read()


def wait_until_stopped(t):
    """The only child of the shell is."""
    def stopped():
        with open('/proc/%s/stat' % children(t.pid).split()[0]) as f:
            return f.read().rsplit(')', 1)[1].split()[0] == 'T'
    while not stopped():
        t.read_more(0.05)

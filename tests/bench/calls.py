#!/usr/bin/env python3
"""What one request costs, in numbers that are the same at every run.

    calls.py SOURCE SALLYPORT [MOST [REQUESTS]]

Counts the calls of functions that the third GET of a kept connection makes,
from the client's bytes to the line of the log, in a program built from SOURCE
with -O0, so that no call is inlined; a module is a .c file and its header.
Then counts the user instructions that SALLYPORT executes per request, as
valgrind has them: what 2 * REQUESTS cost more than REQUESTS.  Of functions,
the MOST expensive are shown.
"""

import base64
import collections
import contextlib
import hashlib
import mmap
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'lib'))

import pki as pki_module            # noqa: E402
import world as world_module        # noqa: E402
from waiting import wait_still, wait_until      # noqa: E402

ENTRIES = 1 << 20               # as calls.c has them
LEFT = 1 << 63
# What is searched for in answers, and so how long, depends on the key.
KEY = 'essu_' + base64.b64encode(hashlib.sha512(b'calls').digest()).decode()
TARGET = '/api/v1/deployments'
BODY = b'{"deployments": []}'.ljust(955)
ANSWER = (b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
          b'Content-Length: 955\r\nDate: Tue, 01 Dec 2026 12:00:00 GMT\r\n'
          b'X-Cloud-Request-Id: %032x\r\n\r\n' + BODY)


def answer(call):
    """In one record of TLS, so that it is one read."""
    call.swallow()
    call.raw(ANSWER % len(call.cloud.requests))


@contextlib.contextmanager
def served(program, options='', **more):
    """A client of a running program with one worker."""
    pki = pki_module.Pki(tempfile.mkdtemp(prefix='pki-'))
    world = world_module.World(program, pki)
    try:
        world.keys['team-a'] = KEY
        world.seal('keys.age', 'team-a')
        world.cloud().handlers[TARGET] = answer
        world.start(world.config(more=options, log='access = "%s";' %
                                 world.path('access.ndjson')), **more)
        with world.raw() as client:
            yield world, client
        world.stop()
    finally:
        world.abandon()
        shutil.rmtree(pki.folder)


def get(world, client, n):
    """The nth GET, to its line in the log."""
    response = client.ask('GET', TARGET)
    assert response.status == 200, (response.status, response.data)
    world.access(n)


# Calls.

def build(source, folder):
    """A program that notes its calls."""
    hooks = os.path.join(folder, 'calls.o')
    subprocess.run(['cc', '-O2', '-c', os.path.join(HERE, 'calls.c'),
                    '-o', hooks], check=True)
    quiet = {'stdout': subprocess.DEVNULL, 'cwd': folder, 'check': True}
    subprocess.run([os.path.join(os.path.abspath(source), 'configure'),
                    '-q', '--disable-hardening', 'LDFLAGS=-no-pie',
                    'CFLAGS=-O0 -gdwarf-4 -fno-pie -finstrument-functions',
                    'LIBS=' + hooks], **quiet)
    subprocess.run(['make', '-s', '-j%d' % os.cpu_count(), 'sallyport'],
                   **quiet)
    return os.path.join(folder, 'sallyport')


class Trace:
    def __init__(self, path):
        self.path = path
        with open(path, 'wb') as out:
            out.truncate(8 * (ENTRIES + 1))
        with open(path, 'r+b') as file:
            self.map = mmap.mmap(file.fileno(), 0)

    def count(self):
        return struct.unpack_from('=Q', self.map, 0)[0]

    def since(self, start):
        """(address, whether it was entered) of each entry."""
        assert self.count() - start < ENTRIES, 'the ring is too small'
        for i in range(start, self.count()):
            entry, = struct.unpack_from('=Q', self.map,
                                        8 + 8 * (i % ENTRIES))
            yield entry & ~LEFT, not entry & LEFT


def names(program, addresses):
    """Of each address the module and the function."""
    done = subprocess.run(
        ['addr2line', '-f', '-e', program], check=True, text=True,
        input='\n'.join(map(hex, addresses)), stdout=subprocess.PIPE)
    lines = done.stdout.split('\n')
    return {address: (re.sub(r'.*/src/|\.[ch]:.*', '', file), function)
            for address, function, file in
            zip(addresses, lines[::2], lines[1::2])}


# A worker does so once a second, whatever else it does.
BEAT = 'daemon/worker', 'worker_on_beat'


def third_get(source):
    """The entries of the third GET, named; or of a later one without a beat."""
    with tempfile.TemporaryDirectory(prefix='calls-') as folder:
        program = build(source, folder)
        trace = Trace(os.path.join(folder, 'trace'))
        with served(program, env={'CALLS_TRACE': trace.path}) as (world,
                                                                  client):
            for n in range(1, 20):
                start = wait_still(trace.count, 'a loop that is quiet')
                get(world, client, n)
                if n < 3:
                    continue
                wait_still(trace.count, 'a loop that is quiet')
                entries = list(trace.since(start))
                known = names(program, sorted({address for address, _ in
                                               entries}))
                if BEAT not in known.values():
                    break
    return [(known[address], entered) for address, entered in entries]


def print_calls(source, most):
    calls, changes = collections.Counter(), 0
    stack = []
    for (module, function), entered in third_get(source):
        if not entered:
            if stack:               # not those that the loop was within
                stack.pop()
            continue
        calls[module, function] += 1
        changes += not stack or stack[-1] != module
        stack.append(module)
    modules = collections.Counter()
    for (module, _), n in calls.items():
        modules[module] += n
    print('third GET: %d calls in %d modules, %d of them into another module'
          % (sum(calls.values()), len(modules), changes))
    for module, n in modules.most_common():
        print('%7d  %s' % (n, module))
    print('the functions called most:')
    for (module, function), n in calls.most_common(most):
        print('%7d  %s %s' % (n, module, function))


# Instructions.

def profile(program, requests, folder):
    """Callgrind's file of a worker that served that many."""
    out = os.path.join(folder, 'profile.%d.' % requests)
    wrap = ['valgrind', '-q', '--tool=callgrind',
            '--callgrind-out-file=' + out + '%p']
    # valgrind knows no system calls of a sandbox.
    with served(program, 'sandbox = "off";', wrap=wrap) as (world, client):
        worker, = world.processes[-1].workers
        for n in range(1, requests + 1):
            get(world, client, n)
    return out + str(worker)


def costs(file, libraries, *options):
    """Instructions by function, as callgrind_annotate has them; in which
    library each is goes into libraries."""
    done = subprocess.run(
        ['callgrind_annotate', '--threshold=100', '--show-percs=no',
         '--auto=no', *options, file], check=True, text=True,
        stdout=subprocess.PIPE)
    found = collections.Counter()
    for line in done.stdout.split('\n'):
        match = re.fullmatch(r' *([\d,]+)  (.*?)( \[.*?([^/]*)\])?', line)
        if not match:
            continue
        # One with inlined functions has a line for each of their files.
        n, name = int(match[1].replace(',', '')), match[2].split(':', 1)[-1]
        found[name] = max(found[name], n) if options else found[name] + n
        if match[4]:
            libraries[name] = match[4]
    return found


def print_instructions(program, most, requests):
    own, whole, libraries = {}, {}, {}
    with tempfile.TemporaryDirectory(prefix='calls-') as folder:
        files = [profile(program, n, folder) for n in
                 (requests, 2 * requests)]
        for found, options in (own, ()), (whole, ('--inclusive=yes',)):
            less, more = (costs(f, libraries, *options) for f in files)
            for name, n in more.items():
                found[name] = (n - less[name]) // requests
    whole.pop('PROGRAM TOTALS')
    print('%d instructions per request' % own.pop('PROGRAM TOTALS'))
    of = collections.Counter()
    for name, n in own.items():
        of[libraries.get(name, 'elsewhere')] += n
    for library, n in of.most_common():
        if n > 0:
            print('%9d  %s' % (n, library))
    for title, found in (('by itself', own), ('with all it calls', whole)):
        print('the functions that cost most, each %s:' % title)
        for name in sorted(found, key=found.get, reverse=True)[:most]:
            print('%9d  %s %s' % (found[name], libraries.get(name), name))


def main(source, sallyport, most='40', requests='100'):
    print_calls(source, int(most))
    sys.stdout.flush()
    if shutil.which('valgrind') is None:
        print('no valgrind: instructions are not counted')
        return
    print_instructions(sallyport, int(most), int(requests))


if __name__ == '__main__':
    main(*sys.argv[1:])

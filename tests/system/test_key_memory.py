"""Where keys and the identity are in memory, of all processes: as root looks,
who may read it all."""

import base64
import os
import re
import subprocess

import pytest
import without
import world as world_module

pytestmark = [
    pytest.mark.skipif(not world_module.ROOT, reason='needs root'),
    pytest.mark.skipif(world_module.SANITIZED,
                       reason='AddressSanitizer keeps freed memory')]


def needles(world):
    """Name to bytes: the key as it is, in halves, decoded; the identity."""
    found = {}
    for name, key in world.keys.items():
        text = key.encode()
        half = len(text) // 2
        found[name] = text
        found[name + ', its first half'] = text[8:half]
        found[name + ', its second half'] = text[half:]
        coded = key[len('essu_'):] if key.startswith('essu_') else key
        coded += '=' * (-len(coded) % 4)
        found[name + ', decoded'] = base64.b64decode(coded)[4:36]
    with open(world.identity) as f:
        identity = re.search(r'AGE-SECRET-KEY-\w+', f.read())[0]
    found['the identity'] = identity.encode()
    return found


def memory(pid):
    """(kind of mapping, its bytes), as far as even root can read them."""
    with open('/proc/%d/maps' % pid) as f:
        maps = f.read().splitlines()
    with open('/proc/%d/mem' % pid, 'rb', buffering=0) as mem:
        for line in maps:
            begin, end, rights, what = re.match(
                r'(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)', line).groups()
            begin, end = int(begin, 16), int(end, 16)
            if rights[0] != 'r' or what in ('[vvar]', '[vvar_vclock]',
                                            '[vsyscall]'):
                continue
            # A region of many gigabytes, of which little was ever used.
            try:
                mem.seek(begin)
                yield rights[3] + ' ' + what, \
                    mem.read(min(end - begin, 1 << 26))
            except OSError:
                yield 'closed ' + what, b''


def found_in(world, pid):
    """(what was found, kind of mapping) of a process."""
    looked_for = needles(world)
    return {(name, kind) for kind, data in memory(pid)
            for name, needle in looked_for.items() if needle in data}


def serve(world, **more):
    world.seal('keys.age', 'team-a', 'unused')
    world.cloud()
    process = world.start(world.config(
        workers=2, more='admin = { address = "unix:%s"; };' %
        world.path('admin')), **more)
    with world.raw() as raw:
        for i in range(20):
            assert raw.ask(target='/test/echo/%d' % i).status == 200
            assert raw.ask('POST', body=b'x' * 70000).status == 200
    assert world.ask('GET', '/status',
                     which='unix:' + world.path('admin')).status == 200
    return process


def processes(process):
    """The parent, its workers, and the admin process."""
    admin = [pid for pid in process.pids()
             if open('/proc/%d/cmdline' % pid).read().split('\0')[1] ==
             'admin']
    assert len(admin) == 1
    return [pid for pid in process.pids() if pid not in admin], admin[0]


def test_in_secret_memory_nobody_finds_them(world):
    process = serve(world)
    if not any(kind.startswith('closed') and 'secretmem' in kind
               for kind, _ in memory(process.child.pid)):
        pytest.skip('no memfd_secret')
    for pid in process.pids():
        assert found_in(world, pid) == set(), pid


@pytest.mark.skipif(not without.works, reason='knows x86-64 only')
def test_in_locked_memory_keys_are_there_and_nowhere_else(world):
    process = serve(world, wrap=without.command('memfd_secret'))
    keepers, admin = processes(process)
    assert found_in(world, admin) == set()
    for pid in keepers:
        found = found_in(world, pid)
        assert ('team-a', 's /dev/zero (deleted)') in found
        assert {kind for _, kind in found} == {'s /dev/zero (deleted)'}, found
        assert 'the identity' not in {name for name, _ in found}


def test_the_same_user_cannot_read_it(world):
    """Neither by /proc nor by ptrace, whatever the system's policy is."""
    world.seal('keys.age', 'team-a')
    world.cloud()
    config = world.config(upstreams=[world.open_to_nobody()])
    process = world.start(config, wrap=world_module.AS_NOBODY)
    for pid in process.pids():
        for file in ('mem', 'maps', 'environ'):
            done = subprocess.run(
                ['cat', '/proc/%d/%s' % (pid, file)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, **world_module.NOBODY)
            assert done.returncode != 0, file
        limits = open('/proc/%d/limits' % pid).read()
        assert re.search(r'Max core file size +0 +0 ', limits)

"""Whatever happens to a change, the file is the old or the new one."""

import os
import re
import resource
import shutil
import signal
import subprocess

import elastic
import pytest
import strace
import world as world_module
from waiting import outlast

HOST = 'api.elastic-cloud.com'

# Every call that changes something outside of the process.
CALLS = ['openat', 'write', 'fsync', 'rename', 'renameat', 'renameat2',
         'linkat', 'unlinkat', 'fchmod', 'fchown', 'flock', 'close',
         'mkdir', 'ftruncate']


def opened(world, identity='identity'):
    done = subprocess.run(['age', '-d', '-i', world.path(identity),
                           world.path('keys.age')], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return done.stdout.decode() if done.returncode == 0 else None


@pytest.fixture
def keyfile(bare):
    value = bare.new_key('old')
    done = bare.run('key', 'add', 'old', '--to', 'keys.age', '--host', HOST,
                    '-i', 'identity', stdin=value)
    assert done.returncode == 0
    shutil.copy(bare.path('keys.age'), bare.path('before'))
    return bare


def prepare_add(world):
    value = world.new_key('new')
    return ['key', 'add', 'new', '--to', 'keys.age', '--host', HOST, '-i',
            'identity'], value, world.environment(), \
        lambda: value in (opened(world) or '')


def prepare_edit(world):
    editor = world.write('editor', '#!/bin/sh\nsed -i s/old/new/ "$1"\n')
    os.chmod(editor, 0o755)
    env = {**world.environment(), 'EDITOR': editor, 'VISUAL': ''}
    return ['edit', '-i', 'identity', 'keys.age'], '', env, \
        lambda: '"new"' in (opened(world) or '')


def prepare_rekey(world):
    done = world.run('keygen', '-o', 'second')
    return ['rekey', '-i', 'identity', '-r', done.stdout.strip(),
            'keys.age'], '', world.environment(), \
        lambda: opened(world, 'second') is not None


PREPARE = {'add': prepare_add, 'edit': prepare_edit, 'rekey': prepare_rekey}


def check(world, is_new, before):
    """Old or new; True for new.  Then the old one again."""
    assert os.path.exists(world.path('keys.age')), 'neither is there'
    new = is_new()
    if not new:
        with open(world.path('keys.age'), 'rb') as f:
            assert f.read() == before, 'neither the old nor the new file'
    shutil.copy(world.path('before'), world.path('keys.age'))
    return new


@pytest.mark.slow
@strace.needed
@pytest.mark.parametrize('verb', sorted(PREPARE))
def test_killed_at_any_call_it_leaves_the_old_or_the_new_file(keyfile, verb):
    args, stdin, env, is_new = PREPARE[verb](keyfile)
    with open(keyfile.path('before'), 'rb') as f:
        before = f.read()
    seen, points = set(), 0
    for call in CALLS:
        for when in range(1, 200):
            done = subprocess.run(
                strace.command([keyfile.program, *args],
                               '%s:signal=KILL:when=%d' % (call, when)),
                cwd=keyfile.folder, env=env,
                input=stdin.encode(), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, start_new_session=True)
            new = check(keyfile, is_new, before)
            seen.add(new)
            if done.returncode == 0:
                assert new
                break
            points += 1
        else:
            raise AssertionError('%s does not end' % call)
    assert seen == {True, False} and points > 20, (seen, points)
    # What the killed ones left is gone after one that was not.
    done = subprocess.run([keyfile.program, *args], cwd=keyfile.folder, env=env,
                          input=stdin.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert not [f for f in os.listdir(keyfile.folder) if '.sallyport-' in f]
    assert not os.listdir(keyfile.memory)


def calls_made(world, *args):
    """How often it makes each of CALLS."""
    log = world.path('calls')
    subprocess.run(strace.command([world.program, *args],
                                  *[c + ':delay_enter=0' for c in CALLS],
                                  log=log),
                   cwd=world.folder, stdout=subprocess.DEVNULL, check=True)
    with open(log) as f:
        names = re.findall(r'(?m)^(\w+)\(', f.read())
    return {c: names.count(c) for c in CALLS}


@strace.needed
def test_keygen_killed_at_any_call_leaves_a_whole_identity_or_none(bare):
    place = bare.path('made')
    calls = calls_made(bare, 'keygen', '-o', place)
    os.unlink(place)
    seen = set()
    for call, n in calls.items():
        for when in range(1, n + 1):
            subprocess.run(
                strace.command([bare.program, 'keygen', '-o', place],
                               '%s:signal=KILL:when=%d' % (call, when)),
                cwd=bare.folder, stdout=subprocess.DEVNULL)
            there = os.path.exists(place)
            seen.add(there)
            if there:
                subprocess.run(['age-keygen', '-y', place], check=True,
                               stdout=subprocess.DEVNULL)
                assert os.stat(place).st_mode & 0o777 == 0o600
                os.unlink(place)
    assert seen == {True, False}
    assert bare.run('keygen', '-o', place).returncode == 0
    assert not [f for f in os.listdir(bare.folder) if '.sallyport-' in f]


# Two at once: one finds what the other has made and not locked yet.

def slow(world, *args, flock, **more):
    """It waits before the n-th lock that it takes."""
    return subprocess.Popen(
        strace.command([world.program, *args],
                       'flock:delay_enter=2s:when=%d' % flock),
        cwd=world.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, start_new_session=True, **more)


@strace.needed
def test_a_file_that_is_not_locked_yet_is_not_missed_where_it_is_swept(bare):
    bare.write('plain', 'mine')
    bare.write('other', 'other')
    first = slow(bare, 'seal', '-r', bare.recipient, '-o', 'out', 'plain',
                 flock=1)
    world_module.wait_until(
        lambda: [f for f in os.listdir(bare.folder) if '.sallyport-' in f],
        'the temporary file')
    done = bare.run('seal', '-r', bare.recipient, '-o', 'out', 'other')
    assert done.returncode == 0, done.stderr
    assert first.poll() is None
    _, said = first.communicate()
    assert first.returncode == 0, said
    assert bare.run('unseal', '-i', 'identity', 'out').stdout == 'mine'
    assert not [f for f in os.listdir(bare.folder) if '.sallyport-' in f]


@strace.needed
def test_a_folder_that_is_not_locked_yet_is_not_missed_where_it_is_swept(
        keyfile):
    shutil.copy(keyfile.path('keys.age'), keyfile.path('other.age'))
    env = {**keyfile.environment(), 'EDITOR': 'true', 'VISUAL': ''}
    first = slow(keyfile, 'edit', '-i', 'identity', 'keys.age', flock=2,
                 env=env)
    world_module.wait_until(lambda: os.listdir(keyfile.memory), 'the folder')
    done = subprocess.run([keyfile.program, 'edit', '-i', 'identity',
                           'other.age'], cwd=keyfile.folder, env=env,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert first.poll() is None
    _, said = first.communicate()
    assert first.returncode == 0, said


@pytest.mark.parametrize('verb', sorted(PREPARE))
def test_killed_after_any_time_it_leaves_the_old_or_the_new_file(keyfile, verb):
    args, stdin, env, is_new = PREPARE[verb](keyfile)
    with open(keyfile.path('before'), 'rb') as f:
        before = f.read()
    delay, seen = 0.0, set()
    while seen != {True, False} or delay < 0.05:
        child = subprocess.Popen([keyfile.program, *args], cwd=keyfile.folder,
                                 env=env, stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        child.stdin.write(stdin.encode())
        child.stdin.close()
        outlast(delay)
        child.kill()
        child.wait()
        seen.add(check(keyfile, is_new, before))
        delay += 0.004 if delay < 0.1 else 0.05
        assert delay < world_module.LIMIT


@strace.needed
@pytest.mark.parametrize('when', [1, 2, 3])
def test_rekey_that_is_ended_between_two_files_does_all(bare, when):
    files = ['a.age', 'b.age', 'c.age']
    second = bare.run('keygen', '-o', 'second').stdout.strip()
    for file in files:
        done = bare.run('key', 'add', 'k', '--to', file, '--host', 'a.example',
                        '-i', 'identity', stdin=bare.new_key('k') + '\n')
        assert done.returncode == 0, done.stderr
    done = subprocess.run(
        strace.command([bare.program, 'rekey', '-i', 'identity', '-r', second,
                        *files], 'renameat:signal=TERM:when=%d' % when),
        cwd=bare.folder, env=bare.environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert done.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    for file in files:
        done = bare.run('key', 'list', '-i', 'second', file)
        assert done.returncode == 0, done.stderr
    assert not [f for f in os.listdir(bare.folder) if '.sallyport-' in f]


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_an_edit_cleans_up(keyfile, number):
    editor = keyfile.write('editor', '#!/bin/sh\necho "$1" >where.new\n'
                                   'mv where.new where\nexec sleep 100\n')
    os.chmod(editor, 0o755)
    child = subprocess.Popen([keyfile.program, 'edit', '-i', 'identity',
                              'keys.age'], cwd=keyfile.folder,
                             env={**keyfile.environment(), 'EDITOR': editor,
                                  'VISUAL': ''}, stderr=subprocess.PIPE)
    world_module.wait_until(lambda: os.path.exists(keyfile.path('where')),
                            'the editor')
    with open(keyfile.path('where')) as f:
        where = f.read().strip()
    assert os.path.exists(where)
    child.send_signal(number)
    assert child.wait(world_module.LIMIT) == -number
    child.stderr.close()
    assert not os.path.exists(os.path.dirname(where))
    assert opened(keyfile) is not None


# No room.

def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))


def test_a_file_that_may_not_grow_leaves_the_old_one_whole(keyfile):
    with open(keyfile.path('before'), 'rb') as f:
        before = f.read()
    assert len(before) > 300
    value = keyfile.new_key('new')
    done = subprocess.run([keyfile.program, 'key', 'add', 'new', '--to',
                           'keys.age', '--host', HOST, '-i', 'identity'],
                          cwd=keyfile.folder, input=value.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=limit_files)
    assert done.returncode == 1
    assert re.search(b'File too large.*unchanged', done.stderr), done.stderr
    with open(keyfile.path('keys.age'), 'rb') as f:
        assert f.read() == before
    assert not [f for f in os.listdir(keyfile.folder) if '.sallyport-' in f]


@pytest.fixture
def small_disk(keyfile):
    place = keyfile.path('disk')
    os.mkdir(place)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=16k',
                           'tmpfs', place], stderr=subprocess.PIPE)
    if done.returncode != 0:
        pytest.skip('cannot mount a small disk')
    yield place
    subprocess.run(['umount', place], check=True)


def test_a_full_disk_leaves_the_old_file_whole(keyfile, small_disk):
    file = os.path.join(small_disk, 'keys.age')
    shutil.copy(keyfile.path('keys.age'), file)
    with open(os.path.join(small_disk, 'filler'), 'wb', 0) as f:
        try:
            while True:
                f.write(b'x' * 4096)
        except OSError:
            pass
    with open(file, 'rb') as f:
        before = f.read()
    value = elastic.new_key()
    keyfile.secrets.add(value)
    done = keyfile.run('key', 'add', 'new', '--to', file, '--host', HOST, '-i',
                     'identity', stdin=value)
    assert done.returncode == 1
    assert re.search('No space left.*unchanged', done.stderr), done.stderr
    with open(file, 'rb') as f:
        assert f.read() == before
    assert sorted(os.listdir(small_disk)) == ['filler', 'keys.age']

"""A call that fails while sealed files are replaced, each in turn: every file
is the old or the new one, all of a rekey are, what is said of them is true,
and nothing lies beside them."""

import os
import re
import signal
import subprocess

import pytest
import strace

HOST = 'api.elastic-cloud.com'
IDENTITY = ['-i', 'identity']


class Change:
    """A verb, the files it changes, and what they are before and after."""

    def __init__(self, world, files, args, opens, stdin=''):
        self.world, self.files, self.args = world, files, args
        self.opens, self.stdin = opens, stdin
        self.env = world.environment()
        self.before = {f: self.read(f) for f in files}

    def read(self, file):
        if not os.path.exists(self.world.path(file)):
            return None
        with open(self.world.path(file), 'rb') as f:
            return f.read()

    def run(self, *faults):
        """Starts from the old files; (result, which faults there were)."""
        for file, old in self.before.items():
            if old is None:
                if self.read(file) is not None:
                    os.unlink(self.world.path(file))
            elif self.read(file) != old:
                with open(self.world.path(file), 'wb') as f:
                    f.write(old)
        log = self.world.path('log')
        argv = [self.world.program, *self.args]
        done = subprocess.run(
            strace.command(argv, *faults, log=log) if faults else argv,
            cwd=self.world.folder, env=self.env, input=self.stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        self.world.check_text(done.stdout + done.stderr, 'output')
        if not faults:
            return done, []
        with open(log) as f:
            return done, re.findall(r'(?m)^(\w+)\(.*INJECTED', f.read())

    def is_new(self, file):
        now = self.read(file)
        if now == self.before[file]:
            return False
        assert now is not None, 'neither is there'
        assert self.opens(file), 'neither the old nor the new file'
        return True

    def told(self, done, file):
        """What stderr says last of a file: True for new."""
        new = False
        for line in done.stderr.splitlines():
            if 'nothing was changed' in line:
                new = False
            elif not line.startswith('sallyport: %s: ' % file):
                continue
            elif 'the new file is there' in line:
                new = True
            elif re.search('the old file is (unchanged|there again)|'
                           'no file was made', line):
                new = False
            else:
                raise AssertionError('says nothing of the file: ' + line)
        return new

    def judge(self, done, faults):
        """Whether all are new."""
        context = (faults, done.returncode, done.stdout, done.stderr)
        assert done.returncode in (0, 1), context
        new = {f: self.is_new(f) for f in self.files}
        if done.returncode == 0:
            assert all(new.values()), context
        else:
            assert done.stderr and not done.stdout, context
            assert 'a new file' not in done.stderr, context
            for file in self.files:
                assert self.told(done, file) == new[file], (context, new)
        assert len(set(new.values())) == 1 or \
            'putting it back' in done.stderr, context
        return all(new.values())

    def left(self):
        return [f for f in os.listdir(self.world.folder)
                if '.sallyport-' in f]

    def sweep(self, call, more):
        """Lets each call fail in turn; how often it was old, and new."""
        seen = []
        for when in range(1, 40):
            fault = '%s:%s:when=%d' % (call, more, when)
            done, made = self.run(fault)
            seen.append(self.judge(done, fault))
            if not made:
                assert done.returncode == 0, done.stderr
                return seen
            assert call == 'unlinkat' or not self.left(), (fault, self.left())
        raise AssertionError('%s does not end' % call)


def seal_one(world, file):
    value = world.new_key('old')
    done = world.run('key', 'add', 'old', '--to', file, '--host', HOST,
                     *IDENTITY, stdin=value)
    assert done.returncode == 0, done.stderr


def opened(world, file, identity):
    done = subprocess.run(['age', '-d', '-i', world.path(identity),
                           world.path(file)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return done.stdout.decode() if done.returncode == 0 else ''


def add(world, there=True):
    if there:
        seal_one(world, 'keys.age')
    value = world.new_key('new')
    return Change(world, ['keys.age'], [
        'key', 'add', 'new', '--to', 'keys.age', '--host', HOST, *IDENTITY],
        lambda file: value in opened(world, file, 'identity'), value)


def add_new(world):
    return add(world, there=False)


def import_new(world):
    values = [world.new_key('one'), world.new_key('two')]
    text = 'name,key\none,%s\ntwo,%s\n' % tuple(values)
    return Change(world, ['keys.age'], [
        'key', 'import', '-', '--to', 'keys.age', '--host', HOST, *IDENTITY],
        lambda file: all(v in opened(world, file, 'identity')
                         for v in values), text)


def edit(world):
    seal_one(world, 'keys.age')
    editor = world.write('editor', '#!/bin/sh\nsed -i s/old/new/ "$1"\n')
    os.chmod(editor, 0o755)
    change = Change(world, ['keys.age'], ['edit', *IDENTITY, 'keys.age'],
                    lambda f: '"new"' in opened(world, f, 'identity'))
    change.env = {**change.env, 'EDITOR': editor, 'VISUAL': ''}
    return change


def rekey(world, n=1):
    files = ['a.age', 'b.age', 'c.age'][:n]
    for file in files:
        seal_one(world, file)
    second = world.run('keygen', '-o', 'second').stdout.strip()
    return Change(world, files, ['rekey', *IDENTITY, '-r', second, *files],
                  lambda f: opened(world, f, 'second') != '')


def rekey_three(world):
    return rekey(world, 3)


CHANGES = [add, add_new, import_new, edit, rekey, rekey_three]
SYNCS = {add: 2, add_new: 2, import_new: 2, edit: 2, rekey: 2, rekey_three: 6}


@strace.needed
@pytest.mark.parametrize('prepare', CHANGES)
def test_any_sync_may_fail(bare, prepare):
    change = prepare(bare)
    seen = change.sweep('fsync', 'error=EIO')
    assert seen == [False] * SYNCS[prepare] + [True]


@strace.needed
@pytest.mark.parametrize('prepare', CHANGES)
def test_the_disk_may_fail_for_good(bare, prepare):
    change = prepare(bare)
    for when in range(1, SYNCS[prepare] + 1):
        done, made = change.run('fsync:error=EIO:when=%d+' % when)
        assert made and not change.judge(done, when), when
        assert not change.left()
        # That it is not on the disk is said, where it may be a surprise.
        if when > SYNCS[prepare] // 2:
            assert 'a crash of the machine' in done.stderr, done.stderr


@strace.needed
@pytest.mark.parametrize('prepare', CHANGES)
def test_any_rename_may_fail(bare, prepare):
    change = prepare(bare)
    call = 'renameat2' if prepare in (add_new, import_new) else 'renameat'
    seen = change.sweep(call, 'error=EIO')
    assert seen == [False] * len(change.files) + [True]


@strace.needed
@pytest.mark.parametrize('prepare', CHANGES)
def test_old_files_are_kept_without_links_too(bare, prepare):
    change = prepare(bare)
    seen = change.sweep('linkat', 'error=EPERM')
    assert all(seen)
    # As where nothing has two names, and the disk fails besides.
    for when in range(1, 3 * SYNCS[prepare]):
        done, made = change.run('linkat:error=EPERM:when=1+',
                                'fsync:error=EIO:when=%d' % when)
        new = change.judge(done, when)
        assert new == ('fsync' not in made), (when, done.stderr)
        assert not change.left()


@strace.needed
@pytest.mark.parametrize('error', ['EINVAL', 'ENOSYS'])
def test_a_new_file_is_made_by_old_kernels_too(bare, error):
    change = add_new(bare)
    done, made = change.run('renameat2:error=%s:when=1+' % error)
    assert made == ['renameat2'] and change.judge(done, error)
    done, made = change.run('renameat2:error=%s:when=1+' % error,
                            'linkat:error=EIO:when=1')
    assert 'linkat' in made and not change.judge(done, error)
    assert not change.left()


@strace.needed
@pytest.mark.parametrize('prepare', [add, rekey, rekey_three])
def test_what_cannot_be_removed_is_removed_next_time(bare, prepare):
    change = prepare(bare)
    assert all(change.sweep('unlinkat', 'error=EIO'))
    done, _ = change.run()
    assert change.judge(done, 'none') and not change.left()


@strace.needed
def test_of_three_files_each_says_what_it_is_where_undoing_fails(bare):
    change = rekey_three(bare)
    partly = 0
    for sync in range(4, 7):
        for rename in range(1, 7):
            done, made = change.run('fsync:error=EIO:when=%d' % sync,
                                    'renameat:error=EACCES:when=%d' % rename)
            change.judge(done, (sync, rename))
            partly += 'putting it back' in done.stderr
            assert not change.left()
            # From there on no rename works.
            done, made = change.run('fsync:error=EIO:when=%d' % sync,
                                    'renameat:error=EACCES:when=%d+' % rename)
            assert made and done.returncode == 1
            change.judge(done, (sync, rename))
            partly += 'putting it back' in done.stderr
            assert not change.left()
    assert partly > 2


@strace.needed
def test_undoing_needs_no_room(bare):
    """Nothing is written once the first file has changed."""
    change = rekey_three(bare)
    done, made = change.run('fsync:error=EIO:when=6')
    assert made and not change.judge(done, 'third')
    log = bare.path('log')
    subprocess.run(
        [strace.STRACE, '-qq', '-o', log, '-e', 'trace=renameat,openat,'
         'write,sendfile,linkat', '-e', 'inject=renameat:error=EIO:when=3',
         bare.program, *change.args], cwd=bare.folder, env=change.env,
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(log) as f:
        calls = f.read()
    after = calls[calls.index('renameat('):]
    assert after.count('renameat(') == 5 and 'INJECTED' in after
    assert not re.search(r'O_CREAT|sendfile|linkat|write\([^2]', after), after
    assert not change.left()


@strace.needed
@pytest.mark.parametrize('prepare', [add, rekey_three])
def test_interrupted_before_anything_changed_it_leaves_nothing(bare, prepare):
    change = prepare(bare)
    done, _ = change.run('linkat:signal=TERM:when=1')
    assert done.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert 'interrupted: nothing was changed' in done.stderr
    assert not any(change.is_new(f) for f in change.files)
    assert not change.left()

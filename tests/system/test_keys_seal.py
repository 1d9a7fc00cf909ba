"""seal and unseal beside Debian's age: each opens what the other made."""

import os
import re
import resource
import signal
import subprocess

import pytest
import world as world_module

CHUNK = 65536
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1,
         1000000, (64 << 20) if world_module.FULL else (4 << 20)]


def call(world, *args, data=b'', good=True, program=None, **more):
    done = subprocess.run([program or world.program, *args],
                          cwd=world.folder, input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=world_module.LIMIT * 3, **more)
    assert (done.returncode == 0) == good, done.stderr
    assert not world_module.TROUBLE.search(done.stderr.decode())
    return done


def recipients(world, n):
    """n identities; the flags that seal to all of them."""
    flags = ['-r', world.recipient]
    for i in range(1, n):
        made = call(world, 'keygen', '-o', 'more%d' % i)
        flags += ['-r', made.stdout.decode().strip()]
    return flags


@pytest.mark.parametrize('armor', [[], ['-a']])
@pytest.mark.parametrize('size', SIZES)
def test_age_opens_what_seal_made_and_the_other_way_round(bare, size, armor):
    data = os.urandom(size)
    to = recipients(bare, 1 + size % 5)
    last = 'more%d' % (size % 5) if size % 5 else 'identity'
    ours = call(bare, 'seal', *to, *armor, data=data).stdout
    assert call(bare, '-d', '-i', last, data=ours,
                program='age').stdout == data
    theirs = call(bare, *to, *armor, data=data, program='age').stdout
    assert call(bare, 'unseal', '-i', last, data=theirs).stdout == data
    assert len(ours) == len(theirs)


def test_a_passphrase_of_a_file_seals_and_opens(bare):
    bare.write('pw', 'correct horse\n')
    sealed = call(bare, 'seal', '--passphrase-file', 'pw',
                  data=b'hello').stdout
    assert call(bare, 'unseal', '--passphrase-file', 'pw',
                data=sealed).stdout == b'hello'
    bare.write('pw', 'wrong\n')
    done = call(bare, 'unseal', '--passphrase-file', 'pw', data=sealed,
                good=False)
    assert b'wrong passphrase' in done.stderr and done.stdout == b''


def test_a_protected_identity_opens(bare):
    bare.write('pw', 'correct horse\n')
    call(bare, 'seal', '--passphrase-file', 'pw', '-a', '-o', 'protected',
         'identity')
    sealed = call(bare, 'seal', '-r', bare.recipient, data=b'hello').stdout
    assert call(bare, 'unseal', '-i', 'protected', '--passphrase-file', 'pw',
                data=sealed).stdout == b'hello'


def test_a_work_factor_that_is_too_large_is_said_so(bare):
    header = (b'age-encryption.org/v1\n-> scrypt %s 21\n%s\n--- %s\n'
              % (b'A' * 22, b'A' * 43, b'A' * 43))
    bare.write('pw', 'x\n')
    done = call(bare, 'unseal', '--passphrase-file', 'pw', data=header,
                good=False)
    assert b'work factor is too large' in done.stderr


def test_output_appears_only_when_it_is_whole(bare):
    data = os.urandom(3 << 20)
    call(bare, 'seal', '-r', bare.recipient, '-o', 's', data=data)
    with open(bare.path('s'), 'rb') as f:
        sealed = f.read()
    for cut in (len(sealed) - 1, 2 << 20, 300, 10):
        with open(bare.path('cut'), 'wb') as f:
            f.write(sealed[:cut])
        done = call(bare, 'unseal', '-i', 'identity', 'cut', good=False)
        assert done.stdout == b'', 'released %d bytes' % len(done.stdout)
        call(bare, 'unseal', '-i', 'identity', '-o', 'out', 'cut',
             good=False)
        assert not os.path.exists(bare.path('out'))
    assert not [f for f in os.listdir(bare.folder) if '.sallyport-' in f]


def leave(how, number):
    if how == 'ignored':
        signal.signal(number, signal.SIG_IGN)
    else:
        signal.pthread_sigmask(signal.SIG_BLOCK, [number])


@pytest.mark.parametrize('how', ['ignored', 'blocked'])
def test_a_signal_that_was_to_be_left_alone_interrupts_nothing(bare, how):
    with subprocess.Popen(
            [bare.program, 'seal', '-r', bare.recipient, '-o', 'out'],
            cwd=bare.folder, stdin=subprocess.PIPE,
            preexec_fn=lambda: leave(how, signal.SIGHUP)) as child:
        # The temporary file is there: signals are held back by now.
        world_module.wait_until(
            lambda: any(f.startswith('.out') for f in os.listdir(bare.folder)),
            'the file being made')
        child.send_signal(signal.SIGHUP)
        child.stdin.write(b'all of it')
        child.stdin.close()
        assert child.wait(world_module.LIMIT) == 0
    assert call(bare, 'unseal', '-i', 'identity', 'out').stdout == b'all of it'


def test_a_long_pipe_says_that_what_it_released_is_not_all(bare):
    data = os.urandom(3 << 20)
    sealed = call(bare, 'seal', '-r', bare.recipient, data=data).stdout
    done = call(bare, 'unseal', '-i', 'identity', data=sealed[:-1],
                good=False)
    assert data.startswith(done.stdout)
    assert b'not all of it' in done.stderr


@pytest.mark.parametrize('change,pattern', [
    (lambda s: b'x' + s, b'not an age file'),
    (lambda s: b'', b'not an age file'),
    (lambda s: s.replace(b'/v1', b'/v9'), b'a newer version of the age format, v9;'),
    (lambda s: s.replace(b'/v1', b'/w1'), b'the header is damaged'),
    (lambda s: s.replace(b'\n--- ', b'\n--- A'), b'header'),
    (lambda s: s[:-1], b'cut or altered'),
    (lambda s: s[:-1] + bytes([s[-1] ^ 1]), b'cut or altered'),
    (lambda s: s + b'x', b'cut or altered'),
])
def test_each_damage_has_its_message(bare, change, pattern):
    sealed = call(bare, 'seal', '-r', bare.recipient, data=b'hello').stdout
    done = call(bare, 'unseal', '-i', 'identity', data=change(sealed),
                good=False)
    assert done.stdout == b'' and pattern in done.stderr, done.stderr


def test_damaged_armor_is_said_with_its_line(bare):
    sealed = call(bare, 'seal', '-a', '-r', bare.recipient,
                  data=b'hello' * 50).stdout.split(b'\n')
    sealed[3] = sealed[3][:-1] + b'!'
    done = call(bare, 'unseal', '-i', 'identity', data=b'\n'.join(sealed),
                good=False)
    assert b'standard input:4: the armor is damaged' in done.stderr


def test_sealed_to_somebody_else_is_said_with_who_we_are(bare):
    other = call(bare, 'keygen', '-o', 'other').stdout.decode().strip()
    sealed = call(bare, 'seal', '-r', other, data=b'x').stdout
    done = call(bare, 'unseal', '-i', 'identity', data=sealed, good=False)
    assert b'no identity matches' in done.stderr
    assert bare.recipient.encode() in done.stderr


@pytest.mark.parametrize('args,pattern', [
    ([], b'to whom'), (['-p', '-r', 'RECIPIENT'], b'not both'),
    (['-p', '--passphrase-file', '-'], b'standard input cannot'),
])
def test_wrong_usage_of_seal_is_explained(bare, args, pattern):
    args = [bare.recipient if a == 'RECIPIENT' else a for a in args]
    done = subprocess.run([bare.program, 'seal', *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert done.returncode == 2 and pattern in done.stderr


def little_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (8 << 20, 8 << 20))


def test_a_gigabyte_takes_no_more_memory_than_a_little(bare):
    size = 1 << 30 if world_module.FULL else 64 << 20
    # The sanitizer's own memory is beyond any limit.
    limit = None if world_module.SANITIZED else little_memory
    with open(bare.path('big'), 'wb') as f:
        f.truncate(size)
    for args in (['seal', '-r', bare.recipient, '-o', 's', 'big'],
                 ['unseal', '-i', 'identity', '-o', 'back', 's'],
                 ['unseal', '-i', 'identity', '-o', '/dev/null', 's']):
        call(bare, *args, preexec_fn=limit)
    assert os.path.getsize(bare.path('back')) == size
    os.unlink(bare.path('back'))


@pytest.mark.parametrize('out', ['s', './s', 'link', 'twin'])
def test_unseal_does_not_take_the_place_of_what_it_reads(bare, out):
    call(bare, 'seal', '-r', bare.recipient, '-o', 's', data=b'x')
    os.symlink('s', bare.path('link'))
    os.link(bare.path('s'), bare.path('twin'))
    with open(bare.path('s'), 'rb') as f:
        before = f.read()
    done = call(bare, 'unseal', '-i', 'identity', '-o', out, 's', good=False)
    assert b'is the input, too' in done.stderr
    with open(bare.path('s'), 'rb') as f:
        assert f.read() == before


def test_an_unwritable_output_is_named(bare):
    done = call(bare, 'seal', '-r', bare.recipient, '-o', 'no/such/place',
                data=b'x', good=False)
    assert re.search(b'no/such/place: No such file', done.stderr)
    with open('/dev/full', 'w') as full:
        done = subprocess.run([bare.program, 'seal', '-r', bare.recipient],
                              input=b'x', stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == 1 and b'No space left' in done.stderr


@pytest.mark.parametrize('mode,warned', [(0o600, False), (0o644, True),
                                         (0o620, True)])
def test_unseal_warns_of_an_output_that_others_may_use(bare, mode, warned):
    call(bare, 'seal', '-r', bare.recipient, '-o', 's', data=b'hello')
    bare.write('out', 'old')
    os.chmod(bare.path('out'), mode)
    done = call(bare, 'unseal', '-i', 'identity', '-o', 'out', 's')
    assert os.stat(bare.path('out')).st_mode & 0o777 == mode
    said = b'out: its mode is %04o' % mode in done.stderr
    assert said == warned, done.stderr
    call(bare, 'unseal', '-i', 'identity', '-o', 'new', 's')
    assert os.stat(bare.path('new')).st_mode & 0o777 == 0o600

"""Files that are read: by which names, in which encodings, and from whom."""

import codecs
import os
import re
import shutil
import subprocess

import pytest
import world as world_module
from world import NOBODY, ROOT

GROUP = 54321
needs_root = pytest.mark.skipif(not ROOT, reason='needs root')


@pytest.fixture
def set_up(world):
    """A configuration, c, that is fine."""
    world.write('c', world.config())
    return world


def refuses(world, why, *args, status=1, **more):
    done = world.run(*args, **more)
    assert done.returncode == status, done.stdout + done.stderr
    assert re.search(why, done.stderr), done.stderr


def both_refuse(world, why, **more):
    """`check` and `run`, with the configuration c."""
    refuses(world, why, 'check', '-c', 'c', **more)
    refuses(world, why, 'run', '-c', 'c', **more)


def accepts(world, *args, **more):
    done = world.run(*args, **more)
    assert done.returncode == 0, done.stderr
    return done


def text_of(world, name):
    with open(world.path(name)) as f:
        return f.read()


def write_bytes(world, name, data):
    path = world.path(name)
    if os.path.exists(path):
        os.unlink(path)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), 'wb') as f:
        f.write(data)


# Standard input.

def test_a_configuration_comes_from_standard_input(set_up):
    text = text_of(set_up, 'c')
    done = accepts(set_up, 'check', '-c', '-', stdin=text)
    assert 'standard input: configuration ok' in done.stdout
    done = accepts(set_up, 'explain', '-c', '-', 'GET', '/', stdin=text)
    assert 'route: all' in done.stdout
    done = accepts(set_up, 'key', 'list', '-c', '-', stdin=text)
    assert 'team-a' in done.stdout
    refuses(set_up, r'^standard input:1: unknown option', 'check', '-c', '-',
            stdin='wrokers = 1;' + text)


def test_run_takes_its_configuration_from_standard_input(set_up):
    process = world_module.Process(
        ['sh', '-c', 'exec "$0" run -c - <c', set_up.program], set_up.folder,
        set_up.environment())
    set_up.processes.append(process)
    process.wait_ready()


def test_an_identity_comes_from_standard_input(set_up):
    set_up.write('anonymous', re.sub('identity = .*', '',
                                     text_of(set_up, 'c')))
    secret = text_of(set_up, 'identity')
    for args in (['check', '-c', 'anonymous', '-i', '-'],
                 ['key', 'list', '-i', '-', 'keys.age'],
                 ['unseal', '-i', '-', '-o', 'out', 'keys.age']):
        accepts(set_up, *args, stdin=secret)
    os.unlink(set_up.path('out'))
    refuses(set_up, r'^standard input:1: not an identity', 'check', '-c',
            'anonymous', '-i', '-', stdin='hello\n')


def test_sealed_files_and_recipients_come_from_standard_input(set_up):
    accepts(set_up, 'seal', '-a', '-R', '-', '-o', 'armored', 'c',
            stdin=set_up.recipient + '\n')
    done = accepts(set_up, 'unseal', '-i', 'identity', '-o', '-', '-',
                   stdin=text_of(set_up, 'armored'))
    assert done.stdout == text_of(set_up, 'c')
    accepts(set_up, 'seal', '-a', '-r', set_up.recipient, '-o', 'keys.txt',
            stdin='keys = ();\n')
    done = accepts(set_up, 'key', 'list', '-i', 'identity', '-',
                   stdin=text_of(set_up, 'keys.txt'))
    assert done.stdout.startswith('standard input\n')
    refuses(set_up, '^sallyport: standard input: holds no recipient', 'seal',
            '-R', '-', 'c')


@pytest.mark.parametrize('args', [
    ['edit', '-i', 'identity', '-'], ['rekey', '-r', 'RECIPIENT', '-'],
    ['key', 'add', 'x', '--host', 'h.example', '--to', '-'],
    ['key', 'remove', 'x', '--from', '-']])
def test_standard_input_is_not_changed(set_up, args):
    args = [set_up.recipient if a == 'RECIPIENT' else a for a in args]
    refuses(set_up, 'standard input cannot be changed in its place', *args)


@pytest.mark.parametrize('args, both', [
    (['check', '-c', '-', '-i', '-'], '--config and --identity'),
    (['unseal', '-i', '-'], '--identity and FILE'),
    (['unseal', '-i', '-', '-i', '-', 'f'], '--identity and --identity'),
    (['seal', '-R', '-', '-'], '--recipients-file and FILE'),
    (['key', 'list', '-i', '-', 'f', '-'], '--identity and FILE'),
    (['key', 'import', '-', '--to', 'f', '--host', 'h', '--passphrase-file',
      '-'], '--passphrase-file and CSV'),
    (['key', 'add', 'x', '--to', 'f', '--host', 'h', '--value-file', '-',
      '-R', '-'], '--value-file and --recipients-file'),
    (['key', 'add', 'x', '--to', 'f', '--host', 'h', '-i', '-'],
     '--identity and the value')])
def test_standard_input_is_read_once(bare, args, both):
    refuses(bare, 'standard input cannot be both, %s' % both, *args, status=2)


def test_a_name_in_a_configuration_never_means_standard_input(set_up):
    set_up.write('c', set_up.config().replace(set_up.identity, '-'))
    refuses(set_up, 'identity ./-: No such file', 'check', '-c', 'c',
            stdin=text_of(set_up, 'identity'))


# Encodings.

MARKS = {'utf-8': codecs.BOM_UTF8, 'utf-16-le': codecs.BOM_UTF16_LE,
         'utf-16-be': codecs.BOM_UTF16_BE}


def encode(world, name, encoding, mark):
    text = text_of(world, name)
    write_bytes(world, name, (MARKS[encoding] if mark else b'') +
                text.encode(encoding))


def try_everything(world):
    """What each reader of a text says."""
    csv = 'name,key\nx,%s\n' % world.new_key('x')
    world.plain_files.update((world.path('keys.csv'),))
    world.write('keys.csv', csv)
    world.write('inner', 'keys = ();\n')
    world.write('to', world.recipient + '\n')
    accepts(world, 'seal', '-a', '-r', world.recipient, '-o', 'armored',
            'inner')
    identity = ['-i', 'identity']
    return [
        ('c', ['check', '-c', 'c']), ('identity', ['check', '-c', 'c']),
        ('identity', ['key', 'list', *identity, 'armored']),
        ('to', ['seal', '-R', 'to', '-o', 'out', 'inner']),
        ('armored', ['key', 'list', *identity, 'armored']),
        ('armored', ['unseal', *identity, '-o', 'out', 'armored']),
        ('keys.csv', ['key', 'import', 'keys.csv', '--to', 'new.age',
                      '--host', 'h.example', '-r', world.recipient]),
        ('passphrase', ['seal', '--passphrase-file', 'passphrase', '-o',
                        'out', 'inner'])]


def test_a_byte_order_mark_is_skipped(set_up):
    set_up.write('passphrase', 'correct horse')
    for name, args in try_everything(set_up):
        before = open(set_up.path(name), 'rb').read()
        encode(set_up, name, 'utf-8', True)
        accepts(set_up, *args)
        write_bytes(set_up, name, before)
    write_bytes(set_up, 'inner', codecs.BOM_UTF8 + b'keys = ();\n')
    accepts(set_up, 'seal', '-r', set_up.recipient, '-o', 'k.age', 'inner')
    accepts(set_up, 'key', 'add', 'y', '--to', 'k.age', '--host', 'h.example',
            *['-i', 'identity'], stdin=set_up.new_key('y'))
    assert ' y ' in accepts(set_up, 'key', 'list', '-i', 'identity',
                            'k.age').stdout


def test_marks_that_libconfig_meets_are_called_so(set_up):
    """In what is included inside of brackets, which it opens itself."""
    set_up.write('c', set_up.config(log='\n@include "part"\n'))
    for encoding, what in (('utf-8', 'byte order mark'),
                           ('utf-16-le', 'UTF-16'), ('utf-16-be', 'UTF-16')):
        set_up.write('part', 'access = "none";\n')
        encode(set_up, 'part', encoding, True)
        refuses(set_up, r'^part:1: .*' + what, 'check', '-c', 'c')


@pytest.mark.parametrize('mark', [True, False])
@pytest.mark.parametrize('encoding', ['utf-16-le', 'utf-16-be'])
def test_utf16_is_called_so(set_up, encoding, mark):
    set_up.write('passphrase', 'correct horse')
    for name, args in try_everything(set_up):
        before = open(set_up.path(name), 'rb').read()
        encode(set_up, name, encoding, mark)
        refuses(set_up, r'\b%s\b.* UTF-16' % name, *args)
        write_bytes(set_up, name, before)
    write_bytes(set_up, 'inner', (MARKS[encoding] if mark else b'') +
                'keys = ();\n'.encode(encoding))
    accepts(set_up, 'seal', '-r', set_up.recipient, '-o', 'k.age', 'inner')
    refuses(set_up, 'k.age:1: .* UTF-16', 'key', 'list', '-i', 'identity',
            'k.age')


# Keys of other programs.

@pytest.mark.parametrize('text, what', [
    ('ssh-ed25519 AAAAC3Nz me@here', 'a public key of ssh'),
    ('-----BEGIN OPENSSH PRIVATE KEY-----', 'a private key of ssh'),
    ('AGE-PLUGIN-YUBIKEY-1QQPQQ', 'an identity of an age plugin'),
    ('age1yubikey1qdkfjs', 'a recipient of an age plugin'),
    ('age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqy',
     'a recipient, whom files are sealed to')])
def test_what_is_no_identity_is_called_what_it_is(set_up, text, what):
    with open(set_up.identity, 'w') as f:
        f.write('# mine\n%s\n' % text)
    both_refuse(set_up, r'identity:2: %s' % what)
    refuses(set_up, r'identity:2: %s' % what, 'key', 'list', '-i', 'identity',
            'keys.age')


@pytest.mark.parametrize('text, what', [
    ('ssh-ed25519 AAAAC3Nz me@here', 'a public key of ssh'),
    ('age1yubikey1qdkfjs', 'a recipient of an age plugin'),
    ('AGE-PLUGIN-YUBIKEY-1QQPQQ', 'an identity of an age plugin')])
def test_what_is_no_recipient_is_called_what_it_is(bare, text, what):
    bare.write('to', text + '\n')
    bare.write('x', '')
    refuses(bare, 'to:1: ' + what, 'seal', '-R', 'to', 'x')
    refuses(bare, '-r .*: ' + what, 'seal', '-r', text, 'x')


# Who may write.

def test_a_file_that_everybody_may_write_is_refused(set_up):
    set_up.write('part', 'workers = 1;\n')
    set_up.write('c', re.sub('workers = .*?;', '@include "part"\n',
                             text_of(set_up, 'c')))
    accepts(set_up, 'check', '-c', 'c')
    for name in 'c', 'part', 'keys.age':
        mode = os.stat(set_up.path(name)).st_mode & 0o777
        os.chmod(set_up.path(name), 0o646)
        both_refuse(set_up, r'\b%s\b.*everybody may write it \(mode 0646\)'
                    % name)
        os.chmod(set_up.path(name), mode)
    accepts(set_up, 'check', '-c', 'c')


def test_verbs_refuse_what_everybody_may_write(set_up):
    set_up.write('passphrase', 'correct horse')
    set_up.write('to', set_up.recipient)
    identity = ['-i', 'identity']
    for name, args in (
            ('keys.age', ['key', 'list', *identity, 'keys.age']),
            ('keys.age', ['edit', *identity, 'keys.age']),
            ('keys.age', ['rekey', *identity, '-r', set_up.recipient,
                          'keys.age']),
            ('to', ['seal', '-R', 'to', 'c']),
            ('passphrase', ['seal', '--passphrase-file', 'passphrase', 'c'])):
        os.chmod(set_up.path(name), 0o666)
        refuses(set_up, r'\b%s: .*everybody may write it' % name, *args)
        os.chmod(set_up.path(name), 0o600)


def test_what_is_included_inside_of_brackets_is_judged_too(set_up):
    """By libconfig."""
    set_up.write('part', 'access = "none";\n')
    set_up.write('c', set_up.config(log='\n@include "part"\n'))
    accepts(set_up, 'check', '-c', 'c')
    os.chmod(set_up.path('part'), 0o666)
    both_refuse(set_up, 'part:1: everybody may write it')


def test_a_folder_that_everybody_may_write_is_refused(set_up):
    os.mkdir(set_up.path('open'))
    os.mkdir(set_up.path('open/below'))
    os.chmod(set_up.path('open'), 0o777)
    shutil.move(set_up.path('keys.age'), set_up.path('open/below/keys.age'))
    os.symlink('open/below/keys.age', set_up.path('keys.age'))
    both_refuse(set_up, r'keys\.age: everybody may write the folder \S+/open '
                r'\(mode 0777\)')
    os.chmod(set_up.path('open'), 0o1777)
    accepts(set_up, 'check', '-c', 'c')


def test_what_a_group_may_write_is_warned_of(set_up):
    os.chmod(set_up.path('keys.age'), 0o660)
    os.chmod(set_up.folder, 0o770)
    done = accepts(set_up, 'check', '-c', 'c')
    assert re.search(r'keys\.age:1: warning: its group may write it',
                     done.stderr), done.stderr
    folder = r'^%s:1: warning: its group may write this folder' % set_up.folder
    assert len(re.findall(folder, done.stderr, re.M)) == 1, done.stderr
    process = set_up.launch(text_of(set_up, 'c'))
    process.wait_ready()
    assert re.search(folder, process.stderr, re.M)


# Who may read.

def test_an_identity_that_all_may_read_is_refused_with_what_to_do(set_up):
    os.chmod(set_up.identity, 0o444)
    both_refuse(set_up, r"identity: group or others may use it: chmod 600 .*"
                r"'defaultMode: 0440'.*'mode: 0440'.*CREDENTIALS_DIRECTORY")


def as_in_a_pod(world, mode):
    """A secret's volume: its folder is everybody's, and sticky."""
    pod = world.path('pod')
    os.makedirs(pod + '/..2026_12_01')
    os.chmod(pod, 0o3777)
    shutil.copy(world.identity, pod + '/..2026_12_01/identity')
    os.symlink('..2026_12_01', pod + '/..data')
    os.symlink('..data/identity', pod + '/identity')
    os.chmod(pod + '/..2026_12_01/identity', mode)
    os.chown(pod + '/..2026_12_01/identity', 0, GROUP)
    world.user = None
    os.chmod(world.folder, 0o755)
    os.chmod(world.path('keys.age'), 0o644)
    ca = shutil.copyfile(world.pki.ca, world.path('ca.pem'))
    text = world.config(upstreams=[world.upstream(ca=ca)],
                        log='access = "none";')
    os.chmod(world.write('c', text.replace(
        world.identity, pod + '/identity')), 0o644)


@needs_root
@pytest.mark.parametrize('mode, groups, good', [
    (0o440, [GROUP], True), (0o444, [GROUP], False), (0o440, [], False),
    (0o460, [GROUP], False)])
def test_a_secret_of_kubernetes_is_readable_by_our_group_alone(
        world, mode, groups, good):
    as_in_a_pod(world, mode)
    done = world.run('check', '-c', 'c', user=GROUP - 1, group=GROUP - 2,
                     extra_groups=groups)
    assert (done.returncode == 0) == good, done.stderr
    assert 'its group may write' not in done.stderr


@needs_root
def test_an_identity_of_somebody_else_is_refused(set_up):
    os.chown(set_up.identity, 65534, 65534)
    both_refuse(set_up, 'belongs to user 65534, not to root, who runs '
                'this: chown it, or run this as user 65534')
    set_up.write('c', text_of(set_up, 'c').replace(
        'user = "root"', 'user = "nobody"'))
    accepts(set_up, 'check', '-c', 'c')
    accepts(set_up, 'key', 'list', '-c', 'c')


@needs_root
def test_a_read_only_file_system_cannot_be_written(set_up):
    os.chmod(set_up.folder, 0o777)
    os.chmod(set_up.path('c'), 0o666)
    refuses(set_up, 'everybody may write', 'check', '-c', 'c')
    done = subprocess.run(
        ['unshare', '-m', 'sh', '-c', 'mount --bind "$1" "$1" && '
         'mount -o remount,bind,ro "$1" && exec "$0" check -c "$1/c"',
         set_up.program, set_up.folder], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    if 'unshare' in done.stdout or 'mount:' in done.stdout:
        pytest.skip('no mounts here')
    # The access log cannot be made there, and that is all.
    assert 'everybody' not in done.stdout and done.stdout.count('\n') == 1, \
        done.stdout


# Whom it runs as.

@needs_root
def test_root_without_a_user_to_become_is_warned_of(world):
    world.user = None
    done = accepts(world, 'check', '-c', world.write('c', world.config()))
    assert 'c:1: warning: runs as root, and so do its workers' in done.stderr
    process = world.start()
    assert 'warning: runs as root' in process.stderr
    world.user = 'nobody'
    done = accepts(world, 'check', '-c', world.write('c', world.config()))
    assert not done.stderr


def test_a_user_to_become_without_root_is_warned_of(world):
    if ROOT:
        os.chmod(world.folder, 0o755)
        os.chown(world.identity, 65534, 65534)
        os.chmod(world.path('keys.age'), 0o644)
    world.user = None
    ca = shutil.copyfile(world.pki.ca, world.path('ca.pem'))
    file = world.write('c', world.config(
        upstreams=[world.upstream(ca=ca)], log='access = "none";',
        more='user = "daemon";'))
    os.chmod(file, 0o644)
    done = accepts(world, 'check', '-c', 'c', **NOBODY)
    assert re.search(r"c:\d+: warning: option 'user' has no effect: only root",
                     done.stderr), done.stderr


# What is lost.

def test_a_lost_identity_is_not_answered_with_a_new_one(set_up):
    with open(set_up.identity, 'w') as f:
        f.write('# nothing\n')
    both_refuse(set_up, 'holds no identity: restore it from a backup')
    os.unlink(set_up.identity)
    both_refuse(set_up, 'No such file or directory: restore it from a '
                "backup; a new one opens nothing .* 'sallyport rekey'")
    refuses(set_up, 'restore it from a backup', 'key', 'list', '-c', 'c')
    os.unlink(set_up.path('keys.age'))
    refuses(set_up, "make it with: sallyport keygen -o /", 'check', '-c', 'c')

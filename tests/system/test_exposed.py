"""Secrets among the arguments are refused, whatever stands around them."""

import base64
import os
import re
import subprocess

import pytest
from keyfiles import HOST
from waiting import LIMIT, wait_until

PLACES = [                  # {} is the secret
    ['{}'], ['{}', 'x'], ['nonsense', '{}'], ['key', '{}'], ['--help', '{}'],
    ['--{}'], ['-{}'], ['--version', '{}'], ['help', '{}'], ['version', '{}'],
    ['run', '-c', '{}'], ['run', '-c{}'], ['check', '--config={}'],
    ['check', '/tmp/{}.conf'], ['init', '{}'], ['init', '--dir', '{}'],
    ['init', '--name={}'], ['keygen', '-o', '{}'], ['seal', '-r', '{}'],
    ['seal', '{}'], ['unseal', '-i', '{}', 'x'], ['unseal', '/a/"{}"/b'],
    ['edit', '{}'], ['rekey', '-r', '{}', 'x'],
    ['key', 'add', '{}', '--to', 'k', '--host', HOST],
    ['key', 'add', 'x', '{}', '--to', 'k', '--host', HOST],
    ['key', 'add', 'x', '--to', 'k', '--host', HOST, '--note', '{}'],
    ['key', 'add', 'x', '--to', 'k', '--host', '{}'],
    ['key', 'add', 'x', '--to', '{}', '--host', HOST],
    ['key', 'add', 'x', '--to', 'k', '--host', HOST, '--value-file', '{}'],
    ['key', 'add', 'x', '--to', 'k', '--host', HOST, '--value={}'],
    ['key', 'import', '{}', '--to', 'k', '--host', HOST],
    ['key', 'list', '{}'], ['key', 'remove', '{}', '--from', 'k'],
    ['explain', 'GET', '/?key={}'], ['explain', '{}', '/'],
    ['explain', '-H', 'Authorization: ApiKey {}', 'GET', '/'],
    ['explain', "-H'X-Api-Key:{}'", 'GET', '/'], ['run', '--', '{}'],
]


def secrets(world):
    """One of each kind, with what of it must not be seen."""
    pair = base64.b64encode(os.urandom(10).hex().encode() + b':' +
                            os.urandom(11).hex().encode()).decode()
    made = subprocess.run(['age-keygen'], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True)
    identity = re.search('AGE-SECRET-KEY-1[A-Z0-9]+', made.stdout)[0]
    found = [world.new_key('x'), pair, pair.rstrip('='), identity,
             identity.lower(), identity.replace('KEY-1', 'KEY-PQ-1')]
    world.secrets.update(found)
    return found


@pytest.mark.parametrize('args', PLACES, ids=' '.join)
def test_a_secret_in_an_argument_is_refused_before_all_else(bare, args):
    before = set(os.listdir(bare.folder))
    place = [n for n, a in enumerate(args, 1) if '{}' in a][0]
    for secret in secrets(bare):
        done = bare.run(*[a.replace('{}', secret) for a in args])
        assert done.returncode == 2 and not done.stdout
        assert done.stderr.startswith(
            'sallyport: there is a key or an identity in argument %d, so '
            'nothing was done.\n' % place), done.stderr
        assert "shell's history has it" in done.stderr
        assert 'revoke it' in done.stderr
        assert not re.search('[0-9A-Za-z_+/-]{20}', done.stderr)
    assert set(os.listdir(bare.folder)) == before


@pytest.mark.parametrize('args', [
    ['{}'], ['key', '{}'], ['check', '{}'], ['init', '{}'],
    ['key', 'add', 'x', '{}', '--to', 'k', '--host', HOST],
    ['key', 'add', '{}', '--to', 'k', '--host', HOST, '-i', 'identity'],
    ['key', 'remove', '{}', '{}', '--from', 'keys.age', '-i', 'identity'],
    ['key', 'remove', '{}', '--from', 'keys.age', '-i', 'identity'],
], ids=' '.join)
def test_what_may_be_a_secret_is_not_shown(bare, args):
    """A token of another API looks like nothing that is certain."""
    bare.seal_text('keys.age', 'keys = ();\n')
    token = 'aB3' + base64.urlsafe_b64encode(os.urandom(32)).decode()[:40]
    bare.secrets.add(token)
    done = bare.run(*[a.replace('{}', token) for a in args])
    assert done.returncode in (1, 2) and done.stderr
    assert token not in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize('args', [
    ['key', 'add', 'x', '{}'], ['{}'], ['init', '{}'], ['check', '-c{}'],
    ['check', '-c', '/tmp/{}'], ['key', 'add', 'x', '--expires={}'],
    ['explain', '-H', 'Authorization: ApiKey {}', 'GET', '/'],
])
def test_a_key_without_its_beginning_is_refused_too(bare, args):
    secret = bare.new_key('x')[len('essu_'):]
    bare.secrets.add(secret)
    done = bare.run(*[a.replace('{}', secret) for a in args])
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith(
        'sallyport: there is a key or an identity in argument '), done.stderr


def test_all_arguments_that_hold_secrets_are_named(bare):
    one, two = bare.new_key('one'), bare.new_key('two')
    done = bare.run('key', 'add', one, '--to', 'k', '--note=' + two)
    assert done.returncode == 2
    assert 'in arguments 3 and 6, so' in done.stderr


def test_a_secret_in_an_argument_is_overwritten(bare):
    """Stopped by a full pipe, it shows what is left of its arguments."""
    ours, its = os.pipe()
    os.set_blocking(its, False)
    while True:
        try:
            os.write(its, b'x' * 65536)
        except BlockingIOError:
            break
    os.set_blocking(its, True)
    value = bare.new_key('x')
    child = subprocess.Popen([bare.program, 'key', 'add', 'x', value],
                             cwd=bare.folder, stderr=its)
    os.close(its)

    def arguments():
        with open('/proc/%d/cmdline' % child.pid, 'rb') as f:
            return f.read().decode().split('\0')[1:-1]
    try:
        wait_until(lambda: arguments() == ['key', 'add', 'x',
                                           '*' * len(value)],
                   'nothing of it is left')
    finally:
        with os.fdopen(ours, 'rb') as rest:
            said = rest.read()
        assert child.wait(LIMIT) == 2
    assert b'argument 4' in said and value.encode() not in said


@pytest.mark.parametrize('args,status', [
    (['explain', '-H', 'Authorization: ApiKey ci', 'GET', '/'], 0),
    (['key', 'list', 'essu_keys.age'], 1),
    (['key', 'list', 'age-secret-key-1.age'], 1),
])
def test_what_only_resembles_a_secret_is_taken(world, args, status):
    if args[0] == 'explain':
        world.write('c', world.config())
        args = ['explain', '-c', 'c', *args[1:]]
    done = world.run(*args)
    assert done.returncode == status, done.stderr
    assert 'argument' not in done.stderr


def test_recipients_digests_and_deep_folders_are_no_secrets(bare):
    bare.write('plain', 'hello')
    folder = bare.path(*['0123456789abcdef' * 4] * 3, 'Team-A/Of/Keys')
    os.makedirs(folder)
    done = bare.run('seal', '-r', bare.recipient, '-o',
                    os.path.join(folder, 'sealed.age'), 'plain')
    assert done.returncode == 0, done.stderr

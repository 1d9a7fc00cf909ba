"""A configuration that is sealed itself: the main file and its fragments."""

import os
import re
import signal
import subprocess

import pytest
import world as world_module
from terminal import Terminal


def seal_by_age(world, file, text, *flags):
    subprocess.run(['age', *flags, '-r', world.recipient, '-o',
                    world.path(file)], input=text.encode(), check=True)


def seal_by_ours(world, file, text, *flags):
    done = world.run('seal', *flags, '-r', world.recipient, '-o', file,
                     stdin=text)
    assert done.returncode == 0, done.stderr


def seal_by_age_armored(world, file, text):
    seal_by_age(world, file, text, '-a')


SEALS = [seal_by_age, seal_by_ours, seal_by_age_armored]


def parts(world):
    """The text of a configuration: identity, the rest, and its routes."""
    text = world.config()
    identity, rest = text.split('\n', 1)
    at = rest.index('routes')
    end = rest.index(');', at) + 2
    return identity + '\n', rest[:at] + rest[end:], rest[at:end] + '\n'


def checks(world, *options):
    done = world.run('check', '-c', 'sallyport.conf', *options)
    assert done.returncode == 0, done.stderr


def fails(world, pattern, *options):
    done = world.run('check', '-c', 'sallyport.conf', *options)
    assert done.returncode == 1, done.stdout
    assert re.search(pattern, done.stderr, re.MULTILINE), done.stderr
    process = world.launch(None, options=options)
    assert process.wait_exit() == 1
    assert re.search(pattern, process.stderr, re.MULTILINE), process.stderr


@pytest.mark.parametrize('seal', SEALS)
def test_a_sealed_main_file_with_a_sealed_fragment_serves(world, seal):
    _, rest, routes = parts(world)
    seal(world, 'sallyport.conf', rest + '@include "routes.conf"\n')
    seal(world, 'routes.conf', routes)
    checks(world, '-i', 'identity')
    done = world.run('explain', '-c', 'sallyport.conf', '-i', 'identity',
                     'GET', '/')
    assert done.returncode == 0 and 'key: team-a' in done.stdout, done.stderr
    world.launch(None, options=('-i', world.identity)).wait_ready()
    assert world.ask().status == 200


@pytest.mark.parametrize('seal', SEALS)
def test_a_plain_main_file_with_a_sealed_fragment_serves(world, seal):
    identity, rest, routes = parts(world)
    world.write('sallyport.conf',
                identity + rest + '@include "routes.conf"\n')
    seal(world, 'routes.conf', routes)
    checks(world)
    world.launch(None).wait_ready()
    assert world.ask().status == 200


def test_keys_in_a_sealed_fragment_are_used(world):
    identity, rest, routes = parts(world)
    key = world_module.key_text('second', world.keys['team-a'])
    routes = routes.replace('team-a', 'second')
    world.write('sallyport.conf', identity + rest + routes +
                '@include "more.conf"\n')
    seal_by_age(world, 'more.conf', 'keys = ( %s );\n' % key)
    process = world.launch(None)
    process.wait_ready()
    assert world.ask().status == 200
    world.check_proc(process)


def test_the_credential_of_systemd_opens_all_of_it(world):
    _, rest, routes = parts(world)
    os.mkdir(world.path('creds'))
    os.rename(world.identity, world.path('creds', 'sallyport.identity'))
    seal_by_age(world, 'sallyport.conf', rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    world.launch(None, env={'CREDENTIALS_DIRECTORY': world.path('creds')}
                 ).wait_ready()
    assert world.ask().status == 200


def test_a_protected_identity_opens_a_sealed_main_file(world):
    _, rest, routes = parts(world)
    world.write('words', 'a passphrase of some length\n')
    with open(world.identity) as f:
        done = world.run('seal', '-p', '--passphrase-file', 'words', '-o',
                         'protected', stdin=f.read())
    assert done.returncode == 0, done.stderr
    os.chmod(world.path('protected'), 0o600)
    seal_by_age(world, 'sallyport.conf', rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    checks(world, '-i', 'protected', '--passphrase-file', 'words')
    world.launch(None, options=('-i', 'protected', '--passphrase-file',
                                'words')).wait_ready()
    assert world.ask().status == 200


def test_faults_have_the_name_and_line_of_the_sealed_file(world):
    _, rest, routes = parts(world)
    seal_by_age(world, 'sallyport.conf', '\nwrokers = 1;\n' + rest +
                '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', '\n\n' + routes + 'workers = 2;\n')
    done = world.run('check', '-c', 'sallyport.conf', '-i', 'identity')
    assert done.returncode == 1
    assert re.search(r"^sallyport\.conf:2: unknown option 'wrokers'",
                     done.stderr, re.M), done.stderr
    assert re.search(r"^routes\.conf:6: option 'workers' is given twice: it "
                     r'is in sallyport\.conf:4 already', done.stderr, re.M), \
        done.stderr


def test_what_opens_nothing_says_what_to_type(world):
    identity, rest, routes = parts(world)
    seal_by_age(world, 'sallyport.conf', identity + rest + routes)
    fails(world, r'sallyport\.conf:1: is sealed: say with -i IDENTITY')
    fails(world, r'^nothing:1: No such file', '-i', 'nothing')
    other = world.run('keygen', '-o', 'other')
    assert other.returncode == 0
    fails(world, r'sallyport\.conf:1: sealed to somebody else: no identity '
          r'in other opens it', '-i', 'other')
    world.write('sallyport.conf', rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    fails(world, r"routes\.conf:1: is sealed: set option 'identity' in .*"
          r'sallyport\.conf')


def test_a_sealed_fragment_that_was_cut_is_named(world):
    identity, rest, routes = parts(world)
    world.write('sallyport.conf',
                identity + rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    with open(world.path('routes.conf'), 'r+b') as f:
        f.truncate(os.path.getsize(f.name) - 5)
    fails(world, r'routes\.conf:1: .*cut or altered')


def test_the_verbs_for_keys_find_the_identity_of_such_a_configuration(world):
    identity, rest, routes = parts(world)
    world.write('sallyport.conf', '@include "rest.conf"\n'
                '@include "routes.conf"\n')
    world.write('rest.conf', identity + rest)
    seal_by_age(world, 'routes.conf', routes)
    done = world.run('key', 'list', '-c', 'sallyport.conf')
    assert done.returncode == 0 and 'team-a' in done.stdout, done.stderr


# Sealed with a passphrase, which no identity opens.

def seal_by_passphrase(world, file, text, words='words'):
    done = world.run('seal', '--passphrase-file', words, '-o', file,
                     stdin=text)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def secret(world):
    """A configuration in one file that was sealed with a passphrase."""
    world.write('words', 'correct horse\n')
    world.write('wrong', 'wrong horse\n')
    _, rest, routes = parts(world)
    rest = re.sub('^sealed.*\n', '', rest, flags=re.M)
    key = world_module.key_text('team-a', world.keys['team-a'])
    seal_by_passphrase(world, 'sallyport.conf', rest + routes +
                       'keys = ( %s );\n' % key)
    return world


def test_a_passphrase_alone_opens_a_configuration(secret):
    given = ('--passphrase-file', 'words')
    done = secret.run('explain', '-c', 'sallyport.conf', *given, 'GET', '/')
    assert done.returncode == 0 and 'key: team-a' in done.stdout, done.stderr
    secret.launch(None, options=given).wait_ready()
    assert secret.ask().status == 200
    done = secret.run('check', '-c', 'sallyport.conf', '--passphrase-file',
                      'wrong')
    assert done.returncode == 1
    assert done.stderr == 'sallyport.conf:1: wrong passphrase\n', done.stderr
    done = secret.run('check', '-c', 'sallyport.conf', start_new_session=True)
    assert done.returncode == 1
    assert done.stderr == (
        'sallyport.conf:1: sealed with a passphrase, and none was given: run '
        'it on a terminal, or with --passphrase-file\n'), done.stderr


def test_a_missing_identity_is_the_main_files_fault(world):
    world.write('words', 'correct horse\n')
    key = world_module.key_text('first', world.new_key('first'))
    seal_by_passphrase(world, 'first.age', 'keys = ( %s );\n' % key)
    lines = world.config(sealed=['first.age', 'keys.age']).split('\n')
    world.write('sallyport.conf', '\n'.join(
        line for line in lines if not line.startswith('identity')))
    options = ('--passphrase-file', 'words')
    process = world.launch(None, options=options)
    assert process.wait_exit() == 1
    assert re.match(r"\S+sallyport\.conf:1: option 'identity' is missing",
                    process.stderr), process.stderr
    # Systemd might have one.
    done = world.run('check', '-c', 'sallyport.conf', *options)
    assert done.returncode == 0
    assert done.stderr.startswith("sallyport.conf:1: warning: option "
                                  "'identity' is missing"), done.stderr


def test_run_asks_for_the_passphrase_of_a_configuration_once(secret):
    with Terminal([secret.program, 'run', '-c', 'sallyport.conf'],
                  secret.folder, secret.environment()) as t:
        t.expect(r'Passphrase of sallyport\.conf: ')
        assert not t.has_echo()
        t.send('correct horse\n')
        address = t.expect(r'listening on (\S+)')[1]
        t.expect('ready')
        assert secret.ask(which=address).status == 200
        os.kill(t.pid, signal.SIGTERM)
        assert t.wait() == 0
        assert t.text.count('Passphrase') == 1 and 'correct' not in t.text


def test_each_file_with_another_passphrase_is_asked_about(secret):
    os.rename(secret.path('sallyport.conf'), secret.path('more.conf'))
    seal_by_passphrase(secret, 'sallyport.conf', '@include "more.conf"\n',
                       'wrong')
    with Terminal([secret.program, 'check', '-c', 'sallyport.conf'],
                  secret.folder, secret.environment()) as t:
        t.answer(r'Passphrase of sallyport\.conf: ', 'wrong horse')
        t.answer(r'Passphrase of more\.conf: ', 'wrong cow')
        assert t.wait() == 1
        t.expect('more.conf:1: wrong passphrase')


def test_the_verbs_for_keys_look_into_what_a_passphrase_opens(secret):
    given = ('-c', 'sallyport.conf', '--passphrase-file', 'words')
    done = secret.run('key', 'list', *given)
    assert done.returncode == 0, done.stderr
    assert re.search(r'^sallyport\.conf\n.*\n  team-a ', done.stdout, re.M)
    assert 'sealed with a passphrase' in done.stdout
    done = secret.run('key', 'list', '-c', 'sallyport.conf',
                      start_new_session=True)
    assert done.returncode == 1 and done.stdout == ''
    assert 'sallyport.conf:1: sealed with a passphrase' in done.stderr
    # The identity that stands in there opens others.
    identity, _, _ = parts(secret)
    seal_by_passphrase(secret, 'sallyport.conf', identity +
                       'sealed = [ "keys.age" ];\n')
    done = secret.run('key', 'list', *given)
    assert done.returncode == 0 and ' team-b ' in done.stdout, done.stderr
    done = secret.run('key', 'remove', 'team-b', '--from', 'keys.age', *given)
    assert done.returncode == 0, done.stderr
    # What needs no identity does not ask what opens the configuration.
    done = secret.run('key', 'list', '-c', 'sallyport.conf', '-i', 'identity',
                      'keys.age', start_new_session=True)
    assert done.returncode == 0 and ' team-b ' not in done.stdout


# Keys in the configuration itself.

def test_key_list_names_keys_of_main_file_and_fragments(bare):
    text = 'keys = ( %s );\n'
    one, two = (world_module.key_text(n, bare.new_key(n))
                for n in ('one', 'two'))
    given = ('-c', 'sallyport.conf', '-i', 'identity')
    seal_by_ours(bare, 'sallyport.conf', text % one + 'sealed = [ "*.age" ];')
    seal_by_ours(bare, 'more.age', text % two)
    done = bare.run('key', 'list', *given)
    assert done.returncode == 0, done.stderr
    assert re.search(r'^sallyport\.conf\n.*\n  one [^$]*^more\.age\n.*\n  '
                     'two ', done.stdout, re.M), done.stdout
    # A fragment of a plain main file; it is not listed twice.
    bare.write('sallyport.conf', 'identity = "identity";\n'
               'sealed = [ "*.age" ];\n@include "more.age"\n')
    done = bare.run('key', 'list', '-c', 'sallyport.conf')
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('more.age\n') == 1, done.stdout


def test_key_list_names_what_it_could_not_look_into(bare):
    key = world_module.key_text('one', bare.new_key('one'))
    other = bare.run('keygen', '-o', 'other').stdout.strip()
    bare.seal_text('a.conf', 'keys = ( %s );\n' % key, [other])
    bare.seal_text('b.conf', 'keys = ( = );\n')
    bare.seal_text('c.age', 'keys = ( %s );\n' % key.replace('one', 'two'))
    bare.write('sallyport.conf', 'identity = "identity";\n'
               'sealed = [ "c.age" ];\n@include "a.conf"\n'
               '@include "b.conf"\n\n@include "none.conf"\n')
    done = bare.run('key', 'list', '-c', 'sallyport.conf')
    assert done.returncode == 1 and ' two ' in done.stdout
    for line in (r'a\.conf:1: sealed to somebody else', r'b\.conf:1: a value is',
                 r'sallyport\.conf:6: @include: none\.conf: No such file'):
        assert re.search('^' + line, done.stderr, re.M), done.stderr
    bare.seal_text('sallyport.conf', 'sealed = [ "c.age" ];\n')
    done = bare.run('key', 'list', '-c', 'sallyport.conf')
    assert done.returncode == 1 and done.stdout == ''
    assert 'sallyport.conf:1: is sealed, and no -i FILE' in done.stderr
    # In plain text there must be none.
    bare.plain_files.add(bare.write('sallyport.conf', 'keys = ( %s );\n'
                                    % key))
    done = bare.run('key', 'list', '-c', 'sallyport.conf')
    assert done.returncode == 1
    assert 'sallyport.conf: holds keys and is not sealed' in done.stderr


def test_keys_of_a_sealed_main_file_are_added_and_removed(bare):
    main = ('listeners = ( { name = "l"; address = "127.0.0.1:0"; } );\n'
            'upstreams = ( { name = "u"; url = "https://%s"; } );\n'
            'routes = ( { name = "r"; upstream = "u"; keys = [ "k" ]; } );\n'
            % world_module.pki_module.HOST)
    seal_by_ours(bare, 'sallyport.conf', main)
    add = ('--host', world_module.pki_module.HOST, '-i', 'identity')
    for name in ('k', 'other'):
        done = bare.run('key', 'add', name, '--to', 'sallyport.conf', *add,
                        stdin=bare.new_key(name))
        assert done.returncode == 0, done.stderr
    done = bare.run('key', 'remove', 'other', '--from', 'sallyport.conf',
                    '-i', 'identity')
    assert done.returncode == 0, done.stderr
    checks(bare, '-i', 'identity')
    # Where the keys are in a file that it includes that one is named.
    seal_by_ours(bare, 'sallyport.conf', main + '@include "k.conf"\n')
    bare.seal('k.conf', 'k')
    checks(bare, '-i', 'identity')
    done = bare.run('key', 'add', 'new', '--to', 'sallyport.conf', *add,
                    stdin=bare.new_key('new'))
    assert done.returncode == 1 and '--to k.conf' in done.stderr, done.stderr
    done = bare.run('key', 'remove', 'k', '--from', 'sallyport.conf', '-i',
                    'identity')
    assert done.returncode == 1
    assert '/k.conf\n' in done.stderr, done.stderr
    checks(bare, '-i', 'identity')


def test_edit_takes_a_sealed_main_file_that_includes_others(world):
    _, rest, routes = parts(world)
    seal_by_age(world, 'sallyport.conf', rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    editor = world.write('editor', '#!/bin/sh\nsed -i '
                         '"s/^workers = 1/workers = 2/" "$1"\n')
    os.chmod(editor, 0o755)
    env = {**world.environment(), 'EDITOR': editor, 'VISUAL': ''}
    done = subprocess.run([world.program, 'edit', '-i', 'identity',
                           'sallyport.conf'], cwd=world.folder, env=env,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    checks(world, '-i', 'identity')


def test_one_sealed_file_can_be_the_whole_configuration(bare):
    key = 'keys = ( %s );\n' % world_module.key_text('k', bare.new_key('k'))
    rest = ('listeners = ( { name = "l"; address = "127.0.0.1:0"; } );\n'
            'upstreams = ( { name = "u"; url = "https://%s"; } );\n'
            'routes = ( { name = "r"; upstream = "u"; keys = [ "k" ]; } );\n'
            'sandbox = "off";\n' % world_module.pki_module.HOST)
    seal_by_ours(bare, 'sallyport.conf', key + rest)
    checks(bare, '-i', 'identity')
    seal_by_ours(bare, 'keys.conf', key)
    seal_by_ours(bare, 'sallyport.conf', rest + '@include "keys.conf"\n')
    checks(bare, '-i', 'identity')
    seal_by_ours(bare, 'sallyport.conf', rest)
    fails(bare, "sallyport.conf:1: option 'sealed' is missing", '-i',
          'identity')


@pytest.mark.parametrize('args', [
    ['add', 'new', '--to', 'sallyport.conf', '--host', 'a.example'],
    ['import', '-', '--to', 'sallyport.conf', '--host', 'a.example'],
    ['remove', 'team-a', '--from', 'sallyport.conf'],
])
def test_keys_stay_in_the_file_that_has_them(world, args):
    identity, rest, routes = parts(world)
    rest = re.sub(r'sealed = .*\n', '', rest)
    seal_by_ours(world, 'sallyport.conf',
                 identity + rest + routes + '@include "keys.age"\n')
    checks(world, '-i', 'identity')
    stdin = 'name,key\nnew,%s\n' % world.new_key('new')
    done = world.run('key', *args, '-i', 'identity', stdin=stdin)
    assert done.returncode == 1
    assert re.search(r'sallyport\.conf: .*keys.*\.age, which .*--(to|from) '
                     r'.*keys\.age', done.stderr), done.stderr
    checks(world, '-i', 'identity')

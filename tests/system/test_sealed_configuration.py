"""A configuration that is sealed itself: the main file and its fragments."""

import os
import re
import subprocess

import pytest
import world as world_module


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
    fails(world, r'sallyport\.conf: is sealed: say with -i IDENTITY')
    fails(world, r'^nothing: No such file', '-i', 'nothing')
    other = world.run('keygen', '-o', 'other')
    assert other.returncode == 0
    fails(world, r'sallyport\.conf: sealed to somebody else: none of the 1 '
          r'in other opens it', '-i', 'other')
    world.write('sallyport.conf', rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    fails(world, r"routes\.conf: is sealed: set option 'identity' in .*"
          r'sallyport\.conf')


def test_a_sealed_fragment_that_was_cut_is_named(world):
    identity, rest, routes = parts(world)
    world.write('sallyport.conf',
                identity + rest + '@include "routes.conf"\n')
    seal_by_age(world, 'routes.conf', routes)
    with open(world.path('routes.conf'), 'r+b') as f:
        f.truncate(os.path.getsize(f.name) - 5)
    fails(world, r'routes\.conf: .*cut or altered')


def test_the_verbs_for_keys_find_the_identity_of_such_a_configuration(world):
    identity, rest, routes = parts(world)
    world.write('sallyport.conf', '@include "rest.conf"\n'
                '@include "routes.conf"\n')
    world.write('rest.conf', identity + rest)
    seal_by_age(world, 'routes.conf', routes)
    done = world.run('key', 'list', '-c', 'sallyport.conf')
    assert done.returncode == 0 and 'team-a' in done.stdout, done.stderr


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
    fails(bare, "sallyport.conf: option 'sealed' is missing", '-i',
          'identity')

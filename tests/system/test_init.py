"""init: from nothing to a configuration that works."""

import os
import re
import shutil
import socket
import stat
import subprocess

import elastic
import pytest
import world as world_module
from terminal import at_terminal
from world import NOBODY


# Any: the usual port may be somebody else's here.
LISTEN = ['--listen', '127.0.0.1:0']


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


def test_from_nothing_to_a_running_proxy(bare):
    value = bare.new_key('terraform')
    cloud = bare.cloud()
    listen = '127.0.0.1:%d' % free_port()
    where = bare.path('set-up')
    with at_terminal(bare, 'init', '--dir', where, '--listen', listen) as t:
        t.expect('API key')
        assert not t.has_echo()
        t.send(value + '\n')
        t.answer(r'A name for it \[elastic-cloud\]: ', 'terraform')
        assert t.wait() == 0, t.text
        assert value not in t.text
    conf = os.path.join(where, 'sallyport.conf')
    assert 'configuration ok' in t.text
    assert 'sallyport run -c ' + conf in t.text
    assert 'curl http://%s/api/v1/deployments' % listen in t.text
    assert 'EC_HOST=http://' + listen in t.text and 'EC_API_KEY=' in t.text
    for file in ('identity', 'keys.age', 'sallyport.conf'):
        mode = os.stat(os.path.join(where, file)).st_mode
        assert stat.S_IMODE(mode) == 0o600
    # The real API is not here: its stand-in, under the real name.
    with open(conf) as f:
        text = f.read()
    assert 'admin = { address = "unix:%s/admin.sock"; };' % where in text
    text = text.replace('url = ', 'connect_to = "%s"; ca_file = "%s"; url = '
                        % (cloud.address, bare.pki.ca))
    with open(conf, 'w') as f:
        f.write(text)
    process = world_module.Process([bare.program, 'run', '-c', conf],
                                   bare.folder, bare.environment())
    bare.processes.append(process)
    process.wait_ready()
    line = re.search(r'^  (curl \S+)$', t.text, re.M)[1]
    got = subprocess.run(line.split() + ['-sS', '--noproxy', '*'],
                         stdout=subprocess.PIPE, check=True).stdout
    assert b'"deployments"' in got
    assert bare.run('reload', '-c', conf).returncode == 0
    assert cloud.requests[-1].key == 'terraform'


def test_init_takes_key_and_name_from_a_pipe(bare):
    value = bare.new_key('ci')
    done = bare.run('init', *LISTEN, '--dir', 'made', stdin=value + '\nci\n')
    assert done.returncode == 0, done.stderr
    assert "the key 'ci'" in done.stdout
    done = bare.run('key', 'list', '-c', 'made/sallyport.conf')
    assert ' ci ' in done.stdout


@pytest.mark.parametrize('cut', [None, 79, 60])
def test_init_does_not_show_a_key_given_for_a_name(bare, cut):
    value = bare.new_key('x')
    bare.secrets.add(value[:cut])
    for stdin in ('team-a\n%s\n' % value[:cut],
                  '%s\n%s\n' % (value, value[:cut])):
        done = bare.run('init', *LISTEN, '--dir', 'made', stdin=stdin)
        assert done.returncode == 1
        assert 'looks like a key itself' in done.stderr, done.stderr
        assert not os.path.exists(bare.path('made'))


@pytest.mark.parametrize('answer', ['\n', '\x04'])
def test_init_asks_for_no_name_where_no_key_was_given(bare, answer):
    with at_terminal(bare, 'init', *LISTEN, '--dir', 'set-up') as t:
        t.expect('not shown')
        t.send(answer)
        assert t.wait() == 1
        assert 'no key was given' in t.text and 'A name' not in t.text
    assert not os.path.exists(bare.path('set-up'))


def test_init_wants_a_folder(bare):
    done = bare.run('init', *LISTEN, '--dir', '', stdin=bare.new_key('x'))
    assert done.returncode == 2
    assert "'--dir': DIR is empty" in done.stderr, done.stderr


def test_init_sees_that_its_folder_is_a_file_before_it_asks(bare):
    bare.write('file', '')
    done = bare.run('init', *LISTEN, '--dir', 'file')
    assert done.returncode == 1
    assert 'Not a directory; choose another --dir' in done.stderr, done.stderr


def test_init_sees_that_nothing_can_be_made_before_it_asks(bare):
    for folder, where in (('new', r'\.'), ('new/er', r'\.'),
                          (bare.path('new/er'), bare.folder)):
        os.chmod(bare.folder, 0o555)
        done = bare.run('init', *LISTEN, '--dir', folder, **NOBODY)
        os.chmod(bare.folder, 0o755)
        assert done.returncode == 1
        assert re.fullmatch(
            'sallyport: %s: nothing can be made in %s: Permission denied; '
            'choose another --dir\n' % (folder, where), done.stderr), done
        assert os.listdir(bare.folder) == ['identity']


def test_init_overwrites_nothing(bare):
    os.mkdir(bare.path('made'))
    bare.write('made/identity', 'precious')
    done = bare.run('init', *LISTEN, '--dir', 'made', stdin=bare.new_key('x'))
    assert done.returncode == 1
    assert 'made/identity exists already' in done.stderr
    with open(bare.path('made/identity')) as f:
        assert f.read() == 'precious'
    assert os.listdir(bare.path('made')) == ['identity']


def test_init_names_what_is_there_rather_than_its_port(bare):
    """Of what was made before and runs now, no other port is of use."""
    with socket.create_server(('127.0.0.1', 0)) as other:
        os.mkdir(bare.path('made'))
        bare.write('made/sallyport.conf', '')
        done = bare.run('init', '--dir', 'made', '--listen',
                        '127.0.0.1:%d' % other.getsockname()[1])
    assert done.returncode == 1
    assert 'made/sallyport.conf exists already' in done.stderr, done
    assert 'in use' not in done.stderr, done


def test_init_sees_that_its_port_is_taken_before_it_asks(bare):
    """It says by whom, and which port is free."""
    with socket.create_server(('127.0.0.1', 0)) as other:
        taken = '127.0.0.1:%d' % other.getsockname()[1]
        with at_terminal(bare, 'init', '--dir', 'made', '--listen',
                         taken) as t:
            assert t.wait() == 1
            assert 'API key' not in t.text
        line = re.search(r'--listen %s: address already in use by process %d '
                         r'\(.+\); this one is free: --listen (127\.0\.0\.1:'
                         r'\d+)' % (taken, os.getpid()), t.text)
        assert line, t.text
        assert int(line[1].split(':')[1]) > other.getsockname()[1]
        assert not os.path.exists(bare.path('made'))


def test_init_refuses_an_address_that_cannot_be(bare):
    done = bare.run('init', '--dir', 'made', '--listen', '127.0.0.1:1:1')
    assert done.returncode == 1 and not os.path.exists(bare.path('made'))
    done = bare.run('init', '--dir', 'made', '--listen',
                    '[::ffff:127.0.0.1]:0')
    assert done.returncode == 1 and not os.path.exists(bare.path('made'))
    assert 'has to be written as one' in done.stderr


def test_init_says_that_it_reads_standard_input(bare):
    done = bare.run('init', '--dir', 'made', '--listen', '127.0.0.1:0',
                    stdin=bare.new_key('x'))
    assert done.returncode == 0
    assert 'reading the key from standard input, its name from a second ' \
        'line\n' in done.stderr


def test_init_takes_authorities_of_its_own(bare):
    """By a path that holds wherever the configuration is."""
    shutil.copyfile(bare.pki.ca, bare.path('ca.pem'))
    done = bare.run('init', '--dir', 'deep/made', '--listen', '127.0.0.1:0',
                    '--ca-file', 'ca.pem', stdin=bare.new_key('x'))
    assert done.returncode == 0, done.stderr
    with open(bare.path('deep/made/sallyport.conf')) as f:
        assert 'ca_file = "%s";' % bare.path('ca.pem') in f.read()
    done = bare.run('check', '-c', 'deep/made/sallyport.conf')
    assert done.returncode == 0
    assert re.fullmatch(r'(\S+: warning: runs as root, .*\n)?', done.stderr)


@pytest.mark.parametrize('text, why', [
    ('', 'holds no certificate'), (None, 'No such file'),
    ('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
     'is broken')])
def test_init_looks_into_authorities_before_it_asks(bare, text, why):
    if text is not None:
        bare.write('ca.pem', text)
    with at_terminal(bare, 'init', '--dir', 'made', '--listen', '127.0.0.1:0',
                     '--ca-file', 'ca.pem') as t:
        assert t.wait() == 1
        assert re.search(why, t.text) and 'API key' not in t.text, t.text
    assert not os.path.exists(bare.path('made'))


def test_who_waits_for_standard_input_says_so(bare):
    """Not where something comes at once."""
    argv = ['key', 'add', 'x', '--to', 'k.age', '--host', 'a.example', '-r',
            bare.recipient]
    with subprocess.Popen([bare.program, *argv], cwd=bare.folder,
                          env=bare.environment(), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as child:
        assert child.stderr.readline() == \
            'sallyport: waiting for the value of the key on standard '\
            'input\n'
        _, said = child.communicate(bare.new_key('x') + '\n')
        assert child.returncode == 0 and said == ''
    argv[2:5] = ['y', '--to', 'y.age']
    done = bare.run(*argv, stdin=bare.new_key('y'))
    assert (done.returncode, done.stderr) == (0, '')


@pytest.mark.parametrize('stdin,pattern', [
    ('', 'empty'), ('two words\n', 'space'),
    ('value\nbad name\n', 'the name of the key: '),
])
def test_init_makes_nothing_of_a_bad_key(bare, stdin, pattern):
    done = bare.run('init', *LISTEN, '--dir', 'made', stdin=stdin,
                    start_new_session=True)
    assert done.returncode == 1 and pattern in done.stderr
    assert not os.path.exists(bare.path('made'))


def by_user(bare, *args, stdin='', config=None):
    """Runs a verb as nobody; the folder of its own configuration is known."""
    env = {**bare.environment(), 'XDG_CONFIG_HOME': config or bare.path('xdg')}
    more = {} if os.getuid() else {'user': 65534, 'group': 65534,
                                   'extra_groups': []}
    if more:
        os.chown(bare.folder, 65534, 65534)
    return subprocess.run([bare.program, *args], cwd=bare.folder, env=env,
                          input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **more)


def test_every_verb_finds_what_init_made_for_a_user(bare):
    done = by_user(bare, 'init', '--listen', '127.0.0.1:0',
                   stdin=bare.new_key('x'))
    assert done.returncode == 0, done.stderr
    assert 'sallyport run\n' in done.stdout
    conf = bare.path('xdg/sallyport/sallyport.conf')
    assert os.path.exists(conf)
    done = by_user(bare, 'check')
    assert done.returncode == 0 and done.stdout.startswith(conf + ': '), done
    done = by_user(bare, 'explain', 'GET', '/api/v1/deployments')
    assert done.returncode == 0 and 'key: ' in done.stdout, done
    done = by_user(bare, 'key', 'list')
    assert done.returncode == 0, done.stderr
    # Taken in its place: run would serve for ever.
    with open(conf, 'a') as out:
        out.write('nonsense = 1;\n')
    done = by_user(bare, 'run')
    assert done.returncode == 1 and conf + ':' in done.stderr, done


@pytest.mark.skipif(os.path.exists('/etc/sallyport/sallyport.conf'),
                    reason='there is a configuration of this machine')
def test_all_verbs_name_the_configuration_that_they_miss(bare):
    verbs = [['run'], ['check'], ['explain', 'GET', '/'], ['key', 'list']]
    own = bare.path('xdg/sallyport/sallyport.conf')
    for verb in verbs:
        done = by_user(bare, *verb)
        assert done.returncode == 1
        assert done.stderr.startswith(own + ':1: '), done
        assert "or make one with 'sallyport init'" in done.stderr, done
    if os.getuid() != 0:
        return
    # Root's is the system's, even where root has one in its home.
    os.makedirs(os.path.dirname(own))
    with open(own, 'w') as out:
        out.write('nonsense = 1;\n')
    for verb in verbs:
        done = subprocess.run(
            [bare.program, *verb], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            env={**bare.environment(), 'XDG_CONFIG_HOME': bare.path('xdg')})
        assert done.returncode == 1
        assert done.stderr.startswith('/etc/sallyport/sallyport.conf:1: ')


def test_init_makes_nothing_that_check_would_refuse(bare):
    value = bare.new_key('k')
    done = bare.run('init', '--dir', 'new', '--listen', '0.0.0.0:1',
                    stdin=value + '\n')
    assert done.returncode == 1 and 'nonlocal' in done.stderr, done.stderr
    assert not os.path.exists(bare.path('new'))


def test_init_tells_what_was_made_although_the_probe_failed(bare):
    key = elastic.new_key()
    done = bare.run('init', *LISTEN, '--dir', 'made',
                    '--url', 'https://127.0.0.1:9',
                    '--probe', stdin=key + '\nmine\n', start_new_session=True)
    assert done.returncode == 1
    assert 'was made all the same' in done.stderr
    assert 'sallyport run -c %s\n' % bare.path('made/sallyport.conf') in \
        done.stdout
    assert key not in done.stdout + done.stderr


def test_init_sees_that_an_expiry_is_none_before_it_asks(bare):
    with at_terminal(bare, 'init', *LISTEN, '--dir', 'made', '--expires',
                     'tomorrow') as t:
        assert t.wait() == 1
        assert "--expires 'tomorrow': " in t.text and 'API key' not in t.text
    assert not os.path.exists(bare.path('made'))

"""`check` finds what `run` would meet before it listens, by the same code,
and neither disturbs anybody nor leaves anything."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading

import pytest
import world as world_module
from pki import HOST
from world import AS_NOBODY, NOBODY, ROOT


def listen_at(world, *addresses, more='', **other):
    return world.config(listeners=[
        '{ name = "l%d"; address = "%s"; %s }' % (i, address, more)
        for i, address in enumerate(addresses)], **other)


def check(world, config, **more):
    file = world.write('sallyport.conf', config)
    os.chmod(file, 0o644)
    return world.run('check', '-c', file, **more)


def both_refuse(world, config, pattern, wrap=(), **more):
    """One fault, in the same words."""
    done = check(world, config, **more)
    assert done.returncode == 1, done.stderr
    process = world.launch(None, wrap=wrap)
    assert process.wait_exit() == 1 and not process.listening
    for said in done.stderr, process.stderr:
        assert re.fullmatch(r'(\S+ warning: option .nonlocal.: .*\n)?'
                            r'\S+sallyport\.conf:\d+: %s\n?' % pattern,
                            said), said


def nobody_is_refused(world, config, pattern):
    both_refuse(world, config, pattern, wrap=AS_NOBODY, **NOBODY)


def state_of(folder):
    return {name: os.lstat(os.path.join(folder, name)).st_ino
            for name in os.listdir(folder)}


# Addresses.

def test_an_address_that_the_machine_lacks_is_a_fault(world):
    both_refuse(world, listen_at(world, '192.0.2.7:0', more='nonlocal = true'),
                'listener l0: 192.0.2.7:0: this machine does not have the '
                'address')


def test_a_port_that_is_not_for_us_is_a_fault(world):
    with open('/proc/sys/net/ipv4/ip_unprivileged_port_start') as f:
        first = int(f.read())
    if first <= 81:
        pytest.skip('every user may use port 81 here')
    nobody_is_refused(
        world, listen_at(world, '127.0.0.1:81',
                         upstreams=[world.open_to_nobody()]),
        'listener l0: 127.0.0.1:81: not permitted to use port 81')


@pytest.mark.parametrize('host', ['127.0.0.1', '[::1]', '0.0.0.0'])
def test_an_address_in_use_is_a_warning_that_names_who_has_it(world, host):
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    with socket.create_server((host.strip('[]'), 0), family=family) as other:
        address = '%s:%d' % (host, other.getsockname()[1])
        config = listen_at(world, address, more='nonlocal = true')
        why = r'listener l0: %s: address already in use by process %d \(.+\)' \
            % (re.escape(address), os.getpid())
        done = check(world, config)
        assert done.returncode == 0
        assert re.fullmatch(r'(\S+ warning: option .nonlocal.: .*\n)?'
                            r'\S+:\d+: warning: %s\n' % why, done.stderr)
        world.refuses(config, why)


def test_an_address_in_use_at_all_addresses_names_who_has_it(world):
    with socket.create_server(('0.0.0.0', 0)) as other:
        address = '127.0.0.1:%d' % other.getsockname()[1]
        assert 'by process %d (' % os.getpid() in check(
            world, listen_at(world, address)).stderr


@pytest.mark.skipif(not ROOT, reason='needs root')
def test_who_may_not_be_seen_is_told_by_user(world):
    with socket.create_server(('127.0.0.1', 0)) as other:
        address = '127.0.0.1:%d' % other.getsockname()[1]
        done = check(world, listen_at(
            world, address, upstreams=[world.open_to_nobody()]), **NOBODY)
        assert done.returncode == 0
        assert 'address already in use by a program of user 0' in done.stderr


def test_a_unix_socket_in_use_is_a_warning_and_is_left_alone(world):
    """However its path is spelled; whoever serves it is not connected to."""
    path = world.path('s')
    os.symlink(world.folder, world.path('link'))
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()
        other.setblocking(False)
        for spelled in path, world.path('link', 's'), world.path('.', 's'):
            done = check(world, listen_at(world, 'unix:' + spelled))
            assert done.returncode == 0
            assert re.fullmatch(
                r'\S+:\d+: warning: listener l0: unix:%s: address already in '
                r'use by process %d \(.+\)\n' % (spelled, os.getpid()),
                done.stderr), done.stderr
            with pytest.raises(BlockingIOError):
                other.accept()


@pytest.mark.skipif(not ROOT, reason='needs root')
def test_an_old_socket_that_may_not_be_removed_is_a_fault(world):
    folder = world.path('tmp')
    os.mkdir(folder)
    os.chmod(folder, 0o1777)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(folder + '/s')
    os.chmod(folder + '/s', 0o777)
    nobody_is_refused(
        world, listen_at(world, 'unix:%s/s' % folder,
                         upstreams=[world.open_to_nobody()]),
        'listener l0: unix:%s/s: cannot replace the old socket: Operation '
        'not permitted' % folder)


def test_a_socket_of_systemd_is_a_warning(world):
    done = check(world, listen_at(world, 'fd:web'))
    assert done.returncode == 0
    assert re.fullmatch(r'\S+:\d+: warning: listener l0: fd:web: only systemd '
                        r'knows whether it will pass in this socket, and whether '
                        r'other machines can reach it\n',
                        done.stderr), done.stderr


@pytest.mark.parametrize('address, why', [
    ('[::ffff:127.0.0.1]:0', 'is an IPv4 address and has to be written as '
     'one'),
    ('[fe80::1]:0', 'is of one interface, which cannot be named here')])
def test_an_address_of_a_kind_that_is_not_listened_at_is_a_fault(
        world, address, why):
    both_refuse(world, listen_at(world, address, more='nonlocal = true'),
                'listener l0: .*: ' + why)


@pytest.mark.parametrize('one, other', [
    ('0.0.0.0:%d', '127.0.0.1:%d'), ('127.0.0.1:%d', '0.0.0.0:%d'),
    ('[::]:%d', '[::1]:%d')])
def test_two_listeners_at_one_address_are_a_fault(world, one, other):
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    one, other = one % port, other % port
    both_refuse(world, listen_at(world, one, other, more='nonlocal = true'),
                "option 'address': %s is taken by another listener, %s, at "
                r'\S+:5' % (re.escape(other), re.escape(one)))


def test_the_same_port_of_ipv4_and_of_ipv6_are_two_addresses(world):
    def start():
        """Again, where somebody else has got the port meanwhile."""
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = free.getsockname()[1]
        config = listen_at(world, '0.0.0.0:%d' % port, '[::]:%d' % port,
                           more='nonlocal = true')
        assert check(world, config).returncode == 0
        process = world.launch(None)
        process.wait_for(lambda: process.ready or
                         process.child.poll() is not None, 'its start')
        assert process.ready or 'already in use' in process.stderr
        return process.ready and port

    port = world_module.wait_until(start, 'a port that is free')
    assert world.ask(which='127.0.0.1:%d' % port).status == 200
    assert world.ask(which='[::1]:%d' % port).status == 200


def test_one_unix_socket_spelled_in_two_ways_is_a_fault(world):
    os.symlink(world.folder, world.path('link'))
    one = 'unix:' + world.path('s')
    for other in world.path('link', 's'), world.folder + '//s':
        both_refuse(world, listen_at(world, one, 'unix:' + other),
                    "option 'address': unix:%s is taken by another listener, "
                    r'%s, at \S+:5' % (other, one))


# Whose a Unix socket becomes.

@pytest.mark.parametrize('option', ['owner', 'group'])
def test_a_socket_that_may_not_be_given_away_is_a_fault(world, option):
    root = 'owner = "root"' if option == 'owner' else \
        'mode = "0660"; group = "root"'
    nobody_is_refused(
        world, listen_at(world, 'unix:' + world.path('s'), more=root + ';',
                         upstreams=[world.open_to_nobody()]),
        r"option '%s': cannot be set: Operation not permitted \(root may.*\)"
        % option)
    assert not os.path.exists(world.path('s'))


@pytest.mark.skipif(not ROOT, reason='needs root')
def test_a_group_that_comes_with_the_folder_is_no_fault(world):
    """Though we are not in it."""
    folder = world.path('run')
    os.mkdir(folder)
    shutil.chown(folder, 65534, 0)
    os.chmod(folder, 0o2755)
    config = listen_at(world, 'unix:%s/s' % folder,
                       upstreams=[world.open_to_nobody()],
                       more='mode = "0660"; group = "root";')
    done = check(world, config, **NOBODY)
    assert (done.returncode, done.stderr) == (0, '')
    process = world.launch(None, wrap=AS_NOBODY)
    process.wait_ready()
    assert os.stat(folder + '/s').st_gid == 0


@pytest.mark.skipif(not ROOT, reason='needs root')
@pytest.mark.parametrize('more, warned', [
    ('users = [ "nobody", "root", "daemon" ];',
     "'users' has no effect for nobody, daemon: 'mode' gives them no right"),
    ('users = [ "nobody" ]; mode = "0660";', "for nobody: 'mode' gives"),
    ('users = [ "nobody", "root" ]; owner = "nobody";', None),
    ('users = [ "nobody" ]; mode = "0660"; group = "nogroup";', None),
    ('users = [ "nobody" ]; mode = "0666";', None),
    ('groups = [ "daemon" ];', "'groups' has no effect: 'mode' gives nobody "
     'but the owner a right to connect'),
    ('groups = [ "daemon" ]; mode = "0660"; group = "daemon";', None)])
def test_whom_the_mode_shuts_out_is_warned_of(world, more, warned):
    done = check(world, listen_at(world, 'unix:' + world.path('s'),
                                  more=more))
    assert done.returncode == 0
    if warned is None:
        assert done.stderr == ''
    else:
        assert re.fullmatch(r'\S+:\d+: warning: option .*\n', done.stderr)
        assert warned in done.stderr


# Whom workers become.

@pytest.mark.skipif(not ROOT, reason='needs root')
@pytest.mark.parametrize('lost, why', [
    ('setgid', 'cannot set the groups of the user'),
    ('setuid', 'cannot change the user')])
def test_a_root_who_may_not_become_another_user_is_told(world, lost, why):
    """As in a container that lets it do little."""
    wrap = ['setpriv', '--bounding-set=-' + lost]
    file = world.write('sallyport.conf', world.config(more='user = "nobody";'))
    assert world.run('check', '-c', file).returncode == 0
    process = world.launch(None, wrap=wrap)
    assert process.wait_exit() == 1 and not process.listening
    done = subprocess.run([*wrap, world.program, 'check', '-c', file],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    assert done.returncode == 1
    for said in done.stderr, process.stderr:
        assert re.search(r"sallyport\.conf:\d+: option 'user': %s: Operation "
                         'not permitted$' % why, said, re.M), said


# The access log.

@pytest.mark.parametrize('word', ['stderr', 'STDOUT', 'off', '-', 'syslog'])
def test_a_word_makes_no_log_of_its_name(world, word):
    both_refuse(world, world.config(log='access = "%s";' % word),
                """option 'access': "%s": .* "(stdout|none)".*""" % word)
    # The harness has a file for standard error.
    assert word == 'stderr' or not os.path.exists(world.path(word))


@pytest.mark.parametrize('file', ['identity', 'keys.age', 'sallyport.conf'])
def test_a_file_of_the_configuration_is_no_log(world, file):
    both_refuse(world, world.config(log='access = "./%s";' % file),
                "option 'access': .*%s is a file of this configuration" % file)


def test_a_log_in_the_place_of_a_socket_is_a_fault(world):
    both_refuse(world, listen_at(world, 'unix:' + world.path('access.ndjson')),
                r"option 'address': unix:\S+ is taken by the access log, at "
                r'\S+:13')
    assert not os.path.exists(world.path('access.ndjson'))


def test_a_link_to_a_log_that_cannot_be_made_is_a_fault(world):
    link = world.path('link')
    os.symlink('missing/log', link)
    config = world.config(log='access = "%s";' % link)
    both_refuse(world, config, "option 'access': %s cannot be made: "
                '%s/missing: there is no such directory'
                % (link, world.folder))
    os.mkdir(world.path('missing'))
    assert check(world, config).returncode == 0
    assert not os.listdir(world.path('missing'))
    world.start(config)
    assert os.path.exists(world.path('missing/log'))


@pytest.mark.skipif(not ROOT, reason='needs root')
def test_a_log_that_somebody_else_may_have_laid_there_is_a_fault(world):
    folder = world.path('tmp')
    os.mkdir(folder)
    os.chmod(folder, 0o1777)
    log = world.write('tmp/log', '')
    shutil.chown(log, 65534)
    both_refuse(world, world.config(log='access = "%s";' % log),
                "option 'access': %s: belongs to another user, in a directory "
                'where everybody may make files' % log)


def test_a_credential_of_systemd_is_a_warning(world):
    """Whatever needs no key is checked all the same."""
    config = world.config().replace('identity = ', '# ', 1)
    done = check(world, config)
    assert done.returncode == 0
    assert re.fullmatch(
        r"\S+:1: warning: option 'identity' is missing, and only systemd "
        r"knows whether it will pass the credential 'sallyport.identity': "
        r'what is sealed was not looked at; -i IDENTITY opens it\n',
        done.stderr), done.stderr
    assert '1 route, 0 keys)' in done.stdout
    world.refuses(config, r":1: option 'identity' is missing, and systemd "
                  'passed no credential')
    done = world.run('check', '-c', 'sallyport.conf', '-i', world.identity)
    assert (done.returncode, done.stderr) == (0, '')
    assert '1 route, 2 keys)' in done.stdout


def test_a_credential_that_is_needed_now_is_a_fault(world, monkeypatch):
    """Keys are to be tried, or systemd passed other things."""
    config = world.config().replace('identity = ', '# ', 1)
    fault = r"\S+:1: option 'identity' is missing, and systemd passed no .*\n"
    file = world.write('sallyport.conf', config)
    done = world.run('check', '--probe', '-c', file)
    assert done.returncode == 1 and re.fullmatch(fault, done.stderr)
    credentials = {**world.environment(), 'CREDENTIALS_DIRECTORY': '/run'}
    monkeypatch.setattr(world, 'environment', lambda: credentials)
    done = world.run('check', '-c', file)
    assert done.returncode == 1 and re.fullmatch(fault, done.stderr)


# What is left of it.

def test_check_leaves_nothing(world):
    """No log, no socket; an old one stays for `run` to replace."""
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(world.path('old'))
    config = listen_at(world, 'unix:' + world.path('old'),
                       'unix:' + world.path('new'), '127.0.0.1:0')
    world.write('sallyport.conf', config)
    before = state_of(world.folder)
    done = check(world, config)
    assert (done.returncode, done.stderr) == (0, '')
    assert state_of(world.folder) == before


class Load:
    """Clients that ask one request after another until they are told."""

    def __init__(self, world, which):
        self.done = threading.Event()
        self.answers = []
        self.threads = [threading.Thread(target=self.ask, args=(world, at))
                        for at in which for _ in range(2)]

    def ask(self, world, which):
        while not self.done.is_set():
            try:
                self.answers.append(world.ask(which=which).status)
            except (OSError, AssertionError, EOFError) as e:
                self.answers.append(e)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()


def start_with_ports(world):
    """A daemon whose configuration then names the ports the kernel chose."""
    unix = 'unix:' + world.path('s')
    process = world.start(listen_at(world, '127.0.0.1:0', unix, '[::1]:0'))
    fixed = listen_at(world, process.listening[0], unix, process.listening[2])
    return process, fixed


def test_check_beside_the_running_daemon_disturbs_no_request(world):
    process, config = start_with_ports(world)
    with Load(world, range(3)) as load:
        for _ in range(10):
            done = check(world, config)
            assert (done.returncode, done.stderr) == (0, '')
            assert 'process %d runs it now\n' % process.child.pid \
                in done.stdout
    assert load.answers and set(load.answers) == {200}
    assert os.path.exists(world.path('s'))
    world.access(len(load.answers))


def start_here(world, wrap=()):
    """The same by a path relative to its folder, which not all may see."""
    upstreams = [world.open_to_nobody()]
    if ROOT and not wrap:
        shutil.chown(world.identity, 0)
        shutil.chown(world.folder, 0)
        world.user = 'root'
    file = world.write('sallyport.conf', listen_at(
        world, '127.0.0.1:0', upstreams=upstreams, log='access = "stdout";'))
    os.chmod(file, 0o644)
    process = world_module.Process(
        [*wrap, world.program, 'run', '-c', 'sallyport.conf'], world.folder,
        world.environment())
    world.processes.append(process)
    process.wait_ready()
    with open(file) as f:
        text = f.read()
    world.write('sallyport.conf',
                text.replace('127.0.0.1:0', process.listening[0]))
    return process


def test_the_daemon_is_known_by_a_path_relative_to_its_folder(world):
    process = start_here(world)
    done = world.run('check', '-c', world.path('sallyport.conf'))
    assert (done.returncode, done.stderr) == (0, '')
    assert 'process %d runs it now\n' % process.child.pid in done.stdout


def test_the_daemon_of_a_user_is_known_to_that_user(world):
    """Who may not look into it, as it keeps secrets."""
    process = start_here(world, wrap=AS_NOBODY)
    done = world.run('check', '-c', 'sallyport.conf', **NOBODY)
    assert (done.returncode, done.stderr) == (0, '')
    assert 'process %d runs it now\n' % process.child.pid in done.stdout


def test_a_daemon_of_another_configuration_is_another_program(world):
    _, config = start_with_ports(world)
    other = world.run('check', '-c', world.write('other.conf', config))
    assert other.returncode == 0
    # Which one it is may not be for us to see, as it keeps secrets.
    whom = r'process \d+ \(sallyport\)' if ROOT else \
        r'(a program of user %d|another program)' % os.geteuid()
    assert len(re.findall(r'other\.conf:\d+: warning: .* already in use by '
                          + whom, other.stderr)) == 3, other.stderr
    assert 'runs it now' not in other.stdout


def test_keys_that_are_most_likely_not_meant_so_are_mentioned(world):
    world.seal('keys.age', 'team-a', expires='2099-01-01T00:00:00Z')
    world.seal('spare.age', 'spare', hosts=['api.example.com', HOST])
    config = world.config(sealed=('keys.age', 'spare.age'))
    done = check(world, config)
    assert (done.returncode, done.stderr) == (0, '')
    advice = ["key 'spare' is used by no route",
              "key 'spare' is sealed for 'api.example.com', which is the host "
              "of no upstream and of no proxy",
              "key 'spare': its file does not say when it expires: write it "
              "there as 'expires', as 'key add --expires' does, or wait for "
              "the answers of the API, which may tell it"]
    place = world.path('spare.age') + ':2: '
    assert [x for x in done.stdout.splitlines() if x.startswith(place)] == \
        [place + x for x in advice]
    assert 'team-a' not in done.stdout
    said = json.loads(world.run('check', '--json', '-c', world.path(
        'sallyport.conf')).stdout)
    assert said['ok'] is True and said['diagnostics'] == []
    assert said['advice'] == [{'file': world.path('spare.age'), 'line': 2,
                               'text': x} for x in advice]

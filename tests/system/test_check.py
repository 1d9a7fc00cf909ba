"""`check` finds what `run` would meet before it listens, by the same code,
and neither disturbs anybody nor leaves anything."""

import os
import re
import shutil
import socket
import threading

import pytest
import world as world_module

ROOT = os.geteuid() == 0
NOBODY = {'user': 65534, 'group': 65534, 'extra_groups': []} if ROOT else {}
AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534',
             '--clear-groups'] if ROOT else []


def listen_at(world, *addresses, more='', **other):
    return world.config(listeners=[
        '{ name = "l%d"; address = "%s"; %s }' % (i, address, more)
        for i, address in enumerate(addresses)], **other)


def check(world, config, **more):
    file = world.write('sallyport.conf', config)
    os.chmod(file, 0o644)
    return world.run('check', '-c', file, **more)


def open_to_nobody(world, **more):
    """The upstream of a world whose files nobody may read."""
    if ROOT:
        shutil.chown(world.folder, 65534)
        shutil.chown(world.identity, 65534)
    ca = shutil.copyfile(world.pki.ca, world.path('ca.pem'))
    for file in ca, world.path('keys.age'):
        os.chmod(file, 0o644)
    return [world.upstream(ca=ca, **more)]


def both_refuse(world, config, pattern, wrap=(), **more):
    """One fault, in the same words."""
    done = check(world, config, **more)
    assert done.returncode == 1, done.stderr
    process = world.launch(None, wrap=wrap)
    assert process.wait_exit() == 1 and not process.listening
    for said in done.stderr, process.stderr:
        assert re.fullmatch(r'\S+sallyport\.conf:\d+: %s\n?' % pattern,
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
                         upstreams=open_to_nobody(world)),
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
        assert re.fullmatch(r'\S+:\d+: warning: %s\n' % why, done.stderr)
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
            world, address, upstreams=open_to_nobody(world)), **NOBODY)
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
                         upstreams=open_to_nobody(world)),
        'listener l0: unix:%s/s: cannot replace the old socket: Operation '
        'not permitted' % folder)


def test_a_socket_of_systemd_is_a_warning(world):
    done = check(world, listen_at(world, 'fd:web'))
    assert done.returncode == 0
    assert re.fullmatch(r'\S+:\d+: warning: listener l0: fd:web: only systemd '
                        r'knows whether it will pass in this socket\n',
                        done.stderr), done.stderr


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
    file = world.write('sallyport.conf', listen_at(
        world, '127.0.0.1:0', upstreams=open_to_nobody(world),
        log='access = "stdout";'))
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
    assert len(re.findall(r'other\.conf:\d+: warning: .* already in use by '
                          r'process \d+ \(sallyport\)', other.stderr)) == 3
    assert 'runs it now' not in other.stdout

"""Sockets that systemd passes in, by the address they are bound to: which
listener takes which, what is said of the others, and that a program which is
replaced behind them loses no request.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import nginx as nginx_module
import pytest
import world as world_module
from load import Load, needs_load
from waiting import wait_until

ROUNDS = 40 if world_module.FULL else 8
PER_ROUND = 1000            # answers, before the program is replaced
WAITING = 1024              # clients, while nobody serves

# A program of this name that has the socket, and does nothing with it.
MANAGER = """
import sys
with open('/proc/self/comm', 'w') as f:
    f.write('systemd')
print('ready', flush=True)
sys.stdin.read()
"""


def listener(name, address, more=''):
    return '{ name = "%s"; address = "%s"; %s }' % (name, address, more)


def address_of(sock):
    name = sock.getsockname()
    return 'unix:' + name if isinstance(name, str) else '%s:%d' % name


@pytest.fixture
def given():
    with socket.create_server(('127.0.0.1', 0), backlog=WAITING) as sock:
        yield sock


@pytest.fixture
def unix(world):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(world.path('given'))
        os.chmod(world.path('given'), 0o600)
        sock.listen()
        yield sock


def started(world, listeners, names, *sockets, **more):
    process = world.activate(listeners, names, *sockets, **more)
    process.wait_ready()
    return process


def reload_with(world, process, listeners, result):
    """What was logged of it."""
    seen = len(process.lines)
    world.write('c', world.config(listeners=listeners))
    process.signal(signal.SIGHUP)
    process.wait_for(lambda: any(re.search(result, line)
                                 for line in process.lines[seen:]), result)
    return '\n'.join(process.lines[seen:])


def test_a_listener_takes_the_one_that_is_bound_to_its_address(world, given,
                                                               unix):
    at, path = address_of(given), address_of(unix)
    process = started(world, [listener('u', path), listener('t', at)],
                      'any:other', given, unix)
    assert 'systemd passed in' not in process.stderr
    assert sorted(process.listening) == sorted([at, path])
    for address in at, path:
        assert world.ask(which=address).status == 200
    world.stop()
    assert os.path.exists(world.path('given'))


@pytest.mark.parametrize('bound, asked', [('0.0.0.0', '127.0.0.1'),
                                          ('127.0.0.1', '0.0.0.0')])
def test_one_that_is_in_the_way_of_a_listener_is_a_fault(world, bound, asked):
    with socket.create_server((bound, 0)) as sock:
        port = sock.getsockname()[1]
        process = world.activate(
            [listener('t', '%s:%d' % (asked, port), 'nonlocal = true;')],
            'web', sock)
        assert process.wait_exit() == 1
    assert re.search(r'/c:\d+: .*listener t: %s:%d: the socket that systemd '
                     r'passed in, at %s:%d, is in its way' %
                     (asked, port, bound, port), process.stderr), \
        process.stderr


def test_one_that_no_listener_names_is_told_with_what_would(world, given):
    process = started(world, [listener('t', '127.0.0.1:0')], 'web', given)
    assert 'no listener serves: give one the address "%s" or "fd:web"' \
        % address_of(given) in process.stderr, process.stderr
    assert process.listening[0] != address_of(given)


def test_a_path_with_another_mode_than_the_listeners_is_a_fault(world, unix):
    process = world.activate(
        [listener('u', address_of(unix), 'mode = "0660";')], 'web', unix)
    assert process.wait_exit() == 1
    assert re.search(r'/c:\d+: .*listener u: the socket that systemd passed '
                     r'in has the mode 0600 and not 0660', process.stderr)


def test_two_listeners_cannot_have_one(world, given):
    process = world.activate(
        [listener('a', 'fd:web'), listener('b', address_of(given))], 'web',
        given)
    assert process.wait_exit() == 1
    assert 'listener b: the socket that systemd passed in is that of ' \
        'listener a already' in process.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root')
def test_who_may_open_a_path_goes_by_what_systemd_made(world, unix):
    """Its owner is not who starts the program."""
    os.chown(world.path('given'), 65534, -1)
    for user, warned in ('nobody', False), ('daemon', True):
        process = started(world, [listener(
            'u', address_of(unix), 'users = [ "%s" ];' % user)], 'web', unix)
        assert ("'users' has no effect for " + user in process.stderr) \
            == warned, process.stderr
        world.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root')
def test_a_folder_that_only_systemd_may_write_will_do(world, unix):
    """As /run has it: the daemon makes no file in there."""
    more = {'upstreams': [world.open_to_nobody()]}
    os.mkdir(world.path('run'), 0o755)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(world.path('run', 'given'))
        os.chmod(world.path('run', 'given'), 0o666)
        sock.listen()
        started(world, [listener('u', address_of(sock), 'mode = "0666";')],
                'web', sock, wrap=world_module.AS_NOBODY, **more)
        assert world.ask(which=address_of(sock)).status == 200


# Reloads.

def test_a_listener_that_goes_and_comes_keeps_its_socket(world, given, unix):
    """Who comes meanwhile waits, and is served when it is there again."""
    at, path = address_of(given), address_of(unix)
    stays = listener('own', '127.0.0.1:0')
    all_of_them = [stays, listener('t', at), listener('u', path)]
    process = started(world, all_of_them, 'web:path', given, unix)
    said = reload_with(world, process, [stays], 'generation 2 serves')
    assert len(re.findall('no listener serves', said)) == 2, said
    process.wait_for(lambda: len(process.workers) == 1, 'the old to end')
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(world.raw(a)) for a in (at, path)]
        for client in waiting:
            client.request()
        said = reload_with(world, process, all_of_them,
                           'generation 3 serves')
        assert 'no listener serves' not in said, said
        for client in waiting:
            assert client.response().status == 200
    for address in at, path:
        assert world.ask(which=address).status == 200


def test_a_reload_from_its_name_to_its_address_goes_on_with_it(world, given):
    process = started(world, [listener('t', 'fd:web')], 'web', given)
    with world.raw(address_of(given)) as client:
        assert client.ask().status == 200
        reload_with(world, process, [listener('t', address_of(given))],
                    'generation 2 serves')
        assert client.ask().status == 200
    assert world.ask(which=address_of(given)).status == 200


def test_a_reload_that_does_not_fit_a_socket_changes_nothing(world, unix):
    path = address_of(unix)
    process = started(world, [listener('u', path)], 'web', unix)
    said = reload_with(world, process, [listener('u', path, 'mode="0666";')],
                       'was not reloaded|not loaded|goes on')
    assert 'has the mode 0600 and not 0666' in said, said
    assert world.ask(which=path).status == 200
    assert os.stat(world.path('given')).st_mode & 0o777 == 0o600


# check, while systemd has the socket.

@contextlib.contextmanager
def managed(sock):
    """The socket is that of a process named systemd from now on."""
    child = subprocess.Popen([sys.executable, '-c', MANAGER], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             pass_fds=[sock.fileno()])
    try:
        assert child.stdout.readline() == 'ready\n'
        yield
    finally:
        child.communicate()


@pytest.mark.parametrize('kind', ['given', 'unix'])
def test_check_knows_the_service_behind_a_socket_of_systemd(world, kind,
                                                            request):
    sock = request.getfixturevalue(kind)
    at = address_of(sock)
    with managed(sock):
        process = started(world, [listener('t', at)], 'web', sock)
        sock.close()
        done = world.run('check', '-c', world.path('c'))
        assert done.returncode == 0
        assert 'warning' not in done.stderr, done.stderr
        assert 'process %d' % process.child.pid in done.stdout, done.stdout
        # Stopped, it is as it was before the first start.
        world.stop()
        done = world.run('check', '-c', world.path('c'))
        assert done.returncode == 0
        assert re.search(r'/c:\d+: warning: listener t: %s: systemd listens '
                         r'there, and only that knows' % re.escape(at),
                         done.stderr), done.stderr
        process = world.launch(None, file='c')
        assert process.wait_exit() == 1
        assert '%s: address already in use by systemd, for the service' % at \
            in process.stderr, process.stderr


# An upgrade.

class Upgraded:
    """A program that is replaced by another file of the same name, as a
    package does it, while its clients go on."""

    def __init__(self, world, sock, **more):
        self.world, self.sock, self.more = world, sock, more
        self.original = world.program
        world.program = world.path('sallyport')
        self.install()
        self.process = self.start()

    def install(self):
        new = shutil.copy(self.original, self.world.path('sallyport.new'))
        os.rename(new, self.world.program)

    def start(self):
        return started(self.world,
                       [listener('t', address_of(self.sock))], 'web',
                       self.sock, **self.more)

    def upgrade(self):
        self.install()
        self.process.signal(signal.SIGTERM)
        assert self.process.wait_exit() == 0
        self.process = self.start()

    def answered(self):
        with open(self.world.path('access.ndjson')) as f:
            return sum(1 for _ in f)


@pytest.fixture
def api(bare):
    bare.seal('keys.age', 'team-a')
    api = nginx_module.Nginx(bare)
    yield api
    api.stop()


@needs_load
@pytest.mark.slow
@pytest.mark.skipif(not nginx_module.present(),
                    reason='nginx is not installed')
def test_an_upgrade_under_load_loses_no_request(bare, api, given):
    """Of connections that are kept, of new ones, of those that wait while
    nobody serves, and of requests with a body, which cannot be repeated."""
    upgraded = Upgraded(bare, given, workers=2,
                        upstreams=[bare.upstream(to=api.address)],
                        log='access = "%s";' % bare.path('access.ndjson'))
    load = Load(bare, '-c', 64, '-o', 16, '-p', 1000)
    try:
        for _ in range(ROUNDS):
            n = upgraded.answered() + PER_ROUND
            wait_until(lambda n=n: upgraded.answered() >= n, 'answers')
            upgraded.upgrade()
        n = upgraded.answered() + PER_ROUND
        wait_until(lambda: upgraded.answered() >= n, 'answers')
        counted = load.stop()
    finally:
        load.kill()
    assert counted['requests'] > ROUNDS * PER_ROUND
    assert counted['errors'] == counted['lost'] == counted['refused'] == 0, \
        counted

"""Many clients, slow clients, few descriptors, other users."""

import os
import resource
import subprocess

import proc
import pytest
import world as world_module


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 20000:
        pytest.skip('not enough descriptors allowed')
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_5000_idle_clients_cost_little_and_disturb_nobody(world, many_files):
    process = world.start()
    worker, = process.workers
    first = [world.raw() for _ in range(200)]
    for client in first:
        assert client.ask().status == 200
    before = proc.anonymous(worker)
    idle = [world.raw() for _ in range(5000)]
    for client in idle:
        assert client.ask(host='evil').status == 421    # it was accepted
    per_client = (proc.anonymous(worker) - before) / len(idle)
    assert world.ask().status == 200
    for client in first + idle:
        client.close()
    if not world_module.SANITIZED:
        assert per_client < 1024, per_client


def test_without_descriptors_clients_are_turned_away_and_not_lost(world):
    process = world.start(wrap=['sh', '-c', 'ulimit -n 60; exec "$@"', 'sh'])
    line = process.wait_line('no more than [0-9]+ clients at a time')
    room = int(line.split('no more than ')[1].split()[0])
    clients = [world.raw() for _ in range(80)]
    for client in clients:
        client.request()
    got = []
    for client in clients:
        got.append(client.response().status)
        client.close()
    # Who is turned away makes room for the next as soon as it has gone.
    assert 0 < room < 60 and got[:room] == [200] * room
    assert 503 in got and set(got) <= {200, 503}
    world_module.wait_until(lambda: world.ask().status == 200, 'room')
    assert process.child.poll() is None


def test_slow_clients_do_not_slow_others(running):
    slow = []
    for _ in range(100):
        client = running.raw()
        client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                    b'Content-Length: 100\r\n\r\nslow')
        slow.append(client)
    with running.raw() as quick:
        for _ in range(100):
            assert quick.ask().status == 200
    for client in slow:
        client.send(b'x' * 96)
        assert client.response().status == 200
        client.close()


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change user')
@pytest.mark.parametrize('who', ['users = [ "root" ];', 'groups = [ "root" ];'])
def test_another_user_of_the_machine_is_refused(world, who):
    os.chmod(world.folder, 0o755)
    path = world.path('s')
    world.start(world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; mode = "0666"; %s }'
        % (path, who)]))
    ask = ['curl', '-sS', '-w', '%{http_code}', '--unix-socket', path,
           'http://localhost/test/echo', '-o', '/dev/null']

    def status(**more):
        return subprocess.run(ask, stdout=subprocess.PIPE, timeout=world_module.LIMIT,
                              cwd='/', **more).stdout
    assert status() == b'200'
    assert status(user=65534, group=65534, extra_groups=[]) == b'421'
    if who.startswith('groups'):
        assert status(user=65534, group=65534, extra_groups=[0]) == b'200'
    assert len(world.clouds[0].requests) == \
        (2 if who.startswith('groups') else 1)


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change user')
def test_the_mode_of_a_socket_keeps_others_out(world):
    os.chmod(world.folder, 0o755)
    path = world.path('s')
    world.start(world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % path]))
    done = subprocess.run(['curl', '-sS', '--unix-socket', path,
                           'http://localhost/'], stderr=subprocess.PIPE,
                          user=65534, group=65534, cwd='/')
    assert done.returncode == 7
    assert world.ask().status == 200

"""Parent and workers: replaced when killed, ended in good order."""

import os
import re
import shutil
import signal
import threading
import time

import proc
import pytest
import tcp
import world as world_module
from waiting import LIMIT, outlast


def test_the_default_is_a_worker_per_cpu(world):
    process = world.start(world.config(workers=0))
    assert len(process.workers) == len(os.sched_getaffinity(0))


def test_a_killed_worker_is_replaced_and_the_others_go_on(world):
    process = world.start(world.config(workers=2))
    stop = threading.Event()
    good, bad = [0], []

    def load():
        while not stop.is_set():
            try:
                assert world.ask().status == 200
                good[0] += 1
            except Exception as fault:      # noqa: BLE001
                bad.append(fault)
    threads = [threading.Thread(target=load) for _ in range(4)]
    for t in threads:
        t.start()
    world_module.wait_until(lambda: good[0] > 50, 'some requests')
    before = process.workers
    os.kill(before[0], signal.SIGKILL)
    world_module.wait_until(
        lambda: len(process.workers) == 2 and before[0]
        not in process.workers, 'a new worker')
    mark = good[0]
    world_module.wait_until(lambda: good[0] > mark + 50, 'more requests')
    stop.set()
    for t in threads:
        t.join()
    # Each client has one connection at a time: no more can be lost.
    assert len(bad) <= 4, bad
    assert before[1] in process.workers


def test_requests_succeed_right_after_the_only_worker_died(world):
    process = world.start()
    assert world.ask().status == 200
    for _ in range(3):
        worker, = process.workers
        os.kill(worker, signal.SIGKILL)
        assert world.ask().status == 200
        assert process.workers != [worker]


def test_a_worker_that_hangs_is_replaced_after_ten_seconds(world):
    process = world.start()
    stuck, = process.workers
    os.kill(stuck, signal.SIGSTOP)
    process.wait_line('worker %d does nothing' % stuck, 10 + LIMIT)
    assert world.ask().status == 200
    assert stuck not in process.workers


def test_the_parent_keeps_no_descriptor_of_what_is_gone(world):
    process = world.start(world.config(workers=2))
    before = len(proc.links(process.child.pid))
    for _ in range(3):
        old = process.workers
        os.kill(old[0], signal.SIGKILL)
        for i in range(3):
            process.signal(signal.SIGUSR1)
        world_module.wait_until(
            lambda: len(process.workers) == 2 and process.workers != old,
            'a new worker')
    world_module.wait_until(
        lambda: len(proc.links(process.child.pid)) == before,
        'as many descriptors as before')


@pytest.mark.skipif(world_module.SANITIZED or
                    not world_module.strace_works(),
                    reason='needs strace, and no sanitizer')
def test_signals_while_it_starts_are_kept_for_later(world):
    path = world.path('s')
    process = world.launch(
        world.config(listeners=['{ name = "u"; address = "unix:%s"; }' % path]),
        wrap=[world_module.STRACE, '-D', '-qq', '-o', '/dev/null', '-e',
              'trace=listen', '-e', 'inject=listen:delay_enter=1000000'])
    world_module.wait_until(lambda: os.path.exists(path), 'the socket')
    process.signal(signal.SIGHUP)
    process.signal(signal.SIGUSR1)
    process.wait_ready()
    process.wait_line('the access log was reopened')
    assert world.ask(which='unix:' + path).status == 200


@pytest.mark.skipif(world_module.SANITIZED or
                    not world_module.strace_works(),
                    reason='needs strace, and no sanitizer')
def test_a_worker_needs_no_file_while_it_serves(world, monkeypatch):
    """Not in its first handshake either, by the system's authorities."""
    monkeypatch.setenv('SSL_CERT_FILE', world.pki.ca)
    monkeypatch.delenv('TZ', raising=False)
    upstream = world.upstream()
    trace = world.path('trace')
    process = world.start(
        world.config(upstreams=[re.sub(' ca_file = [^;]*;', '', upstream)]),
        wrap=[world_module.STRACE, '-D', '-f', '-qq', '-e', 'signal=none',
              '-e', 'trace=%file,accept4', '-o', trace])
    worker, = process.workers
    for target in '/test/echo', '/test/bytes?n=100000':
        assert world.ask(target=target).status == 200
    assert world.ask(host='evil.example').status == 421
    world.stop()
    with open(trace) as f:
        calls = re.findall(r'^%d +(.*)' % worker, f.read(), re.M)
    # Where another process's call comes between, strace writes a call in two
    # halves.
    accept = re.compile(r'accept4\(|<\.\.\. accept4 ')
    first = next(i for i, call in enumerate(calls)
                 if accept.match(call) and re.search(r' = \d', call))
    assert [c for c in calls[first:] if not accept.match(c)] == []


def in_flight(world):
    """A request that the API answers when the event is set."""
    go = threading.Event()

    def later(call):
        call.swallow()
        go.wait(2 * world_module.LIMIT)
        call.answer(b'at last')
    world.clouds[0].handlers['/later'] = later
    client = world.raw()
    client.request(target='/later')
    world.clouds[0].wait_requests(1)
    return client, go


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_running_exchanges_finish(world, number):
    process = world.start()
    client, go = in_flight(world)
    process.signal(number)

    def refused():
        try:
            world.socket(process.listening[0]).close()
            return False
        except OSError:
            return True
    world_module.wait_until(refused, 'the listener to close')
    assert process.child.poll() is None
    go.set()
    response = client.response()
    assert response.status == 200 and response.data == b'at last'
    assert client.at_end()
    assert process.wait_exit() == 0
    assert world.access(1)[0]['http']['response']['status_code'] == 200


def test_a_stop_takes_no_answer_from_a_client_that_still_sends(world):
    """It would be told of a reset, and not read."""
    process = world.start()
    with world.raw() as client:
        client.send(b'POST / HTTP/1.1\r\nHost: evil.example\r\n'
                    b'Content-Length: 1000000\r\n\r\n')
        assert client.response('POST').status == 421
        process.signal(signal.SIGTERM)
        process.wait_line('stopping')
        for _ in range(5):          # well within the time that it is given
            client.send(b'x' * 1000)
            tcp.wait_read(client.sock)
        assert process.child.poll() is None
    assert process.wait_exit() == 0


def test_a_second_signal_ends_at_once(world):
    process = world.start()
    client, go = in_flight(world)
    process.signal(signal.SIGTERM)
    world_module.wait_until(
        lambda: any('stop' in x or 'drain' in x or 'shut' in x
                    for x in process.lines), 'the stop to be noticed')
    began = time.monotonic()
    process.signal(signal.SIGTERM)
    process.wait_exit()
    assert time.monotonic() - began < world_module.DRAIN / 2
    go.set()
    world_module.wait_until(
        lambda: not any(os.path.exists('/proc/%d' % p)
                        for p in process.workers), 'the workers to end')
    line = world.access(1)[0]
    assert line['sallyport']['fault'] == 'worker_stopped'
    client.close()


@pytest.mark.skipif(world_module.SANITIZED or
                    not world_module.strace_works(),
                    reason='needs strace, and no sanitizer')
def test_a_worker_that_cannot_be_killed_is_waited_for_in_peace(world):
    """As one that hangs in a dead network disk."""
    trace = world.path('trace')
    process = world.start(wrap=[
        world_module.STRACE, '-D', '-qq', '-o', trace, '-e',
        'trace=kill,ppoll', '-e', 'inject=kill:retval=0'])
    worker, = process.workers
    os.kill(worker, signal.SIGSTOP)
    for line in 'stopping', 'at once':
        process.signal(signal.SIGTERM)
        process.wait_line(line)

    def calls(name):
        with open(trace) as f:
            return sum(line.startswith(name + '(') for line in f)
    world_module.wait_until(lambda: calls('kill') >= 3, 'kill')
    outlast(1.5)                    # in which it does not spin
    assert calls('ppoll') < 30
    os.kill(worker, signal.SIGKILL)
    assert process.wait_exit() == 0


def test_idle_clients_do_not_hold_up_a_stop(world):
    process = world.start()
    with world.raw() as idle, world.raw() as used:
        assert used.ask().status == 200
        began = time.monotonic()
        process.signal(signal.SIGTERM)
        assert process.wait_exit() == 0
        assert time.monotonic() - began < world_module.DRAIN / 2
        assert idle.at_end() and used.at_end()


def test_the_processes_are_not_dumpable(world):
    process = world.start()
    for pid in process.pids():
        with open('/proc/%d/limits' % pid) as f:
            core = [x for x in f if x.startswith('Max core file size')][0]
        assert core.split()[4] == '0', core


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change user')
def test_started_as_root_it_becomes_the_user_it_is_told(world):
    os.chmod(world.folder, 0o1777)
    ca = shutil.copy(world.pki.ca, world.path('ca.pem'))
    process = world.start(world.config(
        upstreams=[world.upstream(ca=ca)],
        more='user = "nobody"; group = "nogroup";'))
    for pid in process.workers:
        assert os.stat('/proc/%d/task' % pid).st_uid in (0, 65534)
        with open('/proc/%d/status' % pid) as f:
            status = dict(x.split(':', 1) for x in f)
        assert status['Uid'].split() == ['65534'] * 4
        assert status['Gid'].split() == ['65534'] * 4
        assert not set(status['Groups'].split()) - {'65534'}
        # Owned by root although its user is not: not dumpable.
        assert os.stat('/proc/%d/environ' % pid).st_uid == 0
    assert world.ask().status == 200


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change user')
def test_root_is_not_led_to_another_file_by_its_log(world):
    """By a worker that was taken over, where the folder is its user's."""
    os.chmod(world.folder, 0o755)
    os.mkdir(world.path('logs'))
    shutil.chown(world.path('logs'), 'nobody')
    log = world.path('logs/log')
    ca = shutil.copy(world.pki.ca, world.path('ca.pem'))
    config = world.config(upstreams=[world.upstream(ca=ca)],
                          log='access = "%s";' % log,
                          more='user = "nobody"; group = "nogroup";')
    process = world.start(config)
    precious = world.write('precious', '')
    os.unlink(log)
    os.symlink(precious, log)
    process.signal(signal.SIGUSR1)
    process.wait_line('cannot reopen it: is a symbolic link')
    assert world.ask().status == 200
    world.stop()
    assert os.path.getsize(precious) == 0
    pattern = "option 'access': %s: is a symbolic link" % log
    world.refuses(config, pattern)
    assert pattern in world.run('check', '-c',
                                world.path('sallyport.conf')).stderr


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change user')
def test_root_follows_a_link_that_only_root_can_change(world):
    """As containers have them, to /dev/stdout."""
    os.chmod(world.folder, 0o755)
    os.mkdir(world.path('logs'), 0o755)
    os.symlink(world.path('access.ndjson'), world.path('logs/log'))
    ca = shutil.copy(world.pki.ca, world.path('ca.pem'))
    world.start(world.config(
        upstreams=[world.upstream(ca=ca)],
        log='access = "%s";' % world.path('logs/log'),
        more='user = "nobody"; group = "nogroup";'))
    assert world.ask().status == 200
    assert len(world.access(1)) == 1


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change user')
@pytest.mark.parametrize('kind', ['file', 'fifo'])
def test_a_worker_that_gave_up_root_writes_to_the_reopened_log(world, kind):
    """It could not open it by itself."""
    os.chmod(world.folder, 0o755)
    log = world.path('access.ndjson')
    ca = shutil.copy(world.pki.ca, world.path('ca.pem'))
    process = world.start(world.config(
        upstreams=[world.upstream(ca=ca)],
        more='user = "nobody"; group = "nogroup";'))
    os.rename(log, log + '.1')
    reader = None
    if kind == 'fifo':
        os.mkfifo(log, 0o600)
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    process.signal(signal.SIGUSR1)
    process.wait_line('the access log was reopened')

    def has_line():
        assert world.ask().status == 200
        if reader is None:
            return os.path.getsize(log) > 0
        try:
            return os.read(reader, 65536).endswith(b'}\n')
        except BlockingIOError:
            return False
    world_module.wait_until(has_line, 'a line in the new log')
    if reader is not None:
        for _ in range(300):        # and nobody reads them
            assert world.ask().status == 200
        os.close(reader)


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to change group')
def test_started_as_root_it_takes_the_group_alone(world):
    process = world.start(world.config(more='group = "nogroup";'))
    for pid in process.workers:
        with open('/proc/%d/status' % pid) as f:
            status = dict(x.split(':', 1) for x in f)
        assert status['Uid'].split() == ['0'] * 4
        assert status['Gid'].split() == ['65534'] * 4
        assert not set(status['Groups'].split()) - {'65534'}
    assert world.ask().status == 200


def test_workers_end_with_their_parent(world):
    process = world.start(world.config(workers=2))
    workers = process.workers
    process.child.kill()
    process.child.wait()
    world_module.wait_until(
        lambda: not any(os.path.exists('/proc/%d' % p) for p in workers),
        'the workers to end')


def test_no_descriptor_leaks_over_many_connections(world):
    process = world.start()

    def count():
        return len(os.listdir('/proc/%d/fd' % process.workers[0]))
    for _ in range(5):
        assert world.ask().status == 200
    before = count()
    for _ in range(100):
        world.ask(host='evil.example')
        world.ask()
    world_module.wait_until(lambda: count() <= before + 1,
                            'descriptors to be closed')

"""The access log and the events: one line each, and never in the way."""

import fcntl
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time

import http1
import pytest
import tcp
import world as world_module
from waiting import outlast

CLOUD_ID = 'X-Cloud-Request-Id'


def test_a_line_has_the_shape_of_the_elastic_common_schema(running):
    body = b'x' * 10
    assert running.ask('POST', '/test/echo?secret=1', body=body, fields=[
        ('User-Agent', 'probe/1 "quoted"'), ('X-Request-Id', 'r-7')
    ]).status == 200
    line, = running.access(1)
    assert list(line)[:4] == ['@timestamp', 'log.level', 'message',
                              'ecs.version']
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z',
                        line['@timestamp'])
    event = line['event']
    assert event['dataset'] == 'sallyport.access'
    assert event['outcome'] == 'success'
    assert event['duration'] > 0
    assert {'kind', 'category', 'type'} <= set(event)
    assert 'reason' not in event
    assert line['service'] == {'name': 'sallyport'}
    assert line['http']['request']['method'] == 'POST'
    assert line['http']['request']['body']['bytes'] == 10
    assert line['http']['request']['id'] == 'r-7'
    assert line['http']['response']['status_code'] == 200
    assert line['http']['response']['body']['bytes'] > 100
    assert line['http']['version'] == '1.1'
    assert line['url']['path'] == '/test/echo'
    assert line['client']['ip'] == '127.0.0.1'
    assert line['client']['port'] > 0
    assert line['user_agent']['original'] == 'probe/1 "quoted"'
    ours = line['sallyport']
    assert ours['listener'] == 'local'
    assert ours['route'] == 'all'
    assert ours['key'] == 'team-a'
    assert ours['upstream'] == 'elastic-cloud'
    assert ours['attempts'] == 1
    assert ours['reused'] is False
    assert ours['upstream_ns'] > 0
    assert 'fault' not in ours


def test_the_query_is_logged_beside_the_path_where_it_is_wanted(world):
    world.start(world.config(log='access = "%s"; query = true;'
                             % world.path('access.ndjson')))
    world.ask(target='/test/echo?q=1')
    assert world.access(1)[0]['url'] == {'path': '/test/echo',
                                         'query': 'q=1'}


def test_a_failure_is_told_in_words(world):
    process = world.start(world.config(listeners=[
        '{ name = "local"; address = "127.0.0.1:0"; hosts = [ "a" ]; }']))
    assert world.ask(host='a').status == 200
    assert world.ask(host='b').status == 421
    world.clouds[0].stop()
    assert world.ask(host='a').status == 502
    fine, refused, failed = [x['event'] for x in world.access(3)]
    assert 'reason' not in fine
    assert refused['reason'].startswith('the Host of this request is not one')
    assert failed['reason'].startswith(
        'upstream elastic-cloud cannot be reached: ')
    assert all(x['service'] == {'name': 'sallyport'}
               for x in process.events())


def test_every_line_has_an_id_that_no_other_line_has(world):
    world.start(world.config(workers=2))
    for _ in range(10):
        world.ask()
    with world.raw() as client:
        client.send(b'nonsense\r\n\r\n')
        client.response()
    ids = {line['http']['request']['id'] for line in world.access(11)}
    assert len(ids) == 11 and all(ids)


def test_strange_bytes_of_clients_are_escaped(running):
    running.ask(fields=[('User-Agent', 'caf\xe9 \t"\\')])
    with running.raw() as client:
        client.send(b'GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n')
        client.response()
    running.access(2)


def test_the_log_may_go_to_stdout_or_nowhere(world):
    process = world.start(world.config(log='access = "stdout";'))
    assert world.ask().status == 200
    assert len(world.access(1, 'stdout')) == 1
    world.stop(process)
    world.start(world.config(log='access = "none";'))
    assert world.ask().status == 200


def test_as_text_each_exchange_and_each_message_is_a_line_for_people(world):
    process = world.start(world.config(
        log='access = "stdout"; format = "text"; query = true;'))
    world.clouds[0].expiration['team-a'] = ['2027-02-23']
    assert world.ask(target='/test/echo?n=1').status == 200
    assert world.ask(host='evil').status == 421
    process.wait_line(r'^\S+Z info \[\d+\] key-expiration-seen: key team-a '
                      r'expires at 2027-02-23T00:00:00Z$')
    process.signal(signal.SIGTERM)
    process.wait_line(r'^\S+Z info \[\d+\] stopping: finishing what runs$')
    process.wait_exit()
    assert not process.events()
    with open(world.path('stdout')) as log:
        served, refused = log.read().splitlines()
    assert re.fullmatch(
        r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info GET '
        r'/test/echo\?n=1 200; \d+ bytes in \d+\.\d{3} ms; client '
        r'127\.0\.0\.1 port \d+; listener local; route all; key team-a; '
        r'upstream elastic-cloud', served)
    assert re.search(r'Z warn GET /test/echo 421 host_refused: the Host of '
                     r'this request is not one .*; \d+ bytes in ', refused)


def test_as_text_a_key_in_a_wrong_place_is_withheld_as_well(world):
    world.start(world.config(log='access = "%s"; format = "text"; query = '
                             'true;' % world.path('access.text')))
    key = world.keys['team-a'].rstrip('=')
    world.clouds[0].handlers['/quiet'] = lambda call: call.answer(b'fine')
    target = '/quiet?k=' + key.replace('/', '%2F').replace('+', '%2B')
    assert world.ask(target=target).status == 200
    world.stop()
    with open(world.path('access.text')) as log:
        line, = log.read().splitlines()
    assert ' info (withheld) (withheld) 200; ' in line


FORMS = [
    ('2027-02-23T00:00:00Z', '2027-02-23T00:00:00Z'),
    ('2027-02-23T01:02:03.456Z', '2027-02-23T01:02:03Z'),
    ('2027-02-23T02:00:00+02:00', '2027-02-23T00:00:00Z'),
    ('Tue, 23 Feb 2027 00:00:00 GMT', '2027-02-23T00:00:00Z'),
    ('Tuesday, 23-Feb-27 00:00:00 GMT', '2027-02-23T00:00:00Z'),
    ('Tue Feb 23 00:00:00 2027', '2027-02-23T00:00:00Z'),
    ('2027-02-23 00:00:00 UTC', '2027-02-23T00:00:00Z'),
    ('2027-02-23', '2027-02-23T00:00:00Z'),
    ('1803340800', '2027-02-23T00:00:00Z'),
    ('1803340800000', '2027-02-23T00:00:00Z'),
]


@pytest.mark.parametrize('told,read', FORMS)
def test_the_expiry_of_a_key_is_read_in_every_form(running, told, read):
    running.clouds[0].expiration['team-a'] = [told]
    for _ in range(3):
        assert running.ask().status == 200
    for line in running.access(3):
        assert line['sallyport']['key_expires'] == read
        assert 'key_expires_raw' not in line['sallyport']
    process = running.processes[0]
    process.wait_line('key-expiration-seen')
    running.stop()
    event, = process.events('sallyport.key', 'key-expiration-seen')
    assert event['sallyport']['key'] == 'team-a'
    assert read in json.dumps(event)


ODD = [
    ([''], {}), ([' '], {}), (['null'], {}), (['never'], {}), (['-'], {}),
    (['2027-02-23', '2027-02-23T00:00:00Z'],
     {'key_expires': '2027-02-23T00:00:00Z'}),
    (['2027-02-23T00:00:00.123456789Z'],
     {'key_expires': '2027-02-23T00:00:00Z'}),
    (['9999-12-31T23:59:59Z'], {'key_expires': '9999-12-31T23:59:59Z'}),
    (['2027-02-23', '2027-02-24'], {'key_expires_raw': 'ambiguous'}),
    (['2027-02-23', 'null'], {'key_expires_raw': 'ambiguous'}),
    (['0000-01-01T00:00:00Z'], {'key_expires_raw': '0000-01-01T00:00:00Z'}),
    (['2027-02-31'], {'key_expires_raw': '2027-02-31'}),
    (['-1'], {'key_expires_raw': '-1'}),
    (['-2027-02-23'], {'key_expires_raw': '-2027-02-23'}),
]


@pytest.mark.parametrize('told,logged', ODD)
def test_no_odd_expiry_stops_a_key(running, told, logged):
    running.clouds[0].expiration['team-a'] = told
    for _ in range(2):
        assert running.ask().status == 200
    for line in running.access(2):
        assert {k: v for k, v in line['sallyport'].items()
                if k.startswith('key_expires')} == logged
    running.stop()
    assert running.processes[0].events('sallyport.key', 'key-expired') == []


def test_a_long_expiry_is_cut_in_the_log(running):
    running.clouds[0].expiration['team-a'] = ['9' * 10240]
    assert running.ask().status == 200
    line, = running.access(1)
    raw = line['sallyport']['key_expires_raw']
    assert raw.startswith('999') and len(raw) < 300


@pytest.mark.parametrize('byte', ['\x00', '\x01', '\x7f'])
def test_a_control_in_an_expiry_is_no_response(running, byte):
    running.clouds[0].expiration['team-a'] = ['2027-02-23' + byte]
    assert running.ask().status == 502
    running.clouds[0].expiration['team-a'] = []
    assert running.ask().status == 200


def test_an_expiry_that_cannot_be_read_is_kept_as_it_is(running):
    running.clouds[0].expiration['team-a'] = ['next "summer"']
    assert running.ask().status == 200
    ours = running.access(1)[0]['sallyport']
    assert ours['key_expires_raw'] == 'next "summer"'
    assert 'key_expires' not in ours


def test_two_that_differ_are_ambiguous(running):
    running.clouds[0].expiration['team-a'] = ['2027-02-23', '2027-02-24']
    assert running.ask().status == 200
    ours = running.access(1)[0]['sallyport']
    assert ours['key_expires_raw'] == 'ambiguous'


def test_no_expiry_is_no_error(running):
    assert running.ask().status == 200
    ours = running.access(1)[0]['sallyport']
    assert not {'key_expires', 'key_expires_raw'} & set(ours)


def test_an_expiry_is_told_once_by_all_workers_and_again_when_it_changes(
        world):
    process = world.start(world.config(workers=2))
    world.clouds[0].expiration['team-a'] = ['2027-02-23']
    threads = [threading.Thread(target=world.ask) for _ in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    process.wait_line('key-expiration-seen')
    world.clouds[0].expiration['team-a'] = ['2028-02-23']
    for _ in range(10):
        world.ask()
    process.wait_line('2028-02-23')
    world.stop()
    events = process.events('sallyport.key', 'key-expiration-seen')
    assert len(events) == 2, events


def test_a_key_that_expires_soon_is_told_of_once_by_all_workers(world):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
        days=2, hours=6)
    world.seal('keys.age', 'team-a', expires=soon.strftime('%FT%TZ'))
    process = world.start(world.config(workers=2))
    process.wait_line('key-expiring')
    # The API says the same, and it is loaded once more.
    world.clouds[0].expiration['team-a'] = [soon.strftime('%FT%TZ')]
    for _ in range(10):
        assert world.ask().status == 200
    process.signal(signal.SIGHUP)
    process.wait_line('reloaded')
    world.stop()
    event, = process.events('sallyport.key', 'key-expiring')
    assert event['log.level'] == 'warn'
    assert event['sallyport'] == {'key': 'team-a',
                                  'key_expires': soon.strftime('%FT%TZ')}
    assert event['message'] == (
        'key team-a expires in 2 days, at %s (threshold 3d)'
        % soon.strftime('%FT%TZ'))


def test_sigusr1_opens_the_log_again(world):
    process = world.start(world.config(workers=2))
    assert world.ask().status == 200
    world.access(1)
    os.rename(world.path('access.ndjson'), world.path('old.ndjson'))
    process.signal(signal.SIGUSR1)
    world_module.wait_until(
        lambda: os.path.exists(world.path('access.ndjson')), 'a new file')
    # Every worker writes to the new file before long.
    n = [1]

    def new():
        world.ask()
        n[0] += 1
        return len(world.access()) >= 20
    world_module.wait_until(new, 'lines in the new file')
    world_module.wait_until(
        lambda: len(world.access()) + len(world.access(file='old.ndjson'))
        == n[0], 'all lines')


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no /dev/full')
def test_a_full_disk_does_not_stop_the_traffic(world):
    world.start(world.config(log='access = "/dev/full";'))
    with world.raw() as client:
        for _ in range(200):
            assert client.ask().status == 200


@pytest.mark.skipif(not world_module.may_mount(),
                    reason='needs a mount of its own')
def test_what_a_full_disk_tears_mixes_with_no_line_of_any_worker(world):
    folder = world.path('small')
    os.mkdir(folder)
    process = world.start(
        world.config(workers=4, log='access = "%s/log";' % folder),
        wrap=['unshare', '-m', 'sh', '-c',
              'mount -t tmpfs -o size=64k none "$0" && exec "$@"', folder])
    inside = '/proc/%d/root%s' % (process.child.pid, folder)

    def fill(i):
        with open('%s/%d' % (inside, i), 'wb') as file:
            file.write(b'x' * 8192)

    def ask():
        for _ in range(60):
            assert world.ask().status == 200
    for i in range(4):
        fill(i)
    for i in range(4):
        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        os.remove('%s/%d' % (inside, i))
        assert world.ask().status == 200
    with open(inside + '/log') as log:
        lines = log.read().split('\n')[:-1]
    torn = [line for line in lines if not line.endswith('}')]
    assert len([json.loads(x) for x in lines if x not in torn]) > 50
    # What is left of one has a line for itself.
    begin = '{"@timestamp":'
    assert torn and all(line.rfind(begin[:len(line)]) == 0 for line in torn)


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no /dev/full')
def test_lines_lost_until_the_end_are_told_with_their_number(world):
    process = world.start(world.config(workers=2,
                                       log='access = "/dev/full";'))
    for _ in range(10):
        with world.raw() as client:
            for _ in range(5):
                assert client.ask().status == 200
    line = process.wait_line('the access log cannot be written')
    assert json.loads(line)['message'] == (
        'the access log cannot be written: No space left on device; lines '
        'are lost')
    assert 'lines lost' not in process.stderr
    world.stop(process)
    told = re.findall(r'lines lost: (\d+)"', process.stderr)
    assert sum(map(int, told)) == 50
    # Each worker says it once, when it begins and when it ends.
    assert process.stderr.count('cannot be written') == len(told) <= 2


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no /dev/full')
def test_lines_lost_are_told_with_their_number_once_writing_works(world):
    log = world.path('access.ndjson')
    os.symlink('/dev/full', log)
    process = world.start(world.config(log='access = "%s";' % log))
    for _ in range(50):
        assert world.ask().status == 200
    process.wait_line('the access log cannot be written')
    os.unlink(log)
    process.signal(signal.SIGUSR1)
    world_module.wait_until(lambda: os.path.exists(log), 'a new file')
    asked = [50]

    def written():
        assert world.ask().status == 200
        asked[0] += 1
        return world.access()
    world_module.wait_until(written, 'a line in the new file')
    line = process.wait_line('the access log is written again')
    lost = int(re.search(r'; lines lost: (\d+)"', line)[1])
    world.stop(process)
    assert lost >= 50 and lost + len(world.access()) == asked[0]
    assert process.stderr.count('lines lost') == 1


def test_a_blocked_pipe_does_not_stop_the_traffic(world):
    fifo = world.path('fifo')
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, 1031, 4096)         # F_SETPIPE_SZ
    world.start(world.config(log='access = "%s";' % fifo))
    with world.raw() as client:
        for _ in range(200):
            assert client.ask().status == 200
    # What did go through are whole lines.
    got = os.read(reader, 1 << 20)
    for line in got.split(b'\n')[:-1]:
        json.loads(line)
    os.close(reader)
    assert world.ask().status == 200


PIPE = 65536            # bytes in one that is full, at most


def test_stderr_that_nobody_reads_does_not_stop_the_traffic(world):
    reader, writer = os.pipe()
    file = world.write('c', world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % world.path('s')]))
    child = subprocess.Popen([world.program, 'run', '-c', file],
                             stderr=writer, stdin=subprocess.DEVNULL,
                             env=world.environment(), cwd=world.folder)
    os.close(writer)
    try:
        got = b''
        while b'ready\n' not in got:
            data = os.read(reader, 4096)
            assert data, got
            got += data
        for i in range(300):
            # Each writes lines at level debug.
            assert world.ask(which='unix:' + world.path('s'),
                             fields=[('Origin', 'null')]).status == 421
        assert world.ask(which='unix:' + world.path('s')).status == 200
        unread = fcntl.ioctl(reader, termios.FIONREAD, b'\0\0\0\0')
        assert int.from_bytes(unread, sys.byteorder) > PIPE / 2
    finally:
        child.terminate()
        drain = threading.Thread(target=lambda: [
            None for _ in iter(lambda: os.read(reader, 65536), b'')])
        drain.start()
        assert child.wait(world_module.DRAIN + world_module.LIMIT) == 0
        drain.join()
        os.close(reader)


def test_on_failure_refuse_answers_503(world):
    world.start(world.config(
        log='access = "/dev/full"; on_failure = "refuse";'))

    def refused():
        response = world.ask()
        return response.status == 503 and response
    response = world_module.wait_until(refused, 'a refusal')
    assert response.fields.one('x-cloud-error-codes') == \
        'sallyport.overloaded'
    assert b'the access log cannot be written' in response.data


def test_stdout_that_nobody_reads_does_not_stop_the_traffic(world):
    reader, writer = os.pipe()
    file = world.write('c', world.config(
        log='access = "stdout";', listeners=[
            '{ name = "u"; address = "unix:%s"; }' % world.path('s')]))
    child = subprocess.Popen([world.program, 'run', '-c', file],
                             stdout=writer, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, cwd=world.folder,
                             env=world.environment())
    os.close(writer)
    try:
        while child.stderr.readline() != b'ready\n':
            assert child.poll() is None
        # Some of them fill the pipe, more what is kept for a slow reader.
        with world.raw('unix:' + world.path('s')) as client:
            for _ in range(400):
                assert client.ask().status == 200
        assert b'its reader is too slow; lines are lost' in \
            child.stderr.readline()
        # The pipe has whole lines, and the rest comes when it is read.
        os.set_blocking(reader, False)
        got = b''
        while b'\n' not in got[PIPE:]:
            try:
                got += os.read(reader, PIPE)
            except BlockingIOError:
                assert world.ask(which='unix:' + world.path('s')).status == 200
        for line in got.split(b'\n')[:-1]:
            json.loads(line)
    finally:
        child.terminate()
        os.close(reader)
        child.stderr.read()
        child.stderr.close()
        assert child.wait(world_module.DRAIN + world_module.LIMIT) == 0


def test_a_folder_that_became_read_only_keeps_the_old_file_and_says_so(world):
    upstream = world.open_to_nobody()
    folder = world.path('logs')
    os.mkdir(folder)
    if world_module.ROOT:
        shutil.chown(folder, 65534)
    log = os.path.join(folder, 'log')
    process = world.start(world.config(
        log='access = "%s";' % log, upstreams=[upstream]),
        wrap=world_module.AS_NOBODY)
    assert world.ask().status == 200
    old = os.path.join(folder, 'old')
    os.rename(log, old)
    os.chmod(folder, 0o555)
    process.signal(signal.SIGUSR1)
    line = process.wait_line('cannot reopen it')
    assert json.loads(line)['message'] == \
        log + ': cannot reopen it: Permission denied; the old one stays'
    assert world.ask().status == 200
    world.access(2, 'logs/old')
    # It is made as soon as it may be.
    os.chmod(folder, 0o755)
    process.signal(signal.SIGUSR1)
    process.wait_line('the access log was reopened')
    asked = [2]

    def renewed():
        assert world.ask().status == 200
        asked[0] += 1
        return world.access(file='logs/log')
    world_module.wait_until(renewed, 'a line in the new file')
    world_module.wait_until(
        lambda: len(world.access(file='logs/log')) +
        len(world.access(file='logs/old')) == asked[0], 'all lines')


def test_what_is_no_file_any_more_keeps_the_old_one(world):
    process = world.start()
    os.rename(world.path('access.ndjson'), world.path('old'))
    os.mkdir(world.path('access.ndjson'))
    process.signal(signal.SIGUSR1)
    process.wait_line(r'access\.ndjson: cannot reopen it: is a directory; the '
                      'old one stays')
    assert world.ask().status == 200
    world.access(1, 'old')


def test_refusing_ends_when_lines_can_be_written_again(world):
    log = world.path('access.ndjson')
    os.symlink('/dev/full', log)
    process = world.start(world.config(
        log='access = "%s"; on_failure = "refuse";' % log))
    world_module.wait_until(lambda: world.ask().status == 503, 'a refusal')
    os.unlink(log)
    process.signal(signal.SIGUSR1)
    world_module.wait_until(lambda: world.ask().status == 200, 'an answer')
    process.wait_line('the access log is written again')


@pytest.mark.parametrize('end', ['close', 'reset', 'half', 'stop'])
def test_however_an_exchange_ends_it_is_one_line(running, end):
    targets = ['/test/echo', '/test/bytes?n=100000000', '/test/cut?after=body']
    if end in ('reset', 'stop'):
        targets += ['/test/stall', '/test/stall?after=head']
    clients = []
    for target in targets:
        client = running.raw()
        client.request(target=target)
        clients.append(client)
    running.clouds[0].wait_requests(len(targets))
    for client in clients:
        if end == 'reset':
            http1.reset(client.sock)
        elif end == 'half':
            client.half_close()
    if end == 'half':
        for client in clients:
            client.sock.settimeout(None)
            while client.sock.recv(1 << 20):
                pass
    if end == 'stop':
        process = running.processes[0]
        process.signal(signal.SIGTERM)
        process.wait_line('stopping')
        process.signal(signal.SIGTERM)
        process.wait_exit()
    for client in clients:
        client.close()
    lines = running.access(len(targets))
    assert sorted(x['url']['path'] for x in lines) == \
        sorted(x.split('?')[0] for x in targets)


SLACK = 0.01            # clocks are read once a turn and written in ms


@pytest.mark.parametrize('rest, head, status, least', [
    (b'alhost\r\n\r\n', 30, 200, 0.3), (b'', 3, 408, 3)])
def test_a_head_that_comes_in_pieces_counts_from_its_first_byte(
        world, rest, head, status, least):
    world.start('timeouts = { head = "%ds"; };\n' % head + world.config())
    with world.raw() as client:
        began = time.time()
        client.send(b'GET /test/echo HTTP/1.1\r\nHost: loc')
        tcp.wait_read(client.sock)
        read = time.time()
        outlast(0.3)
        client.send(rest)
        assert client.response().status == status
        ended = time.time()
    line, = world.access(1)
    assert least <= line['event']['duration'] / 1e9 + SLACK
    assert line['event']['duration'] / 1e9 <= ended - began + SLACK
    told = datetime.datetime.fromisoformat(line['@timestamp'][:-1]
                                           + '+00:00').timestamp()
    assert began - SLACK <= told <= read + SLACK


def test_who_is_within_a_head_when_the_worker_stops_has_a_line(world):
    process = world.start(world.config())
    with world.raw() as running, world.raw() as client:
        running.request(target='/test/stall')
        world.clouds[0].wait_requests(1)
        client.send(b'GET /test/echo HTTP/1.1\r\nHos')
        tcp.wait_read(client.sock)
        process.signal(signal.SIGTERM)
        process.wait_line('stopping')
        process.signal(signal.SIGTERM)
        process.wait_exit()
    assert [line['sallyport']['fault'] for line in world.access(2)] == \
        ['worker_stopped'] * 2


def test_exchanges_have_numbers_at_level_debug_and_no_addresses(world):
    process = world.start(world.config(log='access = "%s"; level = "debug";'
                                       % world.path('access.ndjson')))
    assert world.ask().status == world.ask().status == 200
    process.wait_line('exchange 2: responded')
    begun = [x for x in process.lines if re.search('exchange [0-9]+: open',
                                                   x)]
    assert [re.search('exchange ([0-9]+)', x)[1] for x in begun] == ['1', '2']
    assert '0x' not in process.stderr


@pytest.mark.parametrize('fields, id', [
    ([('X-Request-Id', 'b'), (CLOUD_ID, 'a "1"')], 'a "1"'),
    ([(CLOUD_ID, ''), ('X-Request-Id', 'b'), ('X-Request-Id', 'c')], 'b'),
    ([(CLOUD_ID, 'x' * 4000)], 'x' * 256),
    ([(CLOUD_ID, '')], None),
], ids=['both', 'the other', 'long', 'none'])
def test_the_id_that_the_upstream_gave_a_request_is_logged(running, fields,
                                                           id):
    running.clouds[0].handlers['/id'] = lambda call: call.answer(
        b'', fields=fields)
    response = running.ask(target='/id', fields=[('X-Request-Id', 'mine')])
    assert response.status == 200
    line, = running.access(1)
    assert line['http']['request']['id'] == 'mine'
    assert line['sallyport'].get('upstream_request_id') == id


def test_a_part_of_the_key_as_an_id_is_not_logged(running):
    key = running.keys['team-a'].rstrip('=')
    for n, part in enumerate([key[:20], 'a ' + key[30:38], 'a%2Fb',
                              key[40:47]]):
        running.clouds[0].handlers['/id'] = lambda call: call.answer(
            b'', fields=[(CLOUD_ID, part)])
        assert running.ask(target='/id').status == 200
        line = running.access(n + 1)[n]
        assert line['sallyport']['upstream_request_id'] == (
            '(withheld)' if n < 3 else part)


@pytest.mark.parametrize('cut', [slice(60), slice(30, 40), slice(-20, None)])
def test_a_part_of_the_key_as_its_expiry_is_not_logged(running, cut):
    part = running.keys['team-a'].rstrip('=')[cut]
    running.clouds[0].expiration['team-a'] = ['until ' + part]
    assert running.ask().status == 200
    line = running.access(1)[0]
    assert line['sallyport']['key_expires_raw'] == '(withheld)'
    assert part not in json.dumps(line)


def test_a_key_in_a_wrong_place_of_a_request_is_not_logged(world):
    world.start(world.config(log='access = "%s"; query = true;'
                             % world.path('access.ndjson')))
    key = world.keys['team-a'].rstrip('=')
    world.clouds[0].handlers['/quiet'] = lambda call: call.answer(b'fine')
    target = '/quiet?k=' + key.replace('/', '%2F').replace('+', '%2B')
    for fields in ([], [('User-Agent', 'a ' + key)], [('X-Request-Id', key)],
                   [('Authorization', 'ApiKey ' + key)]):
        response = world.ask(target=target if not fields else '/quiet',
                             fields=fields)
        assert response.status == 200
    # Where no key is chosen, what looks like one is not shown.
    refused = world.ask(target='//' + key[:60].replace('/', ''))
    assert refused.status == 400
    # Nor where the key was not sent after all.
    world.clouds[0].stop()
    for path in (target, target.replace('essu_', '')):
        assert world.ask(target=path).status == 502
    lines = json.dumps(world.access(7))
    assert not any(key[at:at + 12] in lines for at in range(len(key) - 12))

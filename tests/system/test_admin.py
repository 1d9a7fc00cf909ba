"""The admin listener: who may ask the daemon what, and what it answers."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess

import proc
import pytest
from waiting import SANITIZED, wait_until
from world import ROOT

NOBODY = 65534


def admin(world, more='', name='admin.sock'):
    return '{ address = "unix:%s"; %s }' % (world.path(name), more)


def admin_config(world, more=''):
    return world.config(more='admin = ( %s, { address = "127.0.0.1:0"; } ); '
                        '%s' % (admin(world), more))


@pytest.fixture
def asked(world):
    """A daemon with a Unix socket and a TCP address to be asked at."""
    world.start(admin_config(world))
    world.unix, world.tcp = world.processes[-1].listening[-2:]
    return world


def get(world, target, where=None, **more):
    response = world.ask('GET', target, which=where or world.unix, **more)
    return response.status, json.loads(response.data)


def code(response):
    return json.loads(response.data)['errors'][0]['code']


# What is answered.

def test_it_lives_and_is_ready(asked):
    for where in asked.unix, asked.tcp:
        assert get(asked, '/healthz', where) == (200, {'alive': True})
        assert get(asked, '/readyz', where) == (200, {
            'ready': True, 'reason': None, 'routes_without_key': []})


def test_status_is_one_object(asked):
    status, what = get(asked, '/status')
    process = asked.processes[-1]
    assert status == 200
    assert what['state'] == 'serving' and what['generation'] == 1
    assert what['pid'] == process.child.pid
    assert what['configuration'] == asked.path('sallyport.conf')
    assert what['attention'] == []
    assert what['listeners'][0]['name'] == 'local'
    assert what['listeners'][0]['address'] == process.listening[0]
    assert what['routes'][0]['name'] == 'all'
    assert what['routes'][0]['keys'] == ['team-a']
    assert what['routes'][0]['usable'] is True
    assert what['upstreams'][0]['name'] == 'elastic-cloud'
    assert what['keys'][0]['name'] == 'team-a'
    assert what['keys'][0]['expires'] is None
    assert what['keys'][0]['requests'] == 0
    assert what['keys'][0]['last_used'] is None
    assert what['upstreams'][0]['connections'] == {'idle': 0, 'busy': 0}
    assert what['sandbox']['option'] in ('off', 'try', 'required')
    assert what['sandbox']['admin']['seccomp'] == what['sandbox']['seccomp']
    assert what['log'] == {'lost': 0}
    assert [w['pid'] for w in what['workers']] == process.workers
    assert {w['state'] for w in what['workers']} == {'serving'}
    assert what['reload']['last'] is None
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', what['started'])


def test_a_head_gets_the_same_without_the_body(asked):
    with asked.raw(asked.unix) as raw:
        whole = raw.ask('GET', '/healthz')
        head = raw.ask('HEAD', '/healthz')
        assert head.status == 200 and not head.data
        assert head.fields.one('content-length') == \
            whole.fields.one('content-length')
        assert raw.ask('GET', '/healthz').status == 200     # the same link


def test_curl_is_served(asked):
    for where in asked.unix, asked.tcp:
        done = asked.curl('/readyz', '-f', which=where)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)['ready'] is True


def expire(world, name):
    """By its file; and the API, which is asked once more, does not know it."""
    world.seal('keys.age', name, expires='2020-01-01T00:00:00Z')
    digests = world.clouds[0].digests
    for digest in [d for d, n in digests.items() if n == name]:
        del digests[digest]


def test_a_key_that_has_ended_needs_attention(world):
    expire(world, 'team-a')
    world.start(world.config(more='admin = %s;' % admin(world)))
    world.unix = world.processes[-1].listening[-1]
    wait_until(lambda: get(world, '/readyz')[0] == 503, 'it was tried')
    assert get(world, '/readyz') == (503, {
        'ready': False, 'reason': 'no route has a usable key',
        'routes_without_key': ['all']})
    what = get(world, '/status')[1]
    assert what['keys'][0]['expires'] == '2020-01-01T00:00:00Z'
    assert what['keys'][0]['days_left'] < -2000
    assert [a['what'].partition(':')[0] for a in what['attention']] == [
        'route all has no usable key', 'key team-a has expired']


def test_a_key_that_has_ended_says_which_one_takes_over(world):
    expire(world, 'team-a')
    world.seal('more.age', 'team-b', expires='2035-01-01T00:00:00Z')
    world.seal('last.age', 'team-c')

    def attention(*routes):
        world.start(world.config(
            sealed=('keys.age', 'more.age', 'last.age'),
            routes=['{ name = "%s"; path = "/%s"; upstream = "elastic-cloud"; '
                    'keys = [ %s ]; }' % (r, r, ', '.join(
                        '"team-%s"' % k for k in r)) for r in routes],
            more='admin = %s;' % admin(world)))
        world.unix = world.processes[-1].listening[-1]
        wait_until(lambda: get(world, '/status')[1]['state'] == 'serving',
                   'news')
        wait_until(lambda: get(world, '/status')[1]['keys'][0]['state'] ==
                   'expired', 'it was tried')
        told = get(world, '/status')[1]['attention']
        world.stop()
        return [(a['what'].partition(':')[0], a['command'] is None)
                for a in told]
    assert attention('ab', 'abc', 'c') == [
        ('key team-a has expired; team-b takes over', False)]
    assert attention('acb') == [
        ('key team-a has expired; team-c takes over', False)]
    # One of its routes has none.
    assert attention('ab', 'a', 'c') == [
        ('route a has no usable key', False),
        ('key team-a has expired', False)]


def test_what_was_learnt_and_counted_is_told(asked):
    asked.clouds[0].expiration['team-a'] = ['2031-02-03T04:05:06Z']
    with asked.raw() as raw:
        assert raw.ask().status == 200
        wait_until(lambda: get(asked, '/status')[1]['routes'][0]['requests'],
                   'the request is counted')
        what = get(asked, '/status')[1]
        assert what['listeners'][0]['clients'] == 1
        assert what['routes'][0]['requests'] == 1
        assert what['keys'][0]['requests'] == 1
        assert what['keys'][0]['expires'] == '2031-02-03T04:05:06Z'
        assert what['keys'][0]['last_used'] >= what['started']
        assert what['upstreams'][0]['connections'] == {'idle': 1, 'busy': 0}
    wait_until(lambda: get(asked, '/status')[1]['listeners'][0]['clients']
               == 0, 'the client is gone')


def metrics(world, where=None):
    response = world.ask('GET', '/metrics', which=where or world.unix)
    assert response.status == 200
    assert response.fields.one('content-type').startswith('text/plain; '
                                                          'version=0.0.4')
    return response.data.decode()


def test_metrics_go_on_after_a_reload(asked):
    count = 'sallyport_requests_total{route="all",method="GET",code="200"} %d'
    assert asked.ask().status == 200
    wait_until(lambda: count % 1 in metrics(asked, asked.tcp).split('\n'),
               'the request is counted')
    assert post_reload(asked)[0] == 200
    assert asked.ask().status == 200
    wait_until(lambda: count % 2 in metrics(asked).split('\n'), 'another')
    text = metrics(asked).split('\n')
    assert 'sallyport_config_reload_total{result="success"} 1' in text
    assert 'sallyport_config_last_reload_successful 1' in text
    asked.write('sallyport.conf', 'x')
    assert post_reload(asked)[0] == 500
    text = metrics(asked).split('\n')
    assert 'sallyport_config_reload_total{result="failure"} 1' in text
    assert 'sallyport_config_last_reload_successful 0' in text


def cpu_of_all(world):
    return float(re.search(r'^process_cpu_seconds_total (\S+)$',
                           metrics(world), re.M)[1])


def test_cpu_time_never_falls_while_the_process_that_told_it_retires(asked):
    pid = asked.processes[-1].admin
    with asked.raw(asked.tcp) as slow:
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        for _ in range(500):
            slow.request('GET', '/status')
        while proc.cpu_seconds(pid) < 0.3:
            metrics(asked)
        told = [cpu_of_all(asked)]
        for _ in range(2):
            assert post_reload(asked)[0] == 200
            told.append(cpu_of_all(asked))
        assert os.path.exists('/proc/%d' % pid), 'it has ended before'
        assert told == sorted(told)
        assert told[-1] > 0.3


@pytest.mark.skipif(not shutil.which('promtool'), reason='no promtool')
def test_promtool_has_nothing_to_say_about_the_metrics(asked):
    assert asked.ask().status == 200
    done = subprocess.run(['promtool', 'check', 'metrics'], text=True,
                          input=metrics(asked), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0 and not done.stdout, done.stdout


@pytest.mark.skipif(not shutil.which('prometheus'), reason='no prometheus')
def test_a_real_prometheus_scrapes_it(asked):
    file = asked.write('prometheus.yml', json.dumps({
        'global': {'scrape_interval': '1s'},
        'scrape_configs': [{'job_name': 'sallyport', 'static_configs': [
            {'targets': [asked.tcp]}]}]}))
    with socket.create_server(('127.0.0.1', 0)) as free:
        address = '127.0.0.1:%d' % free.getsockname()[1]
    assert asked.ask().status == 200
    scraper = subprocess.Popen(
        ['prometheus', '--config.file', file, '--web.listen-address', address,
         '--storage.tsdb.path', asked.path('tsdb')],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def query(text):
        done = subprocess.run(
            # It answers 503 until it has started.
            ['curl', '-sf', '--noproxy', '*', '-G', '--data-urlencode',
             'query=' + text, 'http://%s/api/v1/query' % address],
            stdout=subprocess.PIPE)
        found = done.returncode == 0 and \
            json.loads(done.stdout)['data']['result']
        return found and found[0]['value'][1]
    try:
        wait_until(lambda: query('up{job="sallyport"}') == '1', 'a scrape')
        wait_until(lambda: query('sum(sallyport_requests_total)') == '1',
                   'the request')
        assert query('count(sallyport_build_info)') == '1'
    finally:
        scraper.terminate()
        scraper.wait()


# What is refused.

def test_a_path_that_there_is_not_is_neither_403_nor_404(asked):
    for target in '/.', '/metrics/', '/status/x', '//status', '/%73tatus':
        response = asked.ask('GET', target, which=asked.unix)
        assert response.status in (400, 421), (target, response.data)
    response = asked.ask('GET', '/nothing', which=asked.unix)
    assert response.status == 421 and code(response) == 'sallyport.no_route'


@pytest.mark.parametrize('method, target, allow', [
    ('POST', '/status', 'GET, HEAD'), ('DELETE', '/readyz', 'GET, HEAD'),
    ('GET', '/reload', 'POST'), ('PUT', '/reload', 'POST')])
def test_another_method_is_told_which_there_are(asked, method, target, allow):
    response = asked.ask(method, target, which=asked.unix)
    assert response.status == 405
    assert code(response) == 'sallyport.method_refused'
    assert response.fields.one('allow') == allow


def test_over_tcp_nothing_can_be_changed(asked):
    for target in '/reload', '/status', '/nothing':
        response = asked.ask('POST', target, which=asked.tcp)
        assert response.status == 421
        assert code(response) == 'sallyport.client_refused'
        assert 'a POST needs a Unix socket' in response.data.decode()


@pytest.mark.parametrize('fields', [
    [('Origin', 'http://localhost')], [('Sec-Fetch-Site', 'cross-site')],
    [('Access-Control-Request-Method', 'POST')]])
def test_web_pages_are_refused(asked, fields):
    for where in asked.unix, asked.tcp:
        response = asked.ask('GET', '/status', fields, which=where)
        assert response.status == 421
        assert code(response) == 'sallyport.browser_refused'


def test_a_foreign_host_is_refused_over_tcp_only(asked):
    response = asked.ask('GET', '/status', host='rebound.example',
                         which=asked.tcp)
    assert response.status == 421
    assert code(response) == 'sallyport.host_refused'
    assert asked.ask('GET', '/status', host='any.example',
                     which=asked.unix).status == 200
    assert asked.ask('GET', '/status', host='localhost:1',
                     which=asked.tcp).status == 200


def test_a_huge_body_is_not_read(asked):
    response = asked.ask('POST', '/reload', [('Content-Length', '4097')],
                         which=asked.unix)
    assert response.status == 413
    assert code(response) == 'sallyport.body_too_large'
    with asked.raw(asked.unix) as raw:
        raw.request('POST', '/reload', [('Transfer-Encoding', 'chunked')])
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(64):
                raw.send(b'1000\r\n' + bytes(0x1000) + b'\r\n')
        assert raw.response('POST').status == 413


def test_a_small_body_is_dropped(asked):
    with asked.raw(asked.unix) as raw:
        assert raw.ask('GET', '/healthz', body=b'x' * 4096).status == 200
        assert raw.ask('GET', '/healthz').status == 200


def test_who_may_not_is_refused(world):
    if not ROOT:
        pytest.skip('needs root to be two users')
    world.start(world.config(more='admin = %s;' % admin(
        world, 'mode = "0666"; users = [ "root" ];')))
    os.chmod(world.folder, 0o755)
    socket_path = world.processes[-1].listening[-1][5:]
    ask = ['curl', '-sS', '--unix-socket', socket_path,
           'http://localhost/status']
    assert b'"serving"' in subprocess.run(ask, stdout=subprocess.PIPE,
                                          check=True).stdout
    done = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534',
                           '--clear-groups', *ask], check=True,
                          stdout=subprocess.PIPE)
    assert b'sallyport.client_refused' in done.stdout


def test_who_may_not_by_address_is_refused(world):
    world.start(world.config(more='admin = { address = "127.0.0.1:0"; '
                             'from = [ "192.0.2.0/24" ]; };'))
    response = world.ask('GET', '/status',
                         which=world.processes[-1].listening[-1])
    assert response.status == 421
    assert code(response) == 'sallyport.client_refused'


# The process.

def test_it_is_replaced_when_it_dies(asked):
    process = asked.processes[-1]
    for _ in range(2):
        pid = process.admin
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: process.admin not in (None, pid), 'another one')
        assert get(asked, '/readyz')[0] == 200
    assert asked.ask().status == 200
    assert len(process.events('sallyport.daemon')) >= 2


def test_a_scraper_that_does_not_read_holds_nobody_up(asked):
    with asked.raw(asked.tcp) as slow:
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        for _ in range(500):
            slow.request('GET', '/status')
        for _ in range(20):
            assert get(asked, '/status', asked.tcp)[0] == 200
        assert asked.ask().status == 200
        asked.stop()


STALLS = {
    'nothing': b'',
    'a part of a head': b'POST /keys/team-a/enable HTTP/1.1\r\nHost: local',
    'a part of a body': b'POST /keys/team-a/enable HTTP/1.1\r\n'
                        b'Host: localhost\r\nContent-Length: 10\r\n\r\n12345',
    'requests and reads nothing':
        b'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n' * 100,
    'an end, and does not hang up':
        b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'
        b'Connection: close\r\n\r\n',
}


def stall(world, many, where, said):
    for _ in range(300):
        many.enter_context(world.raw(where)).send(said)


@pytest.mark.parametrize('said', STALLS.values(), ids=STALLS)
def test_clients_who_stall_keep_no_order_out(asked, said):
    with contextlib.ExitStack() as many:
        stall(asked, many, asked.unix, said)
        for order in 'disable', 'enable':
            done = asked.run('key', order, 'team-a', '-c',
                             asked.path('sallyport.conf'))
            assert done.returncode == 0, done.stderr
        assert get(asked, '/status')[0] == 200


def test_who_waits_for_a_result_is_not_displaced(asked):
    process = asked.processes[-1]
    with contextlib.ExitStack() as many:
        waiting = many.enter_context(asked.raw(asked.unix))
        os.kill(process.child.pid, signal.SIGSTOP)
        waiting.request('POST', '/reload')
        process.wait_line('a reload was asked for')
        stall(asked, many, asked.unix, b'')
        assert get(asked, '/healthz')[0] == 200
        os.kill(process.child.pid, signal.SIGCONT)
        assert waiting.response().status == 200


def test_clients_who_stall_over_tcp_keep_nobody_out(asked):
    with contextlib.ExitStack() as many:
        stall(asked, many, asked.tcp, b'GET /status')
        assert get(asked, '/status', asked.tcp)[0] == 200
        assert post_reload(asked)[0] == 200
        assert get(asked, '/status')[0] == 200


def test_while_it_stops_it_is_alive_and_not_ready(asked):
    with asked.raw() as busy:
        busy.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                  b'Content-Length: 10\r\n\r\n12345')
        wait_until(lambda: asked.clouds[0].requests, 'a request upstream')
        asked.processes[-1].signal(signal.SIGTERM)
        asked.processes[-1].wait_line('stopping')
        wait_until(lambda: get(asked, '/readyz')[0] == 503, 'not ready')
        assert get(asked, '/readyz')[1]['reason'] == 'draining'
        assert get(asked, '/healthz')[0] == 200
        assert get(asked, '/status')[1]['state'] == 'draining'
        busy.send(b'67890')
        assert busy.response().status == 200
    assert asked.processes[-1].wait_exit() == 0
    assert not os.path.exists(asked.path('admin.sock'))


def test_it_ends_with_the_parent(asked):
    process = asked.processes[-1]
    pids = process.pids()[1:]
    process.signal(signal.SIGKILL)
    process.wait_exit()
    for pid in pids:
        wait_until(lambda: not os.path.exists('/proc/%d' % pid), 'its end')


def test_it_has_no_descriptor_but_those_meant(asked):
    pid = asked.processes[-1].admin

    def sockets():
        return sum(name.startswith('socket:')
                   for name in proc.links(pid).values())
    # The control channel and two listeners; a client before may linger.
    wait_until(lambda: sockets() == 3, proc.links(pid))
    has = proc.links(pid)
    log = asked.path('access.ndjson')
    assert log not in has.values() and asked.identity not in has.values()
    assert has[0] == has[1] == '/dev/null'
    ours = proc.links(asked.processes[-1].child.pid)
    workers = [proc.links(pid) for pid in asked.processes[-1].workers]
    listeners = {name for name in has.values() if name.startswith('socket:')}
    assert listeners & set(ours.values())
    for worker in workers:
        assert not listeners & set(worker.values()), 'a worker has them too'


def test_ps_shows_what_it_is(asked):
    pid = asked.processes[-1].admin
    with open('/proc/%d/cmdline' % pid) as f:
        assert f.read().split('\0')[:2] == ['sallyport', 'admin']
    with open('/proc/%d/comm' % pid) as f:
        assert f.read() == 'sallyport\n'


def test_typed_by_a_person_it_says_who_starts_it(bare):
    done = bare.run('admin')
    assert done.returncode == 1
    assert "the process that 'sallyport run' starts" in done.stderr
    assert ' admin ' not in bare.run('help').stdout


@pytest.mark.skipif(not ROOT, reason='reads the memory of others')
@pytest.mark.skipif(SANITIZED, reason='a sanitizer maps terabytes')
def test_its_memory_has_no_key_and_no_identity(asked):
    assert asked.ask().status == 200
    assert get(asked, '/status')[0] == 200
    with open(asked.identity) as f:
        identity = re.search('AGE-SECRET-KEY-1[A-Z0-9]+', f.read())[0]
    process = asked.processes[-1]
    key = asked.keys['team-a'].encode()

    has = b''.join(proc.memory(process.admin))
    assert b'team-a' in has and b'elastic-cloud' in has, 'it finds nothing'
    for secret in key, key[8:40], identity.encode(), identity[20:52].encode():
        assert secret not in has


@pytest.mark.skipif(not ROOT, reason='needs root to become somebody else')
def test_it_is_the_user_of_the_configuration_and_can_become_no_other(world):
    world.start(world.config(more='user = "nobody"; admin = %s;'
                             % admin(world)))
    pid = world.processes[-1].admin
    with open('/proc/%d/status' % pid) as f:
        status = dict(re.findall(r'^(\w+):\t(.*)$', f.read(), re.M))
    assert set(status['Uid'].split()) == {str(NOBODY)}
    assert status['NoNewPrivs'] == '1'
    assert int(status['CapEff'], 16) == 0
    assert os.stat('/proc/%d/environ' % pid).st_uid == 0   # not dumpable


@pytest.mark.skipif(SANITIZED, reason='a sanitizer needs memory itself')
def test_it_takes_little_memory(asked):
    for _ in range(50):
        get(asked, '/status')
    with open('/proc/%d/status' % asked.processes[-1].admin) as f:
        assert int(re.search(r'VmRSS:\s+(\d+) kB', f.read())[1]) < 12 * 1024


def test_without_the_option_there_is_no_process(world):
    process = world.start()
    assert process.admin is None
    assert len(process.listening) == 1


# The configuration.

def test_check_and_run_refuse_what_cannot_be_an_admin_listener(world):
    taken = socket.create_server(('127.0.0.1', 0))
    port = taken.getsockname()[1]
    for what, why in (
            ('{ address = "127.0.0.1:%d"; }' % port, 'in use'),
            ('{ address = "unix:/nowhere/admin.sock"; }', 'cannot be made'),
            ('{ address = "0.0.0.0:0"; }', 'nonlocal = true')):
        config = world.config(more='admin = %s;' % what)
        line = config[:config.index('admin = ')].count('\n') + 1
        world.refuses(config, r'conf:%d: .*%s' % (line, why))
    taken.close()


def test_check_tells_of_an_admin_address_that_is_in_use(world):
    taken = socket.create_server(('127.0.0.1', 0))
    file = world.write('sallyport.conf', world.config(
        more='admin = { address = "127.0.0.1:%d"; };'
        % taken.getsockname()[1]))
    done = world.run('check', '-c', file)
    assert 'in use' in done.stderr, done.stderr
    taken.close()


# Reloads.

def post_reload(world, **more):
    response = world.ask('POST', '/reload', which=world.unix, **more)
    return response.status, json.loads(response.data)


def test_a_reload_is_answered_when_the_new_configuration_serves(asked):
    process = asked.processes[-1]
    before = process.admin, process.workers
    asked.write('sallyport.conf', admin_config(asked, 'timeouts = { idle = '
                                               '"10s"; };'))
    assert post_reload(asked) == (200, {'result': 'success', 'warnings': None})
    process.wait_line('a reload was asked for by user root \\(0\\)')
    what = get(asked, '/status')[1]
    assert what['generation'] == 2 and what['state'] == 'serving'
    assert what['reload']['result'] == 'success'
    assert what['reload']['last'] == what['reload']['last_success']
    wait_until(lambda: process.admin != before[0] and
               not set(before[1]) & set(process.workers), 'the old ones end')
    assert asked.ask().status == 200
    assert get(asked, '/readyz', asked.tcp)[0] == 200


def test_a_refused_reload_says_why_and_changes_nothing(asked):
    process = asked.processes[-1]
    before = process.pids()
    asked.write('sallyport.conf', admin_config(asked, 'wrokers = 1;'))
    status, what = post_reload(asked)
    assert status == 500
    error, = what['errors']
    assert error['code'] == 'sallyport.reload_refused'
    assert re.search(r"sallyport\.conf:\d+: unknown option 'wrokers'",
                     error['message'])
    what = get(asked, '/status')[1]
    assert what['generation'] == 1
    assert what['reload']['result'] == 'failure'
    assert 'wrokers' in what['reload']['reason']
    assert not what['attention'][0]['what'].endswith('\n')
    assert what['attention'][0]['command'] == \
        'sallyport check --probe -c ' + asked.path('sallyport.conf')
    assert process.pids() == before and asked.ask().status == 200


def test_many_who_ask_at_once_all_get_an_answer(asked):
    with contextlib.ExitStack() as stack:
        raws = [stack.enter_context(asked.raw(asked.unix))
                for _ in range(20)]
        for raw in raws:
            raw.request('POST', '/reload', [('Content-Length', '0')])
        for raw in raws:
            assert raw.response('POST').status == 200
    assert 2 <= get(asked, '/status')[1]['generation'] < 20


def test_a_client_that_leaves_before_its_reload_is_done_harms_nobody(asked):
    for _ in range(5):
        with asked.raw(asked.unix) as raw:
            raw.request('POST', '/reload', [('Content-Length', '0')])
    assert post_reload(asked)[0] == 200
    assert get(asked, '/readyz')[0] == 200


def test_admin_listeners_come_and_go_with_reloads(asked):
    process = asked.processes[-1]
    other = asked.path('other.sock')
    asked.write('sallyport.conf', asked.config(
        more='admin = %s;' % admin(asked, name='other.sock')))
    assert post_reload(asked)[0] == 200
    assert get(asked, '/status', 'unix:' + other)[1]['generation'] == 2
    wait_until(lambda: not os.path.exists(asked.path('admin.sock')), 'gone')
    asked.write('sallyport.conf', asked.config())
    assert asked.ask('POST', '/reload', which='unix:' + other).status == 200
    wait_until(lambda: process.admin is None, 'no admin process')
    assert not os.path.exists(other)
    asked.write('sallyport.conf', admin_config(asked))
    process.signal(signal.SIGHUP)
    # The file is there before anybody listens at it.
    process.wait_line('generation 4 serves')
    assert get(asked, '/readyz')[0] == 200


def test_a_reload_whose_admin_address_is_taken_is_refused(asked):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        asked.write('sallyport.conf', asked.config(
            more='admin = ( %s, { address = "127.0.0.1:%d"; } );' % (
                admin(asked), taken.getsockname()[1])))
        status, what = post_reload(asked)
        assert status == 500 and 'in use' in what['errors'][0]['message']
    assert get(asked, '/status')[1]['generation'] == 1


def test_the_program_on_disk_does_not_matter_once_it_runs(world, program):
    copy = world.path('program')
    with open(program, 'rb') as there, open(copy, 'wb') as here:
        here.write(there.read())
    os.chmod(copy, 0o755)
    world.program = copy
    world.start(world.config(more='admin = %s;' % admin(world)))
    world.unix = world.processes[-1].listening[-1]
    os.unlink(copy)
    world.write('program', '#!/bin/false\n')
    pid = world.processes[-1].admin
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: world.processes[-1].admin not in (None, pid), 'another')
    assert post_reload(world)[0] == 200
    assert get(world, '/readyz')[0] == 200

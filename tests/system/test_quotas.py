"""Fair use: what a route and its clients may ask for, in all workers together.
Where it is about how many, requests are counted, not timed."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import termios
import threading

import http1
import pytest
import tcp
import world as world_module
from waiting import wait_until


def route(name, key='team-a', **more):
    return '{ name = "%s"; path = "/%s"; strip = true; keys = [ "%s" ]; %s }' \
        % (name, name, key, ' '.join(
            '%s = %s;' % (k, json.dumps(v)) for k, v in more.items()))


def statuses(world, name, n):
    """Of n requests, each on a connection of its own."""
    got = []
    for _ in range(n):
        response = world.ask(target='/%s/test/echo' % name)
        got.append(response.status)
        if response.status == 429:
            assert int(response.fields.one('retry-after')) >= 1
            assert response.fields.one('x-cloud-error-codes') == \
                'sallyport.rate_limited'
    return got


def tell(what, **shares):
    """The figures, for who reads them (pytest -rP)."""
    print('%s: %s' % (what, ', '.join(
        '%s got %d of %d' % (who, got.count(200), len(got))
        for who, got in shares.items())))


def hold(world, stack, gate, n, target, method='GET'):
    """n requests that the API has and does not answer until the gate opens."""
    world.clouds[0].handlers['/held'] = lambda call: (
        gate.wait(world_module.LIMIT), call.json({}))
    before = len(world.clouds[0].requests)
    raws = [stack.enter_context(world.raw()) for _ in range(n)]
    for raw in raws:
        raw.request(method, target)
    world.clouds[0].wait_requests(before + n)
    return raws


def test_a_rate_holds_for_all_workers_and_spares_other_routes(world):
    world.start(world.config(
        [route('greedy', rate='5/d'), route('other', rate='7/d')],
        workers=3))
    greedy = statuses(world, 'greedy', 40)
    other = statuses(world, 'other', 7)
    tell('rate 5/d and 7/d', greedy=greedy, other=other)
    assert greedy.count(200) == 5 and greedy.count(429) == 35
    assert other == [200] * 7
    assert len(world.clouds[0].requests) == 12
    refused = [x for x in world.access(47)
               if x['http']['response']['status_code'] == 429]
    assert {x['sallyport']['fault'] for x in refused} == {'rate_limited'}
    assert {x['sallyport']['route'] for x in refused} == {'greedy'}
    answer = world.ask(target='/greedy/')
    assert json.loads(answer.data)['errors'][0]['message'] == \
        'a limit of route greedy is reached: rate'
    # 86,400 s for five are 17,280 for one.
    assert 17000 < int(answer.fields.one('retry-after')) <= 17280


def test_a_reload_gives_no_new_tokens(world):
    config = world.config([route('a', rate='5/d')], workers=2)
    process = world.start(config)
    assert statuses(world, 'a', 6) == [200] * 5 + [429]
    process.signal(signal.SIGHUP)
    process.wait_line('reloaded')
    assert statuses(world, 'a', 5) == [429] * 5


def test_a_rate_that_a_reload_raises_counts_at_once(world):
    process = world.start(world.config([route('a', rate='2/d')], workers=2))
    assert statuses(world, 'a', 4) == [200] * 2 + [429] * 2
    world.write('sallyport.conf', world.config(
        [route('a', rate='100/s')], workers=2))
    process.signal(signal.SIGHUP)
    process.wait_line('reloaded')
    # The bucket was empty, and fills a hundred times a second.
    wait_until(lambda: world.ask(target='/a/test/echo').status == 200,
               'a token is there')


def test_concurrency_holds_for_all_workers_and_comes_back(world):
    world.start(world.config([route('a', concurrency=4), route('b')],
                             workers=3))
    gate = threading.Event()
    with contextlib.ExitStack() as stack:
        raws = hold(world, stack, gate, 4, '/a/held')
        more = statuses(world, 'a', 10)
        other = statuses(world, 'b', 3)
        gate.set()
        held = [raw.response().status for raw in raws]
        tell('concurrency 4', greedy=held + more, other=other)
        assert held == [200] * 4 and more == [429] * 10
        assert other == [200] * 3
    world.access(17)
    assert statuses(world, 'a', 4) == [200] * 4


def test_places_of_a_worker_that_was_killed_are_free_again(world):
    process = world.start(world.config([route('a', concurrency=3)],
                                       workers=2))
    gate = threading.Event()
    with contextlib.ExitStack() as stack:
        hold(world, stack, gate, 3, '/a/held')
        assert statuses(world, 'a', 2) == [429] * 2
        for pid in process.workers:
            os.kill(pid, signal.SIGKILL)
        process.wait_line('replaced so far: 2')
        gate.set()
    gate.clear()
    with contextlib.ExitStack() as stack:
        raws = hold(world, stack, gate, 3, '/a/held')
        assert statuses(world, 'a', 2) == [429] * 2
        gate.set()
        assert [raw.response().status for raw in raws] == [200] * 3


def switch(world, verb, *names):
    for name in names:
        answer = world.ask('POST', '/keys/%s/%s' % (name, verb),
                           which=world.admin)
        assert answer.status == 200, answer.data


def with_orders(world, routes, **more):
    world.admin = 'unix:' + world.path('admin')
    world.start(world.config(routes, workers=2, more='admin = { address = '
                             '"%s"; };' % world.admin, **more))


@pytest.mark.parametrize('method', ['GET', 'POST'])
def test_what_ends_with_its_key_gives_its_place_back(world, method):
    """Those that may be sent again hold it on, with the other key."""
    with_orders(world, [
        '{ name = "a"; path = "/a"; strip = true; concurrency = 4; '
        'keys = [ "team-a", "team-b" ]; }'])
    api = world.clouds[0]
    for _ in range(4):
        gate = threading.Event()
        with contextlib.ExitStack() as stack:
            raws = hold(world, stack, gate, 4, '/a/held', method)
            n = len(api.requests)
            switch(world, 'disable', 'team-a')
            if method == 'GET':
                api.wait_requests(n + 4)
                assert statuses(world, 'a', 2) == [429] * 2
                switch(world, 'disable', 'team-b')
            assert [raw.response().status for raw in raws] == [503] * 4
            gate.set()
        switch(world, 'enable', 'team-b', 'team-a')
        switch(world, 'promote', 'team-a')
    gate = threading.Event()
    with contextlib.ExitStack() as stack:
        raws = hold(world, stack, gate, 4, '/a/held', method)
        assert statuses(world, 'a', 2) == [429] * 2
        gate.set()
        assert [raw.response().status for raw in raws] == [200] * 4


def test_a_client_that_leaves_gives_its_place_back(world):
    world.start(world.config([route('a', concurrency=2)], workers=2))
    gate = threading.Event()
    with contextlib.ExitStack() as stack:
        for raw in hold(world, stack, gate, 2, '/a/held'):
            http1.reset(raw.sock)
        world.access(2)
        assert statuses(world, 'a', 2) == [200] * 2
        gate.set()


def test_explain_tells_the_limits(world):
    file = world.write('c', world.config(
        [route('a', rate='600/m', burst=20, concurrency=4), route('b')]))
    told = world.run('explain', '-c', file, 'GET', '/a/x').stdout
    assert 'rate: 600/m, 20 at once\n' in told
    assert 'concurrency: 4\n' in told
    told = json.loads(world.run('explain', '--json', '-c', file, 'GET',
                                '/a/x').stdout)
    assert (told['rate'], told['burst'], told['concurrency']) == \
        ('600/m', 20, 4)
    told = json.loads(world.run('explain', '--json', '-c', file, 'GET',
                                '/b/x').stdout)
    assert (told['rate'], told['burst'], told['concurrency']) == \
        (None, None, None)


def test_each_client_has_its_share(world):
    """Of addresses on TCP; there are many on this machine."""
    world.start(world.config([route('a', client_rate='3/d')], workers=2))
    port = int(world.processes[-1].listening[0].rpartition(':')[2])
    for last, n in ((1, 40), (2, 3), (3, 5)):
        got = []
        for _ in range(n):
            sock = socket.create_connection(
                ('127.0.0.1', port), timeout=world_module.LIMIT,
                source_address=('127.0.0.%d' % last, 0))
            with world_module.Raw(sock) as raw:
                response = raw.ask(target='/a/test/echo')
            got.append(response.status)
        tell('client_rate 3/d', **{'client %d' % last: got})
        assert got == [200] * 3 + [429] * (n - 3)
    assert 'client_rate' in response.data.decode()


def test_users_are_clients_on_a_unix_socket(world):
    world.start(world.config(
        [route('a', client_concurrency=2, client_rate='100/s')],
        listeners=['{ name = "u"; address = "unix:%s"; }'
                   % world.path('s')], workers=2))
    gate = threading.Event()
    with contextlib.ExitStack() as stack:
        raws = hold(world, stack, gate, 2, '/a/held')
        assert statuses(world, 'a', 4) == [429] * 4
        gate.set()
        assert [raw.response().status for raw in raws] == [200] * 2
    world.access(6)
    assert statuses(world, 'a', 2) == [200] * 2


class Quota:
    """What the API says of a key's quota: so many requests in a window that
    begins when the test says so."""

    def __init__(self, cloud, limit, interval=3600):
        self.limit, self.interval = limit, interval
        self.left = limit
        self.served = []                # the target of each that was
        self.refused = 0
        self.lock = threading.Lock()
        cloud.handlers['/spend'] = self.answer

    def answer(self, call):
        with self.lock:
            good = self.left > 0
            self.left -= good
            if good:
                self.served.append(call.request.target)
            else:
                self.refused += 1
            fields = [('x-ratelimit-remaining', str(self.left)),
                      ('x-ratelimit-limit', str(self.limit)),
                      ('x-ratelimit-interval', str(self.interval))]
            call.json({}, 200 if good else 429, fields)

    def renew(self, n):
        with self.lock:
            self.left = self.limit = n


def team(world, stack, name, n):
    """n requests of a team that are on their way."""
    raws = [stack.enter_context(world.raw()) for _ in range(n)]
    for raw in raws:
        raw.request(target='/%s/spend?%s' % (name, name))
    tcp.wait_read(raws[-1].sock)
    return raws


def waiting(world, **more):
    world.start(world.config(
        [route('greedy'), route('other')],
        upstreams=[world.upstream(more='quota = "wait";')], **more))


@pytest.mark.parametrize('workers', [1, 3])
def test_a_greedy_team_leaves_another_its_share(world, workers):
    """It was there first, and with many more; what the next window has is
    shared all the same."""
    world.start(world.config(
        [route('greedy'), route('other')], workers=workers,
        upstreams=[world.upstream(
            more='quota = "wait"; timeouts = { response = "6s"; };')]))
    quota = Quota(world.clouds[0], 20)
    quota.left = 1
    with contextlib.ExitStack() as stack:
        assert world.ask(target='/greedy/spend').status == 200
        greedy = team(world, stack, 'greedy', 60)
        other = team(world, stack, 'other', 20)
        quota.renew(20)
        greedy = [raw.response().status for raw in greedy]
        other = [raw.response().status for raw in other]
    got = greedy + other
    tell('quota = "wait", 20 in a window, %d workers' % workers,
         greedy=greedy, other=other)
    assert got.count(200) == len(quota.served) - 1 == 20
    assert got.count(429) == 60
    share = len([x for x in quota.served if x.endswith('other')])
    # Those that went through meanwhile were of either.
    assert 6 - quota.refused <= share <= 14 + quota.refused
    assert quota.refused <= 8


@pytest.mark.parametrize('workers', [1, 2])
def test_a_greedy_team_leaves_another_places_to_wait(world, workers):
    """It has all of them; the newest of its requests give up theirs."""
    waiting(world, workers=workers)
    quota = Quota(world.clouds[0], 1)
    with contextlib.ExitStack() as stack:
        assert world.ask(target='/greedy/spend').status == 200
        greedy = team(world, stack, 'greedy', 1050)
        world_module.wait_until(lambda: 'rate_limited' in [
            x['sallyport'].get('fault') for x in world.access()],
            'the places to be full')
        other = team(world, stack, 'other', 8)
        quota.renew(5000)
        other = [raw.response() for raw in other]
        for raw in greedy:
            raw.close()
    # What the API itself refused before has no such field.
    assert [r for r in other if r.fields.one('x-cloud-error-codes')] == []
    assert [r.status for r in other].count(200) >= 8 - quota.refused


def test_who_waits_in_vain_is_told_when_to_come_again(world):
    world.start(world.config(
        [route('a')], upstreams=[world.upstream(
            more='quota = "wait"; timeouts = { response = "2s"; };')]))
    quota = Quota(world.clouds[0], 1, 600)
    assert world.ask(target='/a/spend').status == 200
    with contextlib.ExitStack() as stack:
        responses = [raw.response()
                     for raw in team(world, stack, 'a', 20)]
    assert {r.status for r in responses} == {429}
    own = [r for r in responses if r.fields.one('x-cloud-error-codes')]
    assert quota.refused == 20 - len(own) and quota.refused <= 4
    for response in own:
        assert 590 <= int(response.fields.one('retry-after')) <= 600
        assert b'quota' in response.data
    faults = [x['sallyport'].get('fault') for x in world.access(21)]
    assert faults.count('rate_limited') == len(own)


def test_who_waits_for_a_key_that_is_disabled_leaves_his_place(world):
    """There are two thousand at most, so what is not given back is missed."""
    with_orders(world, [route('a')],
                upstreams=[world.upstream(more='quota = "wait";')])
    quota = Quota(world.clouds[0], 1, 600)
    assert world.ask(target='/a/spend').status == 200
    for _ in range(9):
        with contextlib.ExitStack() as stack:
            raws = team(world, stack, 'a', 250)
            switch(world, 'disable', 'team-a')
            got = [raw.response().status for raw in raws]
            # The API itself refused those that went ahead meanwhile.
            assert got.count(503) + got.count(429) == 250
            assert got.count(429) <= quota.refused
        switch(world, 'enable', 'team-a')
    with contextlib.ExitStack() as stack:
        raws = team(world, stack, 'a', 8)
        quota.renew(5000)
        got = [raw.response().status for raw in raws]
    assert got.count(200) >= 8 - quota.refused and got.count(200) > 0


def test_a_bare_429_passes_and_closes_nothing(world):
    waiting(world)
    world.clouds[0].handlers['/bare'] = lambda call: (
        call.swallow(), call.raw(b'HTTP/1.1 429 Slow down\r\n'
                                 b'Content-Length: 0\r\n\r\n'))
    for _ in range(20):
        response = world.ask(target='/other/bare')
        assert response.status == 429
        assert response.fields.one('x-cloud-error-codes') is None


def test_without_the_option_a_spent_quota_holds_nobody_up(world):
    world.start(world.config([route('greedy')]))
    quota = Quota(world.clouds[0], 1)
    assert [world.ask(target='/greedy/spend').status for _ in range(5)] == \
        [200] + [429] * 4
    assert quota.refused == 4


def test_a_body_that_ends_while_its_request_waits_is_sent(world):
    waiting(world)
    quota = Quota(world.clouds[0], 1)
    assert world.ask(target='/other/spend').status == 200
    with contextlib.ExitStack() as stack:
        team(world, stack, 'other', 2)
        raw = stack.enter_context(world.raw())
        raw.send(b'POST /other/test/echo HTTP/1.1\r\nHost: localhost\r\n'
                 b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
        quota.renew(100)
        assert json.loads(raw.response('POST').data)['bytes'] == 0


def unread(sock):
    """Of what a Unix socket sent, the bytes that nobody has read."""
    return struct.unpack('i', fcntl.ioctl(
        sock, termios.TIOCOUTQ, struct.pack('i', 0)))[0]


@pytest.mark.parametrize('kind, leave', [
    ('tcp', http1.reset), ('unix', lambda sock: sock.close())])
def test_who_goes_while_waiting_is_not_sent_and_leaves_his_place(
        world, kind, leave):
    """By a reset, or the end of a Unix socket; the end of TCP is only that of
    what the client sends."""
    unix = ['{ name = "u"; address = "unix:%s"; }' % world.path('s')]
    world.start(world.config(
        [route('a')], workers=1,
        upstreams=[world.upstream(more='quota = "wait";')],
        **({'listeners': unix} if kind == 'unix' else {})))
    quota = Quota(world.clouds[0], 1)
    assert world.ask(target='/a/spend').status == 200
    gone = [world.raw() for _ in range(20)]
    for raw in gone:
        raw.request(target='/a/spend?gone')
    if kind == 'tcp':
        tcp.wait_read(gone[-1].sock)
    else:
        world_module.wait_until(lambda: not any(
            unread(raw.sock) for raw in gone), 'all to be read')
    for raw in gone:
        leave(raw.sock)
    world.access(21)
    # One in a second went through, for as long as they were there.
    sent = len(world.clouds[0].requests)
    quota.renew(5)
    with contextlib.ExitStack() as stack:
        stays = [stack.enter_context(world.raw()) for _ in range(5)]
        for raw in stays:
            raw.request(target='/a/spend?stays')
        assert [raw.response().status for raw in stays] == [200] * 5
    assert [r.target for r in world.clouds[0].requests[sent:]] == \
        ['/spend?stays'] * 5
    faults = [x['sallyport'].get('fault') for x in world.access(26)]
    assert faults.count('client_gone') > 20 - sent
    assert sent < 20


def used_elsewhere(world, process, rates):
    """The events once each answer took so many off the quota."""
    left = 1000
    for rate in rates:
        left -= rate
        world.clouds[0].handlers['/spend'] = lambda call: call.json(
            {}, fields=[('x-ratelimit-remaining', str(left)),
                        ('x-ratelimit-limit', '1000')])
        assert world.ask(target='/a/spend').status == 200
    return process.events('sallyport.key', 'key-used-elsewhere')


@pytest.mark.parametrize('told', [True, False])
def test_a_key_that_others_use_is_told_once(world, told):
    process = world.start(world.config(
        [route('a')], workers=2,
        upstreams=[world.upstream(
            more='foreign_use = true;' if told else '')]))
    assert not used_elsewhere(world, process, [1] * 100)
    used_elsewhere(world, process, [30] * 20)
    world.access(120)
    events = process.events('sallyport.key', 'key-used-elsewhere')
    assert len(events) == told
    assert not told or 'team-a' in json.dumps(events[0])

"""Everything at once, at random: nothing crashes, nobody gets what was meant
for somebody else, every exchange has its line."""

import random
import threading

import bodies
import http1
import pytest
import world as world_module

CLIENTS = 12
ROUNDS = 40
if world_module.FULL:
    CLIENTS, ROUNDS = 48, 400


class Client:
    """Does things at random, and knows what the answer must be."""

    def __init__(self, world, number):
        self.world = world
        self.number = number
        self.rng = random.Random(number)
        self.count = 0              # exchanges that must have a line
        self.unsure = 0             # and those that may have
        self.wire = None

    def run(self):
        for _ in range(ROUNDS):
            if self.wire is None:
                self.wire = self.world.raw()
            response = getattr(self, self.rng.choice(ACTIONS))()
            if response and response.fields.one('connection') == 'close':
                assert self.wire.at_end()
                self.drop(lambda s: s.close())
        if self.wire:
            self.wire.close()

    def drop(self, how=http1.reset):
        how(self.wire.sock)
        self.wire = None

    def tag(self):
        return '%d-%d' % (self.number, self.count + self.unsure)

    def echo(self):
        tag = self.tag()
        self.count += 1
        body = bodies.data(self.rng.randrange(3000), tag)
        response = self.wire.ask('POST', '/test/echo?' + tag, body=body)
        assert response.status == 200
        assert b'?%s"' % tag.encode() in response.data

    def download(self):
        n, tag = self.rng.randrange(300000), self.tag()
        self.count += 1
        response = self.wire.ask(target='/test/bytes?n=%d&seed=%s%s' % (
            n, tag, self.rng.choice(['', '&chunked=1'])))
        assert response.data == bodies.data(n, tag)

    def mirror(self):
        data = bodies.data(self.rng.randrange(100000), self.tag())
        self.count += 1
        self.wire.send(b'PUT /test/mirror HTTP/1.1\r\nHost: localhost\r\n'
                       b'Transfer-Encoding: chunked\r\n\r\n')

        def send():
            for i in range(0, len(data), 5000):
                self.wire.send(bodies.chunk(data[i:i + 5000]))
            self.wire.send(b'0\r\n\r\n')
        sender = threading.Thread(target=send)
        sender.start()
        response = self.wire.response()
        sender.join()
        assert response.data == data
        return response

    def pipelined(self):
        n, tag = self.rng.randrange(2, 8), self.tag()
        self.count += n
        for i in range(n):
            self.wire.request(target='/test/echo?%s-%d' % (tag, i))
        for i in range(n):
            assert b'?%s-%d"' % (tag.encode(), i) in \
                self.wire.response().data

    def without_body(self):
        self.count += 2
        assert self.wire.ask('HEAD', '/test/bytes?n=99').data == b''
        assert self.wire.ask(target='/test/status?code=204').status == 204

    def refused(self):
        self.count += 1
        assert self.wire.ask(host='evil.example').status == 421
        self.drop(lambda s: s.close())

    def malformed(self):
        self.count += 1
        self.wire.send(b'GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n')
        assert self.wire.response().status == 400
        assert self.wire.at_end()
        self.drop(lambda s: s.close())

    def cut(self):
        self.count += 1
        self.wire.request(target='/test/cut?after=' + self.rng.choice(
            ['nothing', 'head', 'body', 'chunk']))
        try:
            response = self.wire.response()
            assert response.status == 502
            return response
        except (http1.Truncated, http1.Closed, ConnectionResetError):
            self.drop(lambda s: s.close())
            return None

    def leave(self):
        self.unsure += 1
        self.wire.request(target='/test/bytes?n=1000000')
        if self.rng.random() < 0.5:
            self.wire.fill()
        self.drop()

    def leave_in_body(self):
        self.unsure += 1
        self.wire.send(b'PUT /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                       b'Content-Length: 100000\r\n\r\n' + b'x' * 5000)
        self.drop()

    def early(self):
        self.count += 1
        self.wire.send(b'PUT /test/early HTTP/1.1\r\nHost: localhost\r\n'
                       b'Content-Length: 1000000\r\n\r\n' + b'x' * 5000)
        assert self.wire.response().status == 413
        self.drop()

    def other_team(self):
        self.count += 1
        assert b'"key": "team-b"' in self.wire.ask(
            target='/b/test/echo').data


ACTIONS = [name for name in vars(Client)
           if name not in ('run', 'drop', 'tag') and name[0] != '_']


@pytest.mark.slow
def test_whatever_others_do_everybody_gets_what_is_theirs(world):
    process = world.start(world.config(workers=2, routes=[
        '{ name = "b"; path = "/b"; strip = true; upstream = "elastic-cloud";'
        ' keys = [ "team-b" ]; }',
        '{ name = "a"; upstream = "elastic-cloud"; keys = [ "team-a" ]; }']))
    workers = process.workers
    clients = [Client(world, i) for i in range(CLIENTS)]
    failed = []

    def run(client):
        try:
            client.run()
        except BaseException as fault:      # noqa: BLE001
            failed.append((client.number, fault))
            raise
    threads = [threading.Thread(target=run, args=(c,)) for c in clients]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failed
    assert process.workers == workers
    world.stop()
    least = sum(c.count for c in clients)
    lines = world.access()
    assert least <= len(lines) <= least + sum(c.unsure for c in clients)
    for connection in world.clouds[0].connections:
        assert len(connection.keys) <= 1

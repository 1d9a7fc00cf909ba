"""Through a corporate proxy: it makes tunnels, or it does not, and sees no key
but its own."""

import base64
import contextlib
import json
import socket
import threading
import time

import http1
import pytest
import world as world_module
from pki import HOST
from proxy import Asked, Proxy, basic, new_password, reset
from waiting import wait_until
from world import key_text, quote

OPEN = b'HTTP/1.1 200 Connection established\r\n\r\n'


class Ways:
    """A world, its API, and a proxy on the way there."""

    def __init__(self, world, tls):
        self.world, self.tls = world, tls
        self.proxies = []
        self.pair = new_password()
        world.secrets |= {self.pair.partition(':')[2],
                          base64.b64encode(self.pair.encode()).decode()}
        world.new_key('team-a')
        self.cloud = world.cloud()
        self.upstream_more = ''

    def proxy(self, *args, **more):
        if self.tls:
            more.setdefault('pem', self.world.pki.server(
                'the-proxy', ('127.0.0.1', '::1')))
        self.proxies.append(Proxy(*args, **more))
        return self.proxies[-1]

    def seal(self, value=None, hosts=('127.0.0.1',), more=None,
             scheme='Basic'):
        if more is None:
            more = '' if self.tls else 'plain = true; '
        key = key_text('corp', value or self.pair, hosts, **(
            {'scheme': scheme} if scheme else {}))
        key = key.replace('{ ', '{ ' + more, 1)
        self.world.seal_text('keys.age', 'keys = (\n%s,\n%s\n);\n' % (
            key_text('team-a', self.world.keys['team-a']), key))

    def config(self, proxy, more='proxy_key = "corp"; ', **rest):
        url = proxy if isinstance(proxy, str) else proxy.url
        if self.tls and url.startswith('https'):
            more += 'proxy_ca_file = %s; ' % quote(self.world.pki.ca)
        return self.world.config(upstreams=[self.world.upstream(
            more='proxy = %s; %s' % (quote(url), more), **rest)])

    def start(self, proxy, *args, seal=True, **more):
        if seal:
            self.seal()
        return self.world.start(self.config(proxy, *args, **more))

    def key_is_safe(self):
        """The key of the API was in no byte that a proxy saw, and what the
        proxy is told in no byte within a tunnel."""
        for proxy in self.proxies:
            assert self.world.keys['team-a'].encode() not in proxy.seen
            for asked in proxy.asked:
                for form in (self.pair, self.pair.partition(':')[2],
                             basic(self.pair)[6:]):
                    assert form.encode() not in asked.tunnelled

    def unreachable(self, code='upstream_unreachable', status=502):
        response = self.world.ask()
        assert response.status == status, response.data
        assert response.fields.one('x-cloud-error-codes') == \
            'sallyport.' + code
        assert not self.cloud.requests
        return response


@pytest.fixture(params=['http', 'https'])
def ways(bare, request):
    made = Ways(bare, request.param == 'https')
    yield made
    for proxy in made.proxies:
        proxy.stop()
    made.key_is_safe()


def tell_of(world, what):
    wait_until(lambda: what in world.processes[-1].stderr,
               'a message with %r' % what)


def test_the_password_of_a_proxy_need_not_say_that_it_expires(ways):
    ways.seal()
    file = ways.world.write('c', ways.config(ways.proxy()))
    done = ways.world.run('check', '-c', file)
    assert done.returncode == 0, done.stderr
    assert "'team-a': its file does not say when it expires" in done.stdout
    assert "'corp'" not in done.stdout


# Honest proxies.

def test_a_request_goes_through_a_tunnel_with_the_proxys_key(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.start(proxy)
    assert ways.world.ask().status == 200
    assert ways.cloud.requests[-1].key == 'team-a'
    assert not ways.cloud.requests[-1].fields.all('proxy-authorization')
    asked, = proxy.asked
    assert asked.head == (
        'CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nProxy-Authorization: {1}\r\n'
        '\r\n'.format(ways.cloud.address, basic(ways.pair))).encode()
    assert asked.tunnelled.startswith(b'\x16\x03')      # TLS and nothing else


def test_a_proxy_without_a_key_is_told_nothing(ways):
    proxy = ways.proxy()
    ways.start(proxy, '')
    assert ways.world.ask().status == 200
    assert not proxy.asked[0].fields('proxy-authorization')


@pytest.mark.parametrize('value, credential', [
    ('user:pass:word', 'Basic ' + base64.b64encode(b'user:pass:word').decode()),
    (base64.b64encode(b'some-user:their-password').decode(),
     'Basic ' + base64.b64encode(b'some-user:their-password').decode()),
])
def test_a_pair_is_encoded_and_base64_is_sent_as_it_is(ways, value,
                                                       credential):
    proxy = ways.proxy(wants=credential)
    ways.seal(value)
    ways.start(proxy, seal=False)
    assert ways.world.ask().status == 200


def test_a_bearer_token_is_sent_as_one(ways):
    token = 'opaque-token-of-the-proxy-1234567890'
    proxy = ways.proxy(wants='Bearer ' + token)
    ways.seal(token, scheme='Bearer')
    ways.start(proxy, seal=False)
    assert ways.world.ask().status == 200


def test_a_connection_through_a_tunnel_is_kept(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.start(proxy)
    for _ in range(5):
        assert ways.world.ask().status == 200
    assert len(proxy.asked) == 1
    assert ways.world.access(5)[4]['sallyport']['reused'] is True


def test_bodies_pass_a_tunnel_both_ways(ways):
    ways.start(ways.proxy(wants=basic(ways.pair)))
    data = bytes(range(256)) * 4096
    assert ways.world.echo('POST', '/test/echo', body=data)['bytes'] == \
        len(data)


def test_the_proxy_looks_the_upstreams_name_up(ways):
    """It exists nowhere else."""
    proxy = ways.proxy(to={HOST + ':443': ('127.0.0.1', ways.cloud.port)})
    ways.seal()
    ways.world.start(ways.config(proxy).replace(
        'connect_to = "%s";' % ways.cloud.address, ''))
    assert ways.world.ask().status == 200
    assert proxy.asked[0].line == 'CONNECT %s:443 HTTP/1.1' % HOST


def test_an_ipv6_literal_is_named_in_brackets(ways):
    proxy = ways.proxy(to={'[::1]:8443': ('127.0.0.1', ways.cloud.port)})
    ways.seal()
    ways.world.start(ways.config(proxy, to='[::1]:8443'))
    assert ways.world.ask().status == 200
    assert proxy.asked[0].line == 'CONNECT [::1]:8443 HTTP/1.1'


def test_the_url_may_be_an_ipv6_literal(ways):
    proxy = ways.proxy(to={'[::1]:443': ('127.0.0.1', ways.cloud.port)})
    ways.cloud.use(ways.world.pki.server('six', ('::1',)))
    ways.seal()
    ways.world.seal('keys.age', 'team-a', hosts=['::1'])
    config = ways.config(proxy, '', url='https://[::1]')
    ways.world.start(config.replace(
        'connect_to = "%s";' % ways.cloud.address, ''))
    assert ways.world.ask().status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason='no IPv6')
def test_the_proxy_may_have_an_ipv6_address(ways):
    proxy = ways.proxy(wants=basic(ways.pair), family=socket.AF_INET6)
    ways.seal(hosts=('::1',))
    ways.start(proxy, seal=False)
    assert ways.world.ask().status == 200


@pytest.mark.skipif(not world_module.may_mount(),
                    reason='needs a mount of its own')
def test_a_proxy_by_name_is_reached_though_its_first_address_is_dead(ways):
    name = 'proxy.test'
    pem = ways.world.pki.server('named-proxy', (name,)) if ways.tls else None
    proxy = ways.proxy(wants=basic(ways.pair), pem=pem)
    hosts = ways.world.write('hosts', '127.0.0.9 %s\n127.0.0.1 %s\n' %
                             (name, name))
    ways.seal(hosts=(name,))
    ways.world.start(
        ways.config(proxy.url.replace('127.0.0.1', name)),
        wrap=['unshare', '-m', 'sh', '-c',
              'mount --bind "$0" /etc/hosts && exec "$@"', hosts])
    assert ways.world.ask().status == 200
    assert len(proxy.asked) == 1


@pytest.mark.parametrize('opened', [
    b'HTTP/1.0 200 Connection established\r\nProxy-agent: x/1\r\n\r\n',
    b'HTTP/1.1 200 OK\r\n\r\n',
    b'HTTP/1.1 200 \r\n\r\n',
    b'HTTP/1.1 201 Made\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nProxy-Authenticate: Basic\r\n\r\n',
    b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    b'HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n' * 16 + OPEN,
    b'HTTP/1.1 200 OK\r\n' + b'X-Long: ' + b'y' * 20000 + b'\r\n\r\n',
], ids=range(10))
@pytest.mark.parametrize('piece', [1, 100000])
def test_an_answer_that_opens_the_tunnel(ways, opened, piece):
    if piece == 1 and len(opened) > 2000:
        pytest.skip('one by one it takes long')

    def answer(proxy, sock, asked):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(0, len(opened), piece):
            sock.sendall(opened[i:i + piece])
        proxy.tunnel(sock, asked, b'')
    ways.start(ways.proxy(answer))
    assert ways.world.ask().status == 200


# Proxies that make no tunnel.

PAGE = b'<html><body>Secret page of the proxy</body></html>'


def status(line, *fields, body=b'', version=b'HTTP/1.1'):
    return b''.join(x + b'\r\n' for x in (version + b' ' + line, *fields)) \
        + b'\r\n' + body


HTML = b'Content-Type: text/html', b'Content-Length: %d' % len(PAGE)

# What it answers, and what is told.
ANSWERS = {
    '407': (status(b'407 Proxy Authentication Required',
                   b'Proxy-Authenticate: Basic realm="x"', *HTML, body=PAGE),
            'the proxy answered 407 Proxy Authentication Required'),
    '407 that asks for more': (
        status(b'407 Secret words', b'Proxy-Authenticate: NTLM'),
        'the proxy answered 407'),
    '403 with a page': (status(b'403 Secret words', *HTML, body=PAGE),
                        'the proxy answered 403 Forbidden'),
    '401': (status(b'401 Secret', b'WWW-Authenticate: Basic realm="x"'),
            'the proxy answered 401 Unauthorized'),
    '404': (status(b'404 Secret'), 'the proxy answered 404 Not Found'),
    '405': (status(b'405 Secret'), 'the proxy answered 405'),
    '429': (status(b'429 Secret', b'Retry-After: 1'),
            'the proxy answered 429'),
    '500': (status(b'500 Secret'), 'the proxy answered 500'),
    '502': (status(b'502 Secret', *HTML, body=PAGE),
            'the proxy answered 502 Bad Gateway'),
    '503': (status(b'503 Secret'), 'the proxy answered 503'),
    '504': (status(b'504 Secret'), 'the proxy answered 504'),
    '999': (status(b'999 Secret'), 'the proxy answered 999'),
    '301': (status(b'301 Secret', b'Location: https://evil.example/'),
            'the proxy answered 301 Moved Permanently'),
    '302': (status(b'302 Secret', b'Location: http://127.0.0.1:1/'),
            'the proxy answered 302 Found'),
    '304': (status(b'304 Secret'), 'the proxy answered 304'),
    '307 to itself': (status(b'307 Secret', b'Location: /'),
                      'the proxy answered 307'),
    '308': (status(b'308 Secret', b'Location: https://evil.example/'),
            'the proxy answered 308'),
    '101': (status(b'101 Secret', b'Upgrade: websocket'),
            'the proxy answered 101'),
    'a page with 200': (status(b'200 OK', *HTML, body=PAGE),
                        'the proxy answered 200 with a body'),
    'a page of HTTP/1.0': (
        status(b'200 OK', *HTML, body=PAGE, version=b'HTTP/1.0'),
        'the proxy answered 200 with a body'),
    'a page without a length': (status(b'200 OK', body=PAGE),
                                'bytes came behind the proxy\'s answer 200'),
    'a length and no body': (status(b'200 OK', b'Content-Length: 5'),
                             'the proxy answered 200 with a body'),
    'two lengths': (status(b'200 OK', b'Content-Length: 0',
                           b'Content-Length: 0'),
                    'the proxy answered 200 with a body'),
    'chunks': (status(b'200 OK', b'Transfer-Encoding: chunked',
                      body=b'5\r\nhello\r\n0\r\n\r\n'),
               'the proxy answered 200 with a body'),
    'a coding': (status(b'200 OK', b'Transfer-Encoding: gzip'),
                 'the proxy answered 200 with a body'),
    'TLS glued to the answer': (OPEN + b'\x16\x03\x03\x00\x05Secret',
                                'bytes came behind the proxy\'s answer 200'),
    'an alert glued to it': (OPEN + b'\x15\x03\x03\x00\x02\x02\x28',
                             'bytes came behind the proxy\'s answer 200'),
    'a second answer': (OPEN + OPEN,
                        'bytes came behind the proxy\'s answer 200'),
    'one byte': (OPEN + b'x', 'bytes came behind the proxy\'s answer 200'),
    'a body of 1 MB': (OPEN + b'x' * (1 << 20),
                       'bytes came behind the proxy\'s answer 200'),
    'interim without end': (b'HTTP/1.1 100 Continue\r\n\r\n' * 40,
                            'the proxy sent too many interim responses'),
    'interim and a refusal': (b'HTTP/1.1 102 P\r\n\r\n' +
                              status(b'403 Secret'),
                              'the proxy answered 403'),
    'garbage': (b'Secret garbage\r\n\r\n', 'not strictly valid HTTP'),
    'HTML at once': (PAGE, 'not strictly valid HTTP'),
    'zeros': (b'\0' * 4096, 'not strictly valid HTTP'),
    'TLS at once': (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
                    'not strictly valid HTTP'),
    'SSH': (b'SSH-2.0-OpenSSH_9.2\r\n', 'not strictly valid HTTP'),
    'HTTP/2': (b'\0\0\x12\x04\0\0\0\0\0', 'not strictly valid HTTP'),
    'HTTP/0.9': (b'HTTP/0.9 200 OK\r\n\r\n', 'not strictly valid HTTP'),
    'HTTP/1.2': (b'HTTP/1.2 200 OK\r\n\r\n', 'not strictly valid HTTP'),
    'HTTP/2.0': (b'HTTP/2.0 200 OK\r\n\r\n', 'not strictly valid HTTP'),
    'lower case': (b'http/1.1 200 OK\r\n\r\n', 'not strictly valid HTTP'),
    'two blanks': (b'HTTP/1.1  200 OK\r\n\r\n', 'not strictly valid HTTP'),
    'no status': (b'HTTP/1.1 OK\r\n\r\n', 'not strictly valid HTTP'),
    'four digits': (b'HTTP/1.1 2000 OK\r\n\r\n', 'not strictly valid HTTP'),
    'a negative status': (b'HTTP/1.1 -20 OK\r\n\r\n',
                          'not strictly valid HTTP'),
    'status 000': (b'HTTP/1.1 000 OK\r\n\r\n', None),
    'bare LF': (b'HTTP/1.1 200 OK\n\n', 'not strictly valid HTTP'),
    'bare CR': (b'HTTP/1.1 200 OK\r\r\n\r\n', 'not strictly valid HTTP'),
    'a folded field': (b'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n',
                       'not strictly valid HTTP'),
    'a field without colon': (b'HTTP/1.1 200 OK\r\nSecret\r\n\r\n',
                              'not strictly valid HTTP'),
    'a blank before the colon': (b'HTTP/1.1 200 OK\r\nX : a\r\n\r\n',
                                 'not strictly valid HTTP'),
    'NUL in a value': (b'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n',
                       'not strictly valid HTTP'),
    'an empty line first': (b'\r\n' + OPEN, 'not strictly valid HTTP'),
    'a giant head': (b'HTTP/1.1 200 OK\r\nX: ' + b'y' * (1 << 20),
                     'the head of the proxy\'s answer is too large'),
    'a giant status line': (b'HTTP/1.1 200 ' + b'y' * (1 << 20),
                            'the head of the proxy\'s answer is too large'),
    'a giant head of a refusal': (
        status(b'407 No', *[b'X-%d: y' % i for i in range(5000)]),
        'the head of the proxy\'s answer is too large'),
    'many fields': (status(b'200 OK', *[b'X-%d: y' % i for i in range(150)]),
                    'the head of the proxy\'s answer is too large'),
    'nothing': (b'', 'proxy: connection closed before it answered'),
    'half of a head': (OPEN[:20],
                       'proxy: connection closed before it answered'),
    'a head without its end': (OPEN[:-2],
                               'proxy: connection closed before it answered'),
}


@pytest.mark.parametrize('case', ANSWERS)
def test_an_answer_that_makes_no_tunnel(ways, case):
    answer, told = ANSWERS[case]
    proxy = ways.proxy(answer)
    ways.start(proxy, 'proxy_key = "corp"; timeouts = { tunnel = "3s"; }; ')
    ways.unreachable()
    line, = ways.world.access(1)
    assert line['sallyport']['fault'] == 'upstream_unreachable'
    if told:
        tell_of(ways.world, told)
        assert told in json.dumps(line)
    # Nothing that it said is told, and nothing was sent behind the request.
    for text in ways.world.processes[-1].stderr, json.dumps(line):
        assert 'ecret' not in text and 'evil' not in text
    assert all(not asked.tunnelled for asked in proxy.asked)
    # A proxy that answered is not asked again; one that was lost, once.
    assert len(proxy.asked) == (
        2 if told and 'connection closed' in told else 1)


def test_a_reset_is_no_tunnel(ways):
    proxy = ways.proxy(lambda proxy, sock, asked: reset(sock))
    ways.start(proxy)
    ways.unreachable()


def test_a_proxy_that_says_nothing_is_given_up(ways):
    proxy = ways.proxy(lambda proxy, sock, asked:
                       proxy.keep_reading(sock, asked))
    ways.start(proxy, 'proxy_key = "corp"; timeouts = { tunnel = "300ms"; }; ')
    ways.unreachable()
    tell_of(ways.world, 'proxy: no answer in time')
    assert len(proxy.asked) == 1


def test_a_proxy_that_drips_is_given_up(ways):
    def answer(proxy, sock, asked):
        for i in range(len(OPEN) - 1):
            sock.sendall(OPEN[i:i + 1])
        proxy.keep_reading(sock, asked)
    ways.start(ways.proxy(answer),
               'proxy_key = "corp"; timeouts = { tunnel = "300ms"; }; ')
    ways.unreachable()
    tell_of(ways.world, 'proxy: no answer in time')


def test_all_who_wait_for_a_silent_proxy_are_told_together(ways):
    proxy = ways.proxy(lambda proxy, sock, asked:
                       proxy.keep_reading(sock, asked))
    ways.start(proxy, 'proxy_key = "corp"; max_connections = 1; '
               'timeouts = { tunnel = "1s"; }; ')
    clients = [ways.world.raw() for _ in range(5)]
    for raw in clients:
        raw.request()
    assert [raw.response().status for raw in clients] == [502] * 5
    for raw in clients:
        raw.close()
    # Those who came while it was asked may have to wait for one more time.
    assert len(proxy.asked) <= 2


def test_a_proxy_that_is_not_there_is_told(ways):
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        ways.start('%s://127.0.0.1:%d' % ('https' if ways.tls else 'http',
                                          sock.getsockname()[1]))
        ways.unreachable()
    tell_of(ways.world, 'connect: Connection refused')


# Proxies that make a tunnel, and then lie in it.

def in_the_tunnel(data, read=0):
    """Opens it, reads so much, and says that."""
    def answer(proxy, sock, asked):
        sock.sendall(OPEN)
        while len(asked.tunnelled) < max(read, 1):
            piece = sock.recv(65536)
            if not piece:
                return
            asked.tunnelled += piece
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        proxy.keep_reading(sock, asked)
    return answer


@pytest.mark.parametrize('data', [
    PAGE, OPEN, b'HTTP/1.1 407 No\r\n\r\n', b'',
    b'\x15\x03\x03\x00\x02\x02\x28', b'\x16\x03\x03\x00\x05hello'],
    ids=['page', 'answer', '407', 'end', 'alert', 'record'])
def test_what_is_not_the_upstream_in_a_tunnel_gets_no_key(ways, data):
    proxy = ways.proxy(in_the_tunnel(data))
    ways.start(proxy)
    ways.unreachable('upstream_tls')
    for asked in proxy.asked:
        assert asked.tunnelled.startswith(b'\x16\x03')


def test_a_proxy_cannot_play_the_upstream(ways, stranger):
    """It ends TLS itself, with a certificate of an authority of its own."""
    other = ways.world.cloud(pem=stranger.server('proxy'))
    ways.start(ways.proxy(to={
        ways.cloud.address: ('127.0.0.1', other.port)}))
    ways.unreachable('upstream_tls')
    assert not other.requests
    tell_of(ways.world, 'certificate verify failed')


def test_a_proxy_cannot_lead_to_another_host(ways):
    other = ways.world.cloud(pem=ways.world.pki.server(
        'other', ('other.example.com',)))
    ways.start(ways.proxy(to={
        ways.cloud.address: ('127.0.0.1', other.port)}))
    ways.unreachable('upstream_tls')
    assert not other.requests


def test_a_certificate_for_the_proxy_is_not_that_of_the_upstream(ways):
    other = ways.world.cloud(pem=ways.world.pki.server(
        'proxy', ('127.0.0.1',)))
    ways.start(ways.proxy(to={
        ways.cloud.address: ('127.0.0.1', other.port)}))
    ways.unreachable('upstream_tls')
    assert not other.requests


def test_a_tunnel_that_ends_is_made_anew(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.start(proxy)
    assert ways.world.ask().status == 200
    ways.cloud.close_idle()
    wait_until(proxy.asked[0].over.is_set, 'the tunnel to end')
    assert ways.world.ask().status == 200
    assert len(proxy.asked) == 2


def test_a_proxy_that_comes_back_serves_again(ways):
    proxy = ways.proxy(status(b'503 No'))
    ways.start(proxy)
    ways.unreachable()
    proxy.answer = None
    assert ways.world.ask().status == 200


# The key of the proxy.

def start_with_admin(ways, proxy):
    """Returns what orders something of the proxy's key."""
    ways.seal()
    ways.admin = 'unix:' + ways.world.path('admin.sock')
    ways.world.start(ways.config(proxy).replace(
        'routes = (', 'admin = { address = "%s"; };\nroutes = (' %
        ways.admin, 1))

    def order(verb):
        done = ways.world.run('key', verb, 'corp', '-c',
                              ways.world.path('sallyport.conf'))
        assert done.returncode == 0, done.stderr
        return done.stdout
    return order


def ready(ways):
    answer = ways.world.ask(target='/readyz', which=ways.admin)
    return answer.status, json.loads(answer.data)['routes_without_key']


def test_a_key_that_is_disabled_is_not_sent(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    order = start_with_admin(ways, proxy)
    assert ready(ways) == (200, [])
    assert 'key corp is disabled; no usable key is left for route all' in \
        order('disable')
    error, = json.loads(ways.unreachable('key_unavailable', 503).data)['errors']
    assert error['message'] == \
        'no key of route all is usable: the key of its proxy is disabled'
    tell_of(ways.world, 'route all has no usable key, and its requests are '
            'answered 503: key corp of its proxy is disabled')
    assert ready(ways) == (503, ['all'])
    told = json.loads(ways.world.ask(target='/status',
                                     which=ways.admin).data)
    route, = told['routes']
    assert (route['usable'], route['serves'], route['reason']) == (
        False, None, 'key corp of its proxy is disabled')
    assert not proxy.seen
    order('enable')
    assert ways.world.ask().status == 200
    assert ready(ways) == (200, [])


def test_a_key_that_the_proxy_refuses_is_not_told_to_it_again_and_again(ways):
    proxy = ways.proxy(wants='Basic bm9ib2R5OmtuZXc=')
    start_with_admin(ways, proxy)
    for _ in range(20):
        ways.unreachable()
    # Others connected, and said nothing.
    assert 1 <= len([a for a in proxy.asked if a.head]) < 10
    process = ways.world.processes[-1]
    assert process.stderr.count('it refuses key corp, and is asked again') == 1
    conf = ways.world.path('sallyport.conf')
    done = ways.world.run('status', '-c', conf)
    assert done.returncode == 3
    assert 'its proxy %s refuses key corp (407): add another one' % \
        proxy.url in ' '.join(done.stdout.split())
    # Another value is tried by the reload, and refused as well, or serves.
    ways.pair = new_password()
    ways.world.secrets.add(ways.pair.partition(':')[2])
    ways.seal()
    done = ways.world.run('reload', '-c', conf)
    assert done.returncode == 1
    assert 'key corp: the proxy of upstream elastic-cloud refuses it (407)' \
        in ' '.join((done.stdout + done.stderr).split())
    ways.pair = new_password()
    ways.world.secrets.add(ways.pair.partition(':')[2])
    proxy.wants = basic(ways.pair)
    ways.seal()
    done = ways.world.run('reload', '-c', conf)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ways.world.ask().status == 200
    assert 'refuses key' not in ways.world.run('status', '-c', conf).stdout


def sealed_until(ways, when):
    """The proxy's key is over then, by its file alone."""
    ways.seal(more=('' if ways.tls else 'plain = true; ') +
              'expires = "%s"; ' % when)


def test_a_key_that_is_expired_is_not_sent(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    sealed_until(ways, '2025-11-01T00:00:00Z')
    ways.admin = 'unix:' + ways.world.path('admin.sock')
    config = ways.config(proxy).replace(
        'routes = (', 'admin = { address = "%s"; };\nroutes = (' %
        ways.admin, 1)
    process = ways.world.start(config)
    error, = json.loads(ways.unreachable('key_unavailable', 503).data)['errors']
    assert error['message'] == \
        'no key of route all is usable: the key of its proxy is expired'
    tell_of(ways.world, 'route all has no usable key, and its requests are '
            'answered 503: key corp of its proxy is expired')
    assert ready(ways) == (503, ['all'])
    done = ways.world.run('status', '-c', ways.world.path('sallyport.conf'))
    assert done.returncode == 3
    assert 'route all reaches nobody, as key corp of its proxy is expired' \
        in ' '.join(done.stdout.split())
    conf = ways.world.path('sallyport.conf')
    for verb in ('explain', '-c', conf, 'GET', '/'), \
            ('check', '--probe', '-c', conf):
        done = ways.world.run(*verb)
        assert done.returncode == 1
        assert 'the key of its proxy is expired' in \
            ' '.join((done.stdout + done.stderr).split())
    assert not proxy.seen
    # The next one serves at once.
    ways.seal()
    process.signal(1)
    wait_until(lambda: ways.world.ask().status == 200, 'the next key')
    assert ready(ways) == (200, [])


def test_a_key_that_expires_while_it_serves_is_sent_no_more(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    end = time.time() + 4
    sealed_until(ways, time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(end)))
    ways.start(proxy, seal=False)
    if ways.world.ask().status == 503:
        assert time.time() >= int(end)          # a busy machine
    wait_until(lambda: ways.world.ask().status == 503, 'its end')
    asked = len(proxy.asked)
    ways.cloud.close_idle()
    assert ways.world.ask().status == 503
    assert len(proxy.asked) == asked


def test_tunnels_end_when_their_key_is_disabled_under_traffic(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    order = start_with_admin(ways, proxy)
    answers, over = [], threading.Event()

    def ask():
        while not over.is_set():
            try:
                answers.append(ways.world.ask().status)
            except (http1.Truncated, ConnectionError):
                answers.append('cut')
    clients = [threading.Thread(target=ask) for _ in range(4)]
    try:
        for client in clients:
            client.start()
        wait_until(lambda: answers.count(200) >= 20, 'requests go through')
        order('disable')
        # The command returns once it has its effect, in every worker within
        # 100 ms; a busy machine takes longer, so that the end is waited for.
        wait_until(lambda: all(a.over.is_set() for a in proxy.asked),
                   'the tunnels to end')
        asked, served = len(proxy.asked), len(ways.cloud.requests)
        at = len(answers)
        wait_until(lambda: len(answers) >= at + 20, 'more requests')
        # What each client waited for may have begun before.
        assert set(answers[at + len(clients):]) == {503}
        assert len(proxy.asked) == asked
        assert len(ways.cloud.requests) == served
        order('enable')
        wait_until(lambda: answers[-1] == 200, 'requests go through again')
    finally:
        over.set()
        for client in clients:
            client.join()
    assert len(proxy.asked) > asked
    assert set(answers) <= {200, 503, 'cut'}
    assert answers.count('cut') <= len(clients)


@pytest.mark.parametrize('seal, more, told', [
    ({'hosts': (HOST,)}, 'proxy_key = "corp"; ',
     "key 'corp' is not sealed for '127.0.0.1', the host of 'proxy'"),
    ({'more': ''}, 'proxy_key = "corp"; ',
     "key 'corp' would go to the proxy in the clear: it does not say "
     "plain = true"),
    ({'scheme': None}, 'proxy_key = "corp"; ', "key 'corp', at .* has no "
     "scheme"),
    ({'scheme': 'NTLM'}, 'proxy_key = "corp"; ', "a scheme that is not for "
     "proxies"),
    ({'value': 'no-pair-and-no-base64-of-one'}, 'proxy_key = "corp"; ',
     "neither USER:PASSWORD nor the base64 of that"),
    ({'more': 'plain = true; field = "X-Key"; '}, 'proxy_key = "corp"; ',
     'has a field of its own'),
    ({}, 'proxy_key = "crop"; ', "there is no key 'crop' .did you mean "
     "'corp'"),
])
def test_a_key_that_is_not_for_the_proxy_is_refused(ways, seal, more, told):
    if ways.tls and 'in the clear' in told:
        pytest.skip('TLS hides it')
    proxy = ways.proxy()
    ways.seal(**seal)
    config = ways.config(proxy, more)
    ways.world.refuses(config, r'sallyport.conf:\d+: .*' + told)
    done = ways.world.run('check', '-c', ways.world.path('sallyport.conf'))
    assert done.returncode == 1
    assert not proxy.seen


@pytest.mark.parametrize('url, told', [
    ('https://127.0.0.1', 'a port is missing'),
    ('127.0.0.1:3128', 'must begin with http:// or https://'),
    ('socks5://127.0.0.1:1080', 'must begin with http:// or https://'),
    ('http://127.0.0.1', 'a port is missing'),
    ('http://user:word@127.0.0.1:3128', 'must not hold a user name'),
    ('http://127.0.0.1:3128/path', 'must end after host and port'),
    ('http://127.0.0.1:0', 'the port must be a number'),
    ('http://::1:3128', 'an IPv6 address needs'),
    ('http://:3128', 'a host name is missing'),
])
def test_a_proxy_that_is_none_is_refused(ways, url, told):
    ways.seal()
    process = ways.world.refuses(ways.config(url), told)
    assert 'user:word' not in process.stderr


def test_a_key_for_a_proxy_needs_one(ways):
    ways.seal()
    ways.world.refuses(ways.world.config(upstreams=[ways.world.upstream(
        more='proxy_key = "corp";')]), "'proxy_key' needs 'proxy'")


# What is told of it.

def test_explain_check_and_status_tell_of_the_proxy(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.seal()
    ways.world.start(ways.config(proxy).replace(
        'routes = (', 'admin = { address = "unix:%s"; };\nroutes = (' %
        ways.world.path('admin.sock'), 1))
    conf = ways.world.path('sallyport.conf')
    done = ways.world.run('explain', '-c', conf, 'GET', '/')
    assert 'proxy: %s, which is sent key corp\n' % proxy.url in done.stdout
    said = json.loads(ways.world.run('explain', '--json', '-c', conf, 'GET',
                                     '/').stdout)
    assert (said['proxy'], said['proxy_key']) == (proxy.url, 'corp')
    done = ways.world.run('check', '-c', conf)
    assert done.returncode == 0 and 'corp' not in ''.join(
        line for line in done.stdout.splitlines() if 'expires' not in line)
    assert ways.world.ask().status == 200
    told = json.loads(ways.world.run('status', '--json', '-c', conf).stdout)
    assert told['upstreams'][0]['proxy'] == proxy.url
    key, = [k for k in told['keys'] if k['name'] == 'corp']
    assert key['safe_to_revoke'] is False and key['requests'] == 1
    assert key['safe_to_revoke_reason'] == \
        'it is the key for the proxy of an upstream'
    done = ways.world.run('status', '-c', conf)
    assert ' by ' + proxy.url in ' '.join(done.stdout.split())


def test_check_probes_through_the_proxy(ways):
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.seal()
    conf = ways.world.write('sallyport.conf', ways.config(proxy))
    done = ways.world.run('check', '--probe', '-c', conf)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ways.cloud.requests[0].key == 'team-a'
    assert len(proxy.asked) == 1
    proxy.answer = status(b'407 Secret')
    done = ways.world.run('check', '--probe', '-c', conf)
    assert done.returncode == 1
    assert 'the proxy answered 407' in done.stdout + done.stderr


def test_key_add_makes_a_key_for_a_proxy(ways):
    world = ways.world
    world.seal('keys.age', 'team-a')
    done = world.run('key', 'add', 'corp', '--to', 'keys.age', '-i',
                     world.identity, '--host', '127.0.0.1', '--scheme',
                     'Basic', '--plain', '-r', world.recipient,
                     stdin=ways.pair + '\n')
    assert done.returncode == 0, done.stderr
    listed = json.loads(world.run('key', 'list', '--json', '-i',
                                  world.identity, 'keys.age').stdout)
    assert [(k['name'], k['plain']) for k in listed] == \
        [('team-a', False), ('corp', True)]
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.start(proxy, seal=False)
    assert world.ask().status == 200


def test_a_key_may_be_for_a_route_and_for_the_proxy(ways):
    """Where its hosts name both."""
    ways.cloud.add_key('corp', basic(ways.pair)[6:], 'Basic')
    proxy = ways.proxy(wants=basic(ways.pair))
    ways.seal(basic(ways.pair)[6:], hosts=('127.0.0.1', HOST))
    ways.world.start(ways.world.config(
        routes=['{ name = "all"; upstream = "elastic-cloud"; '
                'keys = [ "corp" ]; }'],
        upstreams=[ways.world.upstream(
            more='proxy = %s; proxy_key = "corp"; %s' % (
                quote(proxy.url), 'proxy_ca_file = %s;' %
                quote(ways.world.pki.ca) if ways.tls else ''))]))
    assert ways.world.ask().status == 200
    assert ways.cloud.requests[-1].key == 'corp'


def test_a_reload_changes_the_proxy(ways):
    first, second = [ways.proxy(wants=basic(ways.pair)) for _ in range(2)]
    process = ways.start(first)
    assert ways.world.ask().status == 200
    ways.world.write('sallyport.conf', ways.config(second))
    ready = len([x for x in process.lines if 'reloaded' in x])
    process.signal(1)
    wait_until(lambda: ways.world.ask().status == 200 and second.asked,
               'the other proxy to be asked')
    assert ready == 0 and len(first.asked) == 1


# Proxies in TLS that are not the proxy, or break it.

@pytest.fixture
def tls_ways(bare):
    made = Ways(bare, True)
    yield made
    for proxy in made.proxies:
        proxy.stop()
    made.key_is_safe()


def told_nothing(ways, proxy, told):
    ways.start(proxy, 'proxy_key = "corp"; '
               'timeouts = { handshake = "2s"; }; ')
    ways.unreachable()
    tell_of(ways.world, told)
    assert not proxy.seen and proxy.asked


def test_a_proxy_of_another_authority_is_told_nothing(tls_ways, stranger):
    proxy = tls_ways.proxy(pem=stranger.server('proxy', ('127.0.0.1',)))
    told_nothing(tls_ways, proxy, 'proxy: TLS handshake: certificate verify '
                 'failed: unable to get local issuer certificate: '
                 'proxy_ca_file')


@pytest.mark.parametrize('names', [('proxy.example.com',), ('127.0.0.2',),
                                   (HOST,)])
def test_a_proxy_with_another_name_is_told_nothing(tls_ways, names):
    proxy = tls_ways.proxy(pem=tls_ways.world.pki.server(
        'not-the-proxy', names))
    told_nothing(tls_ways, proxy, 'proxy: TLS handshake: certificate verify '
                 'failed: IP address mismatch')


def test_a_proxy_whose_certificate_has_expired_is_told_nothing(tls_ways):
    proxy = tls_ways.proxy(pem=tls_ways.world.pki.server(
        'old-proxy', ('127.0.0.1',), expired=True))
    told_nothing(tls_ways, proxy, 'proxy: TLS handshake: certificate verify '
                 'failed: certificate has expired')


def on_raw(proxy, do):
    """The proxy does that with the socket, and never speaks TLS."""
    def serve(sock):
        asked = Asked()
        proxy.asked.append(asked)
        with contextlib.suppress(OSError):
            do(sock)
            while sock.recv(65536):
                pass
        sock.close()
    proxy._serve = serve
    return proxy


@pytest.mark.parametrize('data, told', [
    (OPEN, 'the answer is not TLS'),
    (status(b'407 Secret'), 'the answer is not TLS'),
    (PAGE, 'the answer is not TLS'),
    (b'\x15\x03\x03\x00\x02\x02\x28', 'alert of the server'),
    (b'\0' * 4096, 'proxy: TLS handshake: '),
], ids=['200', '407', 'page', 'alert', 'zeros'])
def test_what_is_no_tls_where_a_proxy_was_is_told_nothing(tls_ways, data,
                                                          told):
    def say(sock):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
    told_nothing(tls_ways, on_raw(tls_ways.proxy(), say), told)


def test_a_proxy_silent_in_its_handshake_is_told_nothing(tls_ways):
    told_nothing(tls_ways, on_raw(tls_ways.proxy(), lambda sock: None),
                 'proxy: TLS handshake: no answer in time')


def test_a_tunnel_that_is_silent_times_out(tls_ways):
    def answer(proxy, sock, asked):
        sock.sendall(OPEN)
        proxy.keep_reading(sock, asked)
    tls_ways.start(tls_ways.proxy(answer), 'proxy_key = "corp"; '
                   'timeouts = { handshake = "1s"; }; ')
    tls_ways.unreachable('upstream_timeout', 504)


@pytest.mark.parametrize('end', ['notify', 'cut', 'garbage'])
def test_a_tunnel_that_ends_in_the_handshake_within_gets_no_key(tls_ways,
                                                                end):
    def answer(proxy, sock, asked):
        sock.sendall(OPEN)
        asked.tunnelled += sock.recv(65536)
        if end == 'notify':
            sock.notify()
        elif end == 'garbage':
            sock.raw.sendall(b'\x17\x03\x03\x00\x20' + b'x' * 32)
        sock.raw.shutdown(socket.SHUT_WR)
        proxy.keep_reading(sock, asked)
    tls_ways.start(tls_ways.proxy(answer))
    tls_ways.unreachable('upstream_unreachable' if end == 'garbage' else
                         'upstream_tls')
    tell_of(tls_ways.world, 'TLS with the proxy: a broken record'
            if end == 'garbage' else 'connection closed')


def test_a_proxy_in_tls_needs_no_plain_key_and_the_system_may_vouch(tls_ways):
    proxy = tls_ways.proxy(wants=basic(tls_ways.pair))
    tls_ways.seal()
    tls_ways.world.start(tls_ways.config(proxy).replace(
        'proxy_ca_file = %s; ' % quote(tls_ways.world.pki.ca), ''))
    tls_ways.unreachable()
    tell_of(tls_ways.world, 'proxy: TLS handshake: certificate verify failed')
    assert not proxy.seen


@pytest.mark.parametrize('more, told', [
    ('proxy_ca_file = "/no/such/file"; ', "'proxy_ca_file'.*/no/such/file"),
    ('proxy_ca_file = "/dev/null"; ', "'proxy_ca_file'"),
])
def test_authorities_of_a_proxy_that_cannot_be_read_are_a_fault(bare, more,
                                                                told):
    bare.new_key('team-a')
    bare.cloud()
    bare.refuses(bare.config(upstreams=[bare.upstream(
        more='proxy = "https://127.0.0.1:1"; ' + more)]), told)

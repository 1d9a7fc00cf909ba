"""contrib/from-nginx: what nginx, HAProxy and sallyport send upstream for the
same requests is the same."""

import os
import re
import shutil
import socket
import subprocess

import documents
import pki as pki_module
import pytest
import nginx as nginx_module
from waiting import LIMIT, wait_until

HERE = os.path.join('contrib', 'from-nginx')
KEYS = 'team-a', 'billing', 'ci'
FIELDS = ('accept', 'content-type', 'if-match', 'user-agent', 'x-management',
          'x-twice')

# (method, target, fields, body)
REQUESTS = [
    ('GET', '/api/v1/deployments', [], None),
    ('GET', '/api/v1/deployments?q=a%20b&x=%2F', [('Accept', 'text/x')], None),
    ('POST', '/api/v1/deployments', [('Content-Type', 'application/json')],
     b'{"a": 1}'),
    ('PUT', '/api/v1/deployments/1', [('If-Match', '"3"')], b'x' * 300000),
    ('DELETE', '/api/v1/deployments/1', [], None),
    ('GET', '/billing/api/v1/costs?from=now', [], None),
    ('HEAD', '/billing/api/v1/costs', [], None),
    ('GET', '/billing/api/v1/costs', [('Authorization', 'ApiKey ci')], None),
    ('GET', '/billings', [], None),
    ('POST', '/api/v1/deployments', [('Authorization', 'ApiKey ci')], b'{}'),
    ('GET', '/api/v1', [('Authorization', 'ApiKey other')], None),
    ('GET', '/api/v1', [('Cookie', 'session=1'), ('X-Twice', 'one'),
                        ('X-Twice', 'two')], None),
]


def want(method, target, fields):
    """The key that contrib/from-nginx/README.md says."""
    if target.startswith('/billing/'):
        return 'billing'
    return 'ci' if ('Authorization', 'ApiKey ci') in fields else 'team-a'


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


def snippet(world, file, port):
    """As somebody would fill it in, with the API where the stand-in is."""
    text = documents.read(HERE, file)
    for name in KEYS:
        place = 'KEY-OF-' + name.upper()
        assert text.count(place) == 1, place
        text = text.replace(place, world.keys[name])
    for old, new in (('api.elastic-cloud.com:443', world.clouds[0].address),
                     ('/etc/ssl/certs/ca-certificates.crt', world.pki.ca),
                     ('127.0.0.1:9080', '127.0.0.1:%d' % port)):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


NGINX = '''
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
daemon off;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {folder}/nginx.1;
	proxy_temp_path {folder}/nginx.2;
	fastcgi_temp_path {folder}/nginx.3;
	uwsgi_temp_path {folder}/nginx.4;
	scgi_temp_path {folder}/nginx.5;
{snippet}
}}
'''


class Proxies:
    def __init__(self, world):
        self.world, self.children = world, []

    def start(self, argv, port):
        child = subprocess.Popen(
            argv, env={'PATH': nginx_module.PATH}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.children.append(child)

        def is_up():
            assert child.poll() is None, child.stderr.read()
            with socket.socket() as sock:
                return sock.connect_ex(('127.0.0.1', port)) == 0
        wait_until(is_up, argv[0] + ' to listen')
        return '127.0.0.1:%d' % port

    def nginx(self):
        port = free_port()
        os.chmod(self.world.folder, 0o755)
        conf = self.world.write('nginx.conf', NGINX.format(
            folder=self.world.folder,
            snippet=snippet(self.world, 'nginx.conf', port)))
        self.world.plain_files.add(conf)
        # Bodies that nginx takes in whole lie there, as they do anywhere.
        return self.start(['nginx', '-c', conf, '-p', self.world.folder, '-e',
                           self.world.path('nginx.error')], port)

    def haproxy(self):
        port = free_port()
        conf = self.world.write('haproxy.cfg', snippet(
            self.world, 'haproxy.cfg', port))
        self.world.plain_files.add(conf)
        return self.start(['haproxy', '-db', '-f', conf], port)

    def stop(self):
        for child in self.children:
            if child.poll() is None:
                child.terminate()
            child.wait(LIMIT)
            child.stderr.close()


@pytest.fixture
def proxies(bare):
    bare.seal('keys.age', *KEYS)
    bare.cloud()
    made = Proxies(bare)
    yield made
    made.stop()


def sallyport(world):
    text = documents.read(HERE, 'sallyport.conf')
    text = text.replace('127.0.0.1:9080', '127.0.0.1:0').replace(
        'url = ', 'connect_to = "%s"; ca_file = "%s"; url = ' % (
            world.clouds[0].address, world.pki.ca))
    if world.user:
        text += 'user = "%s";\n' % world.user
    world.start(text)
    return world.processes[-1].listening[0]


def seen_by_the_api(world, address):
    """What arrives of each request: all that it is judged by there."""
    arrived = []
    for method, target, fields, body in REQUESTS:
        fields = [*fields, ('User-Agent', 'terraform/1.9')]
        before = len(world.clouds[0].requests)
        world.ask(method, target, fields, body, which=address)
        seen, = world.clouds[0].wait_requests(before + 1)[before:]
        assert seen.key == want(method, target, fields), (method, target)
        assert seen.fields.all('host') == [pki_module.HOST]
        assert not seen.fields.all('cookie')
        assert seen.bytes == len(body or b'')
        arrived.append((seen.method, seen.target, seen.key, seen.sha256,
                        [(x, seen.fields.all(x)) for x in FIELDS]))
    return arrived


@pytest.mark.parametrize('other', ['nginx', 'haproxy'])
def test_the_same_requests_arrive(proxies, other):
    if not shutil.which(other, path=nginx_module.PATH):
        pytest.skip('no ' + other)
    theirs = seen_by_the_api(proxies.world, getattr(proxies, other)())
    ours = seen_by_the_api(proxies.world, sallyport(proxies.world))
    assert ours == theirs


@pytest.mark.parametrize('other', ['nginx', 'haproxy'])
def test_they_verify_the_api_too(proxies, stranger, other):
    if not shutil.which(other, path=nginx_module.PATH):
        pytest.skip('no ' + other)
    proxies.world.clouds[0].use(stranger.server('good'))
    for address in getattr(proxies, other)(), sallyport(proxies.world):
        assert proxies.world.ask(which=address).status in (502, 503)
    assert proxies.world.clouds[0].requests == []


def test_a_post_below_a_path_for_readers_is_what_the_text_says(proxies):
    world = proxies.world
    refused = ('POST', '/billing/api/v1/costs', [], b'{}')
    for other in 'nginx', 'haproxy':
        if shutil.which(other, path=nginx_module.PATH):
            address = getattr(proxies, other)()
            assert world.ask(*refused, which=address).status == 403
    assert world.clouds[0].requests == []
    world.ask(*refused, which=sallyport(world))
    seen, = world.clouds[0].requests
    assert (seen.key, seen.target) == ('team-a', '/billing/api/v1/costs')


def test_the_command_of_its_text_says_which_route_it_would_be(bare):
    bare.seal('keys.age', *KEYS)
    bare.write('sallyport.conf', documents.read(HERE, 'sallyport.conf') + (
        'user = "%s";\n' % bare.user if bare.user else ''))
    commands = re.findall(r'^    sallyport (.*)$', documents.read(
        HERE, 'README.md'), re.M)
    assert len(commands) == 1
    done = bare.run(*commands[0].split())
    assert done.returncode == 0, done.stderr
    assert 'route: billing\n' in done.stdout
    assert 'target: /api/v1/costs\n' in done.stdout

"""What clients say as Host, on TCP and on Unix sockets."""

import json
import socket

import pytest

API = 'api.elastic-cloud.com'
ROUTES = ['{ name = "b"; host = "docker"; upstream = "elastic-cloud"; '
          'keys = [ "team-b" ]; }',
          '{ name = "a"; upstream = "elastic-cloud"; keys = [ "team-a" ]; }']

# Host, HTTP version, and the status with no list, with a list of "docker",
# and on TCP.
SAID = [('localhost', '1.1', 200, 421, 200), ('docker', '1.1', 200, 200, 421),
        ('unix:7', '1.1', 200, 421, 421), ('', '1.1', 200, 421, 400),
        ('%2Frun%2Fx.sock', '1.1', 200, 421, 421),
        (None, '1.0', 200, 421, 421), (None, '1.1', 400, 400, 400),
        ('/run/x.sock', '1.1', 400, 400, 400)]

# The authority of an absolute target, and the same.
NAMED = [(API, 200, 421, 200), (API + ':443', 200, 421, 200),
         ('localhost', 421, 421, 200), ('docker', 421, 200, 421),
         ('evil.example', 421, 421, 421)]


@pytest.fixture
def three(world):
    """A listener on a Unix socket, one with a list, and one on TCP."""
    world.start(world.config(routes=ROUTES, listeners=[
        '{ name = "u"; address = "unix:%s"; }' % world.path('u'),
        '{ name = "l"; address = "unix:%s"; hosts = [ "docker" ]; }'
        % world.path('l'), '{ name = "t"; address = "127.0.0.1:0"; }']))
    return world


def statuses(world, **request):
    return [world.ask(which=which, **request).status for which in range(3)]


@pytest.mark.parametrize('host, version, unlisted, listed, tcp', SAID)
def test_any_host_will_do_on_a_unix_socket_that_lists_none(
        three, host, version, unlisted, listed, tcp):
    assert statuses(three, host=host, version=version) == \
        [unlisted, listed, tcp]


@pytest.mark.parametrize('name, unlisted, listed, tcp', NAMED)
def test_an_absolute_target_names_an_upstream_or_a_host_that_is_listed(
        three, name, unlisted, listed, tcp):
    assert statuses(three, host=name,
                    target='http://%s/test/echo' % name) == \
        [unlisted, listed, tcp]


def test_a_web_page_is_refused_on_a_unix_socket_too(three):
    for host in ('docker', '', 'localhost'):
        response = three.ask(host=host, fields=[('Origin', 'null')])
        assert response.status == 421
        assert b'browser_refused' in response.data


def test_a_route_may_ask_for_any_host_on_a_unix_socket(three):
    assert three.echo(host='docker')['key'] == 'team-b'
    for host in ('x', '', 'dockers'):
        echo = three.echo(host=host)
        assert echo['key'] == 'team-a'
        assert ['Host', API] in echo['fields']


def test_a_unix_socket_of_systemd_takes_any_host_and_one_on_tcp_does_not(
        world):
    with socket.create_server(('127.0.0.1', 0)) as tcp, \
            socket.socket(socket.AF_UNIX) as other:
        other.bind(world.path('given'))
        other.listen()
        process = world.activate([
            '{ name = "u"; address = "fd:second"; }',
            '{ name = "t"; address = "fd:first"; }'],
            'first:second', tcp, other)
        process.wait_ready()
        path = 'unix:' + world.path('given')
        address = '127.0.0.1:%d' % tcp.getsockname()[1]
        for host, of_unix, of_tcp in (('docker', 200, 421), ('', 200, 400),
                                      ('localhost', 200, 200)):
            assert world.ask(host=host, which=path).status == of_unix
            assert world.ask(host=host, which=address).status == of_tcp
        for name, of_unix, of_tcp in ((API, 200, 200), ('docker', 421, 421),
                                      ('localhost', 421, 200)):
            target = 'http://%s/test/echo' % name
            assert world.ask(target=target, host=name,
                             which=path).status == of_unix
            assert world.ask(target=target, host=name,
                             which=address).status == of_tcp


@pytest.mark.parametrize('host, listener, user, refused', [
    ('docker', 'u', None, None), ('', 'u', None, None),
    ('docker', 'l', None, None), ('unix', 'l', None, 'host_refused'),
    ('unix', 't', None, 'host_refused'), ('', 't', None, 'bad_request'),
    ('unix', 'f', None, 'host_refused'), ('unix', 'f', '0', None)])
def test_explain_knows_what_host_will_do(world, host, listener, user, refused):
    config = world.write('c', world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % world.path('u'),
        '{ name = "l"; address = "unix:%s"; hosts = [ "docker" ]; }'
        % world.path('l'), '{ name = "t"; address = "127.0.0.1:0"; }',
        '{ name = "f"; address = "fd:web"; }']))
    done = world.run('explain', '-c', config, '--listener', listener,
                     *(['--user', user] if user else []),
                     '-H', 'Host: ' + host, 'GET', '/test/echo')
    assert done.returncode == (1 if refused else 0), done.stderr
    if refused:
        assert 'refused: %s:' % refused in done.stdout
    assert ('taken to be TCP' in done.stderr) == \
        (listener == 'f' and not user)


def test_clients_that_name_their_socket_are_served(three):
    done = three.curl('/test/echo', '-H', 'Host: docker')
    assert json.loads(done.stdout)['key'] == 'team-b'

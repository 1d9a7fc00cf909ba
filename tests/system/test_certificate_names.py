"""Clients that a certificate names: which routes they get, and what is told."""

import hashlib
import json
import re
import ssl

import pytest
from world import Raw

ROUTE = ('{ name = "%s"; %s upstream = "elastic-cloud"; keys = [ "%s" ]; }')
OF_A = ROUTE % ('a', 'certificate = [ "spiffe://corp/team-a/*" ];', 'team-a')
OF_B = ROUTE % ('b', 'certificate = [ "dns:ci.corp.example" ];', 'team-b')
OF_ALL = ROUTE % ('all', '', 'team-b')

A = ('URI:spiffe://corp/team-a/ci',)
B = ('DNS:ci.corp.example',)
C = ('URI:spiffe://corp/team-c/ci', 'DNS:team-a')
DEEP = ('URI:spiffe://corp/team-a/x/ci',)


def config(world, routes, required='true', more=''):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    return world.config(routes=routes, listeners=[
        '{ name = "tls"; address = "127.0.0.1:0"; hosts = [ "localhost" ]; '
        '%s tls = { certificate = "%s"; certificate_key = "%s"; '
        'client_ca = "%s"; required = %s; }; }'
        % (more, pem, pem, world.pki.ca, required)])


def certificate(world, names):
    label = re.sub(r'\W', '-', '-'.join(names)) or 'nameless'
    return world.pki.client(label, names=names)


def ask(world, names, label=None):
    made = ssl.create_default_context(cafile=world.pki.ca)
    if names is not None:
        made.load_cert_chain(world.pki.client(label, names=names) if label
                             else certificate(world, names))
    with Raw(made.wrap_socket(world.socket(0),
                              server_hostname='localhost')) as raw:
        return raw.ask()


@pytest.mark.parametrize('names, route, key', [
    (A, 'a', 'team-a'), (B, 'b', 'team-b'), (A + B, 'a', 'team-a')])
def test_a_name_has_its_route_and_key(world, names, route, key):
    world.start(config(world, [OF_A, OF_B]))
    assert ask(world, names).status == 200
    line, = world.access(1)
    assert line['sallyport']['route'] == route
    assert line['sallyport']['key'] == key


@pytest.mark.parametrize('names', [C, DEEP, ()])
def test_a_name_that_no_rule_knows_is_refused_and_nothing_goes_out(world,
                                                                  names):
    world.start(config(world, [OF_A, OF_B, OF_ALL]))
    response = ask(world, names)
    assert response.status == 421
    assert b'no route knows a name in the client' in response.data
    line, = world.access(1)
    assert line['sallyport']['fault'] == 'client_refused'
    assert 'key' not in line['sallyport']
    assert world.clouds[0].requests == []


def test_a_listener_lists_who_may_connect(world):
    world.start(config(world, [OF_A, OF_ALL], 'false',
                       'certificate = [ "dns:ci.corp.example" ];'))
    assert ask(world, B).status == 200
    assert ask(world, A).status == 421
    response = ask(world, None)
    assert response.status == 421
    assert b'the client has no certificate' in response.data
    assert [x['sallyport'].get('route') for x in world.access(3)] == \
        ['all', None, None]


def test_without_a_certificate_there_are_routes_without_the_condition(world):
    world.start(config(world, [OF_A, OF_ALL], 'false'))
    assert ask(world, None).status == 200
    assert ask(world, A).status == 200
    assert [x['sallyport']['route'] for x in world.access(2)] == ['all', 'a']


def test_the_line_says_who_called(world):
    world.start(config(world, [OF_A]))
    assert ask(world, A).status == 200
    line, = world.access(1)
    with open(certificate(world, A)) as f:
        der = ssl.PEM_cert_to_DER_cert(re.search(
            '-----BEGIN CERT.*?END CERTIFICATE-----\n', f.read(), re.S)[0])
    assert line['client']['user'] == {'name': 'spiffe://corp/team-a/ci'}
    assert line['tls']['client'] == {
        'subject': 'CN=URI-spiffe---corp-team-a-ci',
        'issuer': 'CN=Sallyport test CA',
        'hash': {'sha256': hashlib.sha256(der).hexdigest().upper()}}


def test_limits_of_clients_count_by_the_name(world):
    """Those of one machine are several clients, and a renewed certificate is
    no other client."""
    world.start(config(world, [
        '{ name = "all"; upstream = "elastic-cloud"; keys = [ "team-a" ]; '
        'client_rate = "1/h"; }']))
    assert [ask(world, names, label).status for names, label in (
        (A, None), (C, None), (A, None), (A, 'renewed-a'))] == \
        [200, 200, 429, 429]


@pytest.mark.parametrize('names', [A, B, C, DEEP, A + B])
def test_explain_and_run_judge_certificates_alike(world, names):
    world.start(config(world, [OF_A, OF_B, OF_ALL]))
    response = ask(world, names)
    done = world.run('explain', '--json', '-c', world.path('sallyport.conf'),
                     '--certificate', certificate(world, names), 'GET',
                     '/test/echo')
    said = json.loads(done.stdout)
    assert said['client'] == names[0].split(':', 1)[1]
    assert (said['status'] or 200) == response.status
    assert said['route'] == world.access(1)[0]['sallyport'].get('route')


def test_explain_says_which_rule_refuses_a_certificate(world):
    file = world.write('c', config(world, [OF_A, OF_B]))
    with open(certificate(world, C)) as pem:
        done = world.run('explain', '-c', file, '--certificate', '-', 'GET',
                         '/', stdin=pem.read())
    assert done.returncode == 1
    assert 'client: spiffe://corp/team-c/ci\n' in done.stdout
    assert 'refused: client_refused: ' in done.stdout

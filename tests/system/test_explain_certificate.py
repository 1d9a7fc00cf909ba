"""What `explain` says of a client's certificate: what the listener's handshake
would."""

import json

import client_certificates as cases
import pytest
from client_certificates import file_of
from world import quote


@pytest.fixture(scope='session')
def made(tmp_path_factory):
    return cases.Authorities(str(tmp_path_factory.mktemp('authorities')))


def config(world, ca, more=''):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    return world.write('sallyport.conf', world.config(
        routes=['{ name = "ci"; certificate = [ %s ]; upstream = '
                '"elastic-cloud"; keys = [ "team-a" ]; }' %
                ', '.join(map(quote, cases.RULES))],
        listeners=['{ name = "tls"; address = "127.0.0.1:0"; hosts = [ '
                   '"localhost" ]; tls = { certificate = %s; certificate_key '
                   '= %s; client_ca = %s; %s }; }' %
                   (quote(pem), quote(pem), quote(ca), more)]))


def explain(world, pem, *more, **rest):
    return world.run('explain', '-c', world.path('sallyport.conf'), *more,
                     '--certificate', pem, 'GET', '/', **rest)


def refused(world, pem, why, *more):
    done = explain(world, pem, *more)
    assert done.returncode == 1, done.stdout
    assert done.stdout == ''
    assert why in done.stderr
    assert pem + ': listener tls would refuse this certificate' in done.stderr


NAMES = ('URI:' + cases.NAMED,)


def test_one_that_is_good_gets_its_route(world):
    config(world, world.pki.ca)
    done = explain(world, world.pki.client('caller', names=NAMES))
    assert done.returncode == 0, done.stderr
    assert 'client: %s\nroute: ci\n' % cases.NAMED in done.stdout


def test_one_that_expired_is_refused(world):
    config(world, world.pki.ca)
    refused(world, world.pki.client('past', expired=True, names=NAMES),
            'certificate has expired')


def test_one_of_another_authority_is_refused(world):
    config(world, world.pki.authority('another'))
    refused(world, world.pki.client('caller', names=NAMES),
            'client_ca does not have its authority')


def test_one_that_is_for_servers_is_refused(world):
    config(world, world.pki.ca)
    refused(world, world.pki.server('server'),
            'it is not meant for clients (extendedKeyUsage clientAuth)')


def test_one_that_was_revoked_is_refused_and_others_are_not(world):
    revoked = world.pki.client('revoked', names=NAMES)
    crl = world.pki.crl('list', revoked)
    config(world, world.pki.ca, 'client_crl = "%s";' % crl)
    refused(world, revoked, 'certificate revoked')
    assert explain(world, world.pki.client('caller', names=NAMES)) \
        .returncode == 0


def test_a_list_that_is_too_old_refuses_all(world):
    crl = world.pki.crl('list', days=('-9', '-2'))
    config(world, world.pki.ca, 'client_crl = "%s";' % crl)
    refused(world, world.pki.client('caller', names=NAMES),
            'client_crl needs a newer list')


def test_a_program_is_told_the_reason(world):
    config(world, world.pki.ca)
    done = explain(world, world.pki.client('past', expired=True, names=NAMES),
                   '--json')
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said['ok'] is False and said['client'] is None
    assert 'certificate has expired' in said['diagnostics'][-1]['text']


def test_what_is_sent_along_counts(world, made):
    config(world, world.write('root.pem', made.root.text))
    whole = file_of(made, made.through(made.middle))
    done = explain(world, whole)
    assert done.returncode == 0, done.stderr
    with open(whole) as file:
        first = file.read().split('-----END CERTIFICATE-----\n')[0]
    alone = world.write('alone.pem', first + '-----END CERTIFICATE-----\n')
    refused(world, alone, 'or the client did not send one between')
    past = made.under(made.root, b'past', ends=-cases.HOUR)
    done = explain(world, file_of(made, made.through(past)))
    assert done.returncode == 1
    assert 'would refuse this certificate for "CN=past" above it: ' \
        'certificate has expired' in done.stderr


def test_a_file_that_is_broken_is_refused(world):
    config(world, world.pki.ca)
    refused(world, world.write('x.pem', '-----BEGIN CERTIFICATE-----\nMII'),
            'is broken, or not complete')
    refused(world, world.write('x.pem', 'nothing'),
            'it is no certificate in PEM')


@pytest.mark.slow
def test_it_says_what_a_handshake_would(world, made):
    """Of all cases that the listener was tried with."""
    config(world, world.write('root.pem', made.root.text))
    wrong = []
    every = [(name, 0, 'route: ci', make)
             for name, make in cases.ACCEPTED.items()] + \
        [(name, 1, 'client_refused', make)
         for name, make in cases.NAMELESS.items()] + \
        [(name, 1, 'would refuse this certificate', make)
         for name, (_, make) in cases.REFUSED.items()]
    for name, status, words, make in every:
        done = explain(world, file_of(made, make(made)))
        if done.returncode != status or \
                words not in done.stdout + done.stderr:
            wrong.append((name, done.returncode, done.stdout + done.stderr))
    assert wrong == []


def test_it_says_what_a_handshake_would_by_lists(world, made):
    ca = world.write('root.pem', made.root.text)
    wrong = []
    for name, (wanted, lists, make) in cases.GONE.items():
        config(world, ca, 'client_crl = %s;' % quote(world.write(
            'a.crl', lists(made))))
        done = explain(world, file_of(made, make(made)))
        if (done.returncode == 0) != (wanted == '200'):
            wrong.append((name, done.returncode, done.stdout + done.stderr))
    assert wrong == []

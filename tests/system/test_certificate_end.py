"""Certificates of ours that end soon: who is told, and that a renewal is all
that is asked for."""

import datetime
import json
import os
import re
import shutil
import subprocess

import pytest
from waiting import wait_until

NAMES = ('localhost', '127.0.0.1')
SOON = 2 * 24 * 3600 + 600      # of a life of years: 3 days are a threshold


@pytest.fixture
def pem(world):
    """That of the listener, which a test may replace."""
    made = world.pki.server('ends-soon', NAMES, lives=SOON)
    os.chmod(shutil.copyfile(made, world.path('server.pem')), 0o600)
    return world.path('server.pem')


def config(world, pem, tls='', upstream='', more=''):
    return world.config(
        listeners=['{ name = "tls"; address = "127.0.0.1:0"; hosts = [ '
                   '"localhost" ]; tls = { certificate = "%s"; '
                   'certificate_key = "%s"; %s }; }' % (pem, pem, tls)],
        upstreams=[world.upstream(more=upstream)],
        more='admin = { address = "unix:%s"; }; %s' % (
            world.path('admin.sock'), more))


def status(world):
    done = world.run('status', '--json', '-c', world.path('sallyport.conf'))
    return done.returncode, json.loads(done.stdout)


def attention(world):
    return [x['what'] for x in status(world)[1]['attention']]


def metrics(world):
    where = 'unix:' + world.path('admin.sock')
    return world.ask('GET', '/metrics', which=where).data.decode()


def end_of(pem):
    """In seconds since 1970."""
    said = subprocess.run(['openssl', 'x509', '-in', pem, '-noout',
                           '-enddate'], capture_output=True, check=True)
    when = datetime.datetime.strptime(said.stdout.decode().strip(),
                                      'notAfter=%b %d %H:%M:%S %Y GMT')
    return int(when.replace(tzinfo=datetime.timezone.utc).timestamp())


def expiration(name, label, until):
    return 'sallyport_%s_expiration_timestamp_seconds{%s} %d\n' % (
        name, label, until)


def lines(process, text):
    return [line for line in process.stderr.split('\n') if text in line]


SAID = r"option 'certificate': %s: it expires at 20\S+Z, in 2 days: put a " \
    'newer one there'


def test_check_start_and_status_tell_of_a_certificate_that_ends(world, pem):
    text = config(world, pem)
    said = SAID % re.escape(pem) + ' and reload'
    world.write('checked.conf', text)
    done = world.run('check', '-c', world.path('checked.conf'))
    assert done.returncode == 0
    assert re.search(r'checked\.conf:\d+: warning: ' + said, done.stderr)
    process = world.start(text)
    line, = lines(process, 'it expires at')
    assert re.search(r'sallyport\.conf:\d+: warning: ' + said, line)
    code, document = status(world)
    one, = document['attention']
    assert code == 3
    assert re.fullmatch('listener tls: ' + said, one['what'])
    assert one['command'].startswith('sallyport reload -c ')
    end, = [e for e in document['ends'] if e['upstream'] is None]
    assert end['listener'] == 'tls' and end['subject'] is None
    assert end['days_left'] == 2 and end['what'].endswith(pem)
    done = world.run('status', '-c', world.path('sallyport.conf'))
    assert done.returncode == 3 and 'listener tls: ' in done.stdout
    assert expiration('certificate', 'listener="tls"', end_of(pem)) in \
        metrics(world)


def renewed(world, pem):
    made = world.pki.server('lasts', NAMES, lives=90 * 24 * 3600)
    os.chmod(shutil.copyfile(made, pem + '.new'), 0o600)
    os.rename(pem + '.new', pem)
    return made


def test_a_renewal_that_is_watched_silences_the_warning(world, pem):
    process = world.start(config(world, pem, 'watch = true;'))
    text, = attention(world)
    assert re.fullmatch('listener tls: ' + SAID % re.escape(pem), text)
    assert status(world)[1]['attention'][0]['command'] is None
    made = renewed(world, pem)
    wait_until(lambda: not attention(world), 'nothing to be told')
    assert status(world)[0] == 0
    assert expiration('certificate', 'listener="tls"', end_of(made)) in \
        metrics(world)
    assert len(lines(process, 'it expires at')) == 1


def test_so_does_a_reload(world, pem):
    process = world.start(config(world, pem))
    assert attention(world)
    made = renewed(world, pem)
    done = world.run('reload', '-c', world.path('sallyport.conf'))
    assert done.returncode == 0, done.stderr
    assert status(world)[0] == 0
    assert expiration('certificate', 'listener="tls"', end_of(made)) in \
        metrics(world)
    assert len(lines(process, 'it expires at')) == 1


def test_of_a_short_life_two_days_are_enough(world, pem):
    made = world.pki.server('short-lived', NAMES)
    shutil.copyfile(made, pem)
    process = world.start(config(world, pem))
    assert status(world)[0] == 0
    assert not lines(process, 'it expires at')


def test_thresholds_are_those_of_keys(world, pem):
    world.start(config(world, pem, more='expiry = { warn = [ "1d" ]; };'))
    assert status(world)[0] == 0
    world.stop()
    process = world.start(config(world, pem, more='expiry = { warn = [ "4d" '
                                                  ']; };'))
    assert status(world)[0] == 3
    assert lines(process, 'it expires at')


def test_what_is_presented_to_an_upstream_is_told_of_alike(world, pem):
    client = world.pki.client('caller-soon', lives=SOON)
    made = renewed(world, pem)
    process = world.start(config(
        world, pem, upstream='certificate = "%s"; certificate_key = "%s";'
        % (client, client)))
    said = SAID % re.escape(client) + ' and reload'
    assert re.search(said, lines(process, 'it expires at')[0])
    text, = attention(world)
    assert re.fullmatch('upstream elastic-cloud: ' + said, text)
    text = metrics(world)
    assert expiration('certificate', 'listener="tls"', end_of(made)) in text
    assert expiration('upstream_certificate', 'upstream="elastic-cloud"',
                      end_of(client)) in text


# Authorities.

OF_CLIENTS = r'option \'client_ca\': %s: authority "CN=%s": it expires at ' \
    r'20\S+Z, in 2 days: put a newer one there'


def joined(world, *pems):
    """A file with the certificates of all of them, by a rename."""
    path = world.path('clients.pem')
    with open(path + '.new', 'w') as out:
        for pem in pems:
            with open(pem) as one:
                out.write(one.read().split('-----BEGIN PRIVATE')[0])
    os.rename(path + '.new', path)
    return path


def lasting(world):
    return world.pki.authority('lasting root', lives=90 * 24 * 3600)


def subjects(world):
    return [end['subject'] for end in status(world)[1]['ends']]


def with_client_ca(world, pem, tls=''):
    return config(world, renewed(world, pem) and pem,
                  'client_ca = "%s"; %s' % (world.path('clients.pem'), tls))


def test_an_authority_of_clients_that_ends_is_told_of(world, pem):
    soon = world.pki.authority('ends first', lives=SOON)
    ca = joined(world, lasting(world), soon)
    text = with_client_ca(world, pem)
    said = OF_CLIENTS % (re.escape(ca), 'ends first') + ' and reload'
    world.write('checked.conf', text)
    done = world.run('check', '-c', world.path('checked.conf'))
    assert done.returncode == 0
    assert re.search(r'checked\.conf:\d+: warning: ' + said, done.stderr)
    process = world.start(text)
    line, = lines(process, 'it expires at')
    assert re.search(said, line)
    one, = status(world)[1]['attention']
    assert re.fullmatch('listener tls: ' + said, one['what'])
    assert one['command'].startswith('sallyport reload -c ')
    assert 'CN=ends first' in subjects(world)


def test_a_watched_one_that_is_renewed_silences_it(world, pem):
    joined(world, world.pki.authority('ends first', lives=SOON))
    world.start(with_client_ca(world, pem, 'watch = true;'))
    assert len(attention(world)) == 1
    joined(world, lasting(world))
    wait_until(lambda: not attention(world), 'nothing to be told')
    assert 'CN=lasting root' in subjects(world)


def test_one_that_is_over_is_a_warning_and_all_a_fault(world, pem):
    past = world.pki.authority('former root', expired=True)
    ca = joined(world, past, lasting(world))
    path = world.write('checked.conf', with_client_ca(world, pem))
    done = world.run('check', '-c', path)
    assert done.returncode == 0
    assert 'warning: option \'client_ca\': %s: the certificate of ' \
        '"CN=former root" on line 1 of it expired at 2020-02-01T00:00:00Z: ' \
        'no client is accepted by it' % ca in done.stderr
    joined(world, past)
    done = world.run('check', '-c', path)
    assert done.returncode == 1
    assert "option 'client_ca': %s: no certificate in it is valid any more" \
        % ca in done.stderr


def test_the_authority_of_an_upstream_that_ends_is_told_of(world, pem):
    soon = world.pki.authority('of servers', lives=SOON)
    renewed(world, pem)
    world.write('checked.conf', config(world, pem).replace(
        'ca_file = "%s"' % world.pki.ca, 'ca_file = "%s"' % soon))
    done = world.run('check', '-c', world.path('checked.conf'))
    assert done.returncode == 0, done.stderr
    assert re.search(r'warning: option \'ca_file\': .+: authority '
                     r'"CN=of servers": it expires at \S+, in 2 days: put a '
                     'newer one there and reload', done.stderr)

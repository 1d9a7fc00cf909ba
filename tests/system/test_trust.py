"""Whom an upstream's certificate must be of, and who we are to it."""

import os
import ssl

import nginx as nginx_module
import pytest
import world as world_module


def with_api(world, more='', ca=None, pem=None, tweak=None):
    cloud = world.cloud(pem or world.pki.server('good'), tls_tweak=tweak)
    return cloud, world.config(upstreams=[world.upstream(
        to=cloud.address, more=more, ca=ca)])


def check(world, config):
    world.write('checked.conf', config)
    return world.run('check', '-c', world.path('checked.conf'))


def both_refuse(world, config, text):
    """The line of `run` is one of `check`, but for the file's name."""
    line = world.refuses(config, text).wait_line(text, 1)
    done = check(world, config)
    assert done.returncode == 1
    assert line.replace('sallyport.conf', 'checked.conf') in \
        done.stderr.splitlines()
    assert line.startswith(world.path('sallyport.conf') + ':')


def is_refused(world, text, lines=1):
    response = world.ask()
    assert response.fields.one('x-cloud-error-codes') == \
        'sallyport.upstream_tls'
    assert text in world.access(lines)[-1]['message']


# Revocation.

def test_a_revoked_certificate_is_refused_and_others_serve(bare):
    bare.seal('keys.age', 'team-a')
    spare = bare.pki.server('spare')
    crl = bare.pki.crl('list', bare.pki.server('good'))
    cloud, config = with_api(bare, 'crl_file = "%s";' % crl, pem=spare)
    bare.start(config)
    for _ in range(2):
        assert bare.ask().status == 200
        cloud.close_idle()
        assert cloud.wait(lambda c: c.connections[-1].closed.is_set())
    assert [c.resumed for c in cloud.connections] == [False, False]
    bare.stop()
    cloud, config = with_api(bare, 'crl_file = "%s";' % crl)
    bare.start(config)
    is_refused(bare, 'certificate revoked', 3)
    assert not cloud.requests


def test_a_list_that_is_too_old_refuses_and_is_told_of(bare):
    bare.seal('keys.age', 'team-a')
    crl = bare.pki.crl('old', days=('-9', '-2'))
    _, config = with_api(bare, 'crl_file = "%s";' % crl)
    bare.start(config).wait_line(
        r'^%s:\d+: warning: option .crl_file.: %s: its nextUpdate was '
        r'\d{4}-\d\d-\d\dT' % (bare.path('sallyport.conf'), crl))
    is_refused(bare, 'CRL has expired: crl_file needs a newer list')


def test_check_names_the_next_update(bare):
    bare.seal('keys.age', 'team-a')
    _, config = with_api(bare, 'crl_file = "%s";' % bare.pki.crl('list'))
    done = check(bare, config)
    assert done.returncode == 0 and 'crl_file' not in done.stderr
    assert "option 'crl_file': %s: its nextUpdate is 20" \
        % bare.pki.crl('list') in done.stdout
    _, config = with_api(bare, 'crl_file = "%s";'
                         % bare.pki.crl('soon', days=('-8', '+2')))
    done = check(bare, config)
    assert done.returncode == 0
    assert 'warning: ' in done.stderr and 'its nextUpdate is' in done.stderr


def test_a_list_in_ca_file_alone_is_refused(bare):
    bare.seal('keys.age', 'team-a')
    with open(bare.pki.ca) as ca, open(bare.pki.crl('list')) as crl:
        both = bare.write('both.pem', ca.read() + crl.read())
    _, config = with_api(bare, ca=both)
    both_refuse(bare, config, "which counts only where 'crl_file' of an upstream")
    _, config = with_api(bare, 'crl_file = "%s";' % both, ca=both)
    bare.start(config)
    assert bare.ask().status == 200


# Authorities.

def test_an_intermediate_or_a_leaf_as_authority_is_refused(bare):
    bare.seal('keys.age', 'team-a')
    for pem in bare.pki.intermediate('middle'), bare.pki.server('good'):
        with open(pem) as file:
            text = file.read()
        ca = bare.write('ca', text[:text.index('-----BEGIN PRIVATE')])
        _, config = with_api(bare, ca=ca)
        both_refuse(bare, config, 'on line 1 of it is not self-signed')


def test_a_broken_certificate_beside_a_good_one_is_refused(bare):
    bare.seal('keys.age', 'team-a')
    with open(bare.pki.ca) as file:
        ca = bare.write('ca', file.read() + '-----BEGIN CERTIFICATE-----\n'
                        'bm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n')
    _, config = with_api(bare, ca=ca)
    both_refuse(bare, config, r'the certificate on line \d+ of it is broken')


def test_a_system_without_authorities_is_a_fault_with_its_place(
        bare, monkeypatch):
    bare.seal('keys.age', 'team-a')
    monkeypatch.setenv('SSL_CERT_FILE', '/nonexistent')
    monkeypatch.setenv('SSL_CERT_DIR', '/nonexistent')
    cloud = bare.cloud()
    config = bare.config(upstreams=[
        '{ name = "elastic-cloud"; url = "https://api.elastic-cloud.com"; '
        'connect_to = "%s"; }' % cloud.address])
    both_refuse(bare, config, 'the system has no root certificates')


# Who we are.

def asks(world, version=ssl.TLSVersion.TLSv1_3):
    def tweak(context):
        context.maximum_version = version
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(world.pki.ca)
    return tweak


@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_an_upstream_that_asks_gets_our_certificate(bare, version):
    bare.seal('keys.age', 'team-a')
    pem = bare.pki.client('caller')
    _, config = with_api(bare, 'certificate = "%s"; certificate_key = "%s";'
                         % (pem, pem), tweak=asks(bare, version))
    bare.start(config)
    assert bare.ask().status == 200


def test_the_key_may_be_sealed(bare):
    bare.seal('keys.age', 'team-a')
    pem = bare.pki.client('caller')
    with open(pem) as file:
        key = bare.seal_text('caller.age', file.read())
    os.chmod(key, 0o644)
    _, config = with_api(bare, 'certificate = "%s"; certificate_key = "%s";'
                         % (pem, key), tweak=asks(bare))
    bare.start(config)
    assert bare.ask().status == 200


@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_the_alert_says_what_is_wrong_with_it(bare, version):
    bare.seal('keys.age', 'team-a')
    pem = bare.pki.client('late', expired=True)
    _, config = with_api(bare, 'certificate = "%s"; certificate_key = "%s";'
                         % (pem, pem), tweak=asks(bare, version))
    bare.start(config).wait_line("warning: option 'certificate': .* it "
                                 'expired at 2020-02-01T00:00:00Z')
    is_refused(bare, 'alert of the server: certificate expired')


def test_a_key_that_others_may_read_is_refused(bare):
    bare.seal('keys.age', 'team-a')
    pem = bare.pki.client('caller')
    with open(pem) as file:
        key = bare.write('key', file.read())
    bare.plain_files.add(key)
    os.chmod(key, 0o644)
    _, config = with_api(bare, 'certificate = "%s"; certificate_key = "%s";'
                         % (pem, key))
    both_refuse(bare, config, 'group or others may use it')


@pytest.mark.skipif(not nginx_module.present(),
                    reason='nginx is not installed')
@pytest.mark.parametrize('revoked', [False, True])
def test_nginx_knows_our_certificate_and_whether_it_is_revoked(bare, revoked):
    bare.seal('keys.age', 'team-a')
    pem = bare.pki.client('caller')
    crl = bare.pki.crl('callers', *[pem] * revoked)
    api = nginx_module.Nginx(bare, 'ssl_verify_client on; '
                             'ssl_client_certificate %s; ssl_crl %s;'
                             % (bare.pki.ca, crl))
    try:
        bare.start(bare.config(upstreams=[bare.upstream(
            to=api.address, more='certificate = "%s"; certificate_key = "%s";'
            % (pem, pem))]))
        # nginx lets the handshake end and answers by itself.
        assert bare.ask(target='/small').status == (400 if revoked else 200)
    finally:
        api.stop()


def test_nothing_of_the_key_stays_in_the_files_of_the_daemon(bare):
    bare.seal('keys.age', 'team-a')
    pem = bare.pki.client('caller')
    with open(pem) as file:
        lines = file.read().splitlines()
    bare.secrets.add(lines[lines.index('-----BEGIN PRIVATE KEY-----') + 1])
    _, config = with_api(bare, 'certificate = "%s"; certificate_key = "%s";'
                         % (pem, pem), tweak=asks(bare))
    bare.start(config)
    assert bare.ask().status == 200
    assert world_module.TROUBLE.search(bare.processes[0].stderr) is None

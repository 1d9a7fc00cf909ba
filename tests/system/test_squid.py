"""squid plays the corporate proxy: an independent one, with authentication."""

import base64

import pytest
import squid as squid_module
from proxy import new_password
from waiting import wait_until
from world import key_text, quote

pytestmark = pytest.mark.skipif(not squid_module.present(),
                                reason='squid is not installed')


@pytest.fixture(params=['http', 'https'])
def behind(bare, request):
    """A world behind it, whose requests need the password."""
    bare.pair = new_password()
    encoded = base64.b64encode(bare.pair.encode()).decode()
    bare.secrets |= {bare.pair.partition(':')[2], encoded}
    bare.new_key('team-a')
    bare.cloud()
    bare.squid = squid_module.Squid(
        bare, bare.pair, bare.pki.server('squid', ('127.0.0.1',))
        if request.param == 'https' else None)
    yield bare
    bare.squid.stop()


def start(world, pair):
    """Over TLS the key need not say that it may go in the clear."""
    tls = world.squid.url.startswith('https')
    corp = key_text('corp', pair, ('127.0.0.1',), scheme='Basic')
    if not tls:
        corp = corp.replace('{ ', '{ plain = true; ', 1)
    world.seal_text('keys.age', 'keys = (\n%s,\n%s\n);\n' % (
        key_text('team-a', world.keys['team-a']), corp))
    world.start(world.config(upstreams=[world.upstream(
        more='proxy = %s; proxy_key = "corp"; %s' % (
            quote(world.squid.url), 'proxy_ca_file = %s;' %
            quote(world.pki.ca) if tls else ''))]))


def test_the_main_job_is_done_through_squid_which_logs_no_key(behind):
    start(behind, behind.pair)
    data = bytes(range(256)) * 1024
    for _ in range(3):
        assert behind.echo('POST', '/test/echo', body=data)['bytes'] == \
            len(data)
    assert behind.ask(target='/api/v1/deployments').status == 200
    assert {r.key for r in behind.clouds[0].requests} == {'team-a'}
    assert behind.access(4)[3]['sallyport']['reused'] is True
    behind.stop()
    # It logs a tunnel when that ends; check_files() looks for keys there.
    log = wait_until(lambda: 'CONNECT' in behind.squid.log() and
                     behind.squid.log(), 'a line of squid')
    for line in log.splitlines():
        if 'transaction-end-before-headers' in line:
            continue            # when the test looked whether it listens
        assert 'CONNECT ' + behind.clouds[0].address in line
        assert 'TCP_TUNNEL/200' in line and ' sallyport ' in line
    assert '/test/echo' not in log


def test_a_wrong_password_is_refused_by_squid_and_told(behind):
    wrong = new_password()
    behind.secrets.add(wrong.partition(':')[2])
    start(behind, wrong)
    response = behind.ask()
    assert response.status == 502
    assert response.fields.one('x-cloud-error-codes') == \
        'sallyport.upstream_unreachable'
    assert not behind.clouds[0].requests
    wait_until(lambda: 'the proxy answered 407 Proxy Authentication Required'
               in behind.processes[0].stderr, 'the reason')
    wait_until(lambda: 'CONNECT' in behind.squid.log(), 'a line of squid')


def test_an_upstream_that_squid_cannot_reach_is_told(behind):
    behind.clouds[0].stop()
    start(behind, behind.pair)
    response = behind.ask()
    assert response.status == 502
    wait_until(lambda: 'the proxy answered 503 Service Unavailable' in
               behind.processes[0].stderr, 'the reason')

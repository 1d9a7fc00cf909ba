"""Names of upstreams: whom is asked for them, how often, and for which."""

import time

import pytest
import world as world_module
from name_server import NameServer

pytestmark = pytest.mark.skipif(not world_module.may_mount(),
                                reason='needs a mount of its own')


def start(world, resolv_conf):
    """With an upstream that has a name; the file that is resolv.conf."""
    file = world.write('resolv.conf', resolv_conf)
    port = world.clouds[0].address.rsplit(':', 1)[1]
    world.start(
        world.config(upstreams=[world.upstream(to='api.test:' + port)]),
        wrap=['unshare', '-m', 'sh', '-c',
              'mount --bind "$0" /etc/resolv.conf && exec "$@"', file])
    return file


def test_a_name_server_that_is_told_of_later_is_asked(world):
    """As when it starts before the network is there."""
    file = start(world, '# none yet\n')
    assert world.ask().status == 502
    with open(file, 'w') as f:
        f.write(NameServer().file())
    assert world.ask().status == 200


@pytest.mark.parametrize('answer, status', [('127.0.0.1', 200), (None, 502)])
def test_no_name_of_the_search_list_is_asked_for(world, answer, status):
    """As in Kubernetes, where ndots is 5."""
    server = NameServer(answer)
    start(world, server.file('search evil.example svc.cluster.local\n'
                             'options ndots:5\n'))
    assert world.ask().status == status
    assert set(server.asked) == {'api.test'}


def test_an_address_that_leads_nowhere_is_not_kept_for_its_ttl(world):
    server = NameServer('127.0.0.9')
    start(world, server.file())
    for _ in range(20):
        assert world.ask(method='POST', body=b'x').status == 502
    # Once, and once more out of doubt, each for two families.
    assert len(server.asked) <= 4
    server.answer = '127.0.0.1'
    world_module.wait_until(lambda: world.ask().status == 200,
                            'the new address to be found')


def test_a_burst_of_requests_is_no_burst_of_queries(world):
    server = NameServer(None)
    start(world, server.file())
    begin = time.monotonic()
    for _ in range(50):
        assert world.ask().status == 502
    assert len(server.asked) <= 2 * (1 + (time.monotonic() - begin) // 2)


def test_a_name_server_that_is_silent_about_ipv6_costs_little(world):
    server = NameServer()
    server.silent_v6 = True
    start(world, server.file())
    begin = time.monotonic()
    assert world.ask().status == 200
    assert time.monotonic() - begin < 1

"""Workers that are late to hear what changed, being busy or stopped: from when
it is told that a configuration or renewed files serve, they let nobody in by
what was there before, and lose nobody."""

import signal
import ssl

import http1
import pytest
from steered import Steered, needs_steered
from test_proxied import GET, config as proxied_config, header
from test_tls_watch import connect, lets_in, listener, pairs, put, told, \
    two_workers
from waiting import wait_until

__all__ = ['pairs']     # a fixture
pytestmark = needs_steered
MANY = 16
REFUSED = (ConnectionError, ssl.SSLError, http1.Closed)


def in_vain(connection):
    """A request is refused, before or after its connection was let in."""
    try:
        with connection() as raw:
            assert raw.ask().status == 421
    except REFUSED:
        pass


class Late:
    """A daemon of two workers that are to be late."""

    def __init__(self, world):
        self.world = world
        self.steered = Steered(world)
        self.process = None
        self.workers = ()

    def start(self, config):
        self.process = self.world.start(
            config, env={'STEERED_DEAF': self.steered.deaf})
        self.workers = two_workers(self.process)

    def reload(self):
        """The workers do not notice."""
        self.steered.set_deaf(*self.workers)
        self.process.signal(signal.SIGHUP)
        wait_until(lambda: told(self.process, 'was reloaded'), 'the reload')

    def hear(self):
        """They do, and end when nobody is left."""
        self.steered.set_deaf()
        wait_until(lambda: not set(self.workers) & set(self.process.workers),
                   'the end of the workers')


@pytest.fixture
def late(world):
    late = Late(world)
    yield late
    late.steered.close()


class Member:
    """A client with a certificate, of a listener with a list of those that are
    revoked."""

    def __init__(self, late, pairs, watch):
        self.late, self.world = late, late.world
        self.pem = self.world.pki.client('member')
        self.crl = self.world.path('clients.crl')
        self.mine = ssl.create_default_context(cafile=self.world.pki.ca)
        self.mine.load_cert_chain(self.pem)
        put(self.world.pki.crl('none'), self.crl)
        late.start(self.config(pairs, 'watch = %s;' % watch))

    def config(self, pairs, tls='', more=''):
        text = listener(pairs, 'client_ca = "%s"; client_crl = "%s"; %s' %
                        (self.world.pki.ca, self.crl, tls))
        return self.world.config(workers=2, listeners=[
            text.replace('{', '{ ' + more, 1)])

    def is_revoked(self):
        put(self.world.pki.crl('one', self.pem), self.crl)

    def comes(self):
        return connect(self.world, self.mine)

    def connections(self, n=4):
        """So that each worker has some, which were served."""
        made = [self.comes() for _ in range(n)]
        for raw in made:
            assert raw.ask().status == 200
        return made



def test_who_is_revoked_by_a_reload_is_not_served(late, pairs):
    member = Member(late, pairs, 'false')
    had = member.connections()
    served = len(late.world.access(len(had)))
    member.is_revoked()
    late.reload()
    for _ in range(MANY):
        in_vain(member.comes)
    for raw in had:
        in_vain(lambda raw=raw: raw)
    late.hear()
    codes = [x['http']['response']['status_code']
             for x in late.world.access()[served:]]
    assert 200 not in codes


def test_who_is_revoked_by_a_renewal_is_not_served(late, pairs):
    member = Member(late, pairs, 'true')
    had = member.connections()
    late.steered.set_deaf(*late.workers)
    member.is_revoked()
    wait_until(lambda: told(late.process, 'were renewed'), 'the renewal')
    for _ in range(MANY):
        in_vain(member.comes)
    for raw in had:
        in_vain(lambda raw=raw: raw)
    late.steered.set_deaf()
    put(member.world.pki.crl('none'), member.crl)
    wait_until(lambda: lets_in(late.world, member.mine), 'the other list')


def test_who_is_no_longer_listed_is_not_served(late, pairs):
    member = Member(late, pairs, 'false')
    world = late.world
    world.write('sallyport.conf', member.config(
        pairs, more='certificate = [ "dns:elsewhere.example" ]; '))
    had = member.connections()
    late.reload()
    for raw in had:
        in_vain(lambda raw=raw: raw)
    for _ in range(MANY):
        in_vain(member.comes)
    late.hear()


def test_who_has_no_certificate_comes_no_more_where_one_is_required(
        late, pairs):
    ca = late.world.pki.ca
    tls = 'client_ca = "%s"; required = %s;'

    def config(required):
        return late.world.config(workers=2, listeners=[
            listener(pairs, tls % (ca, required))])

    late.start(config('false'))
    had = [connect(late.world) for _ in range(4)]
    for raw in had:
        assert raw.ask().status == 200
    late.world.write('sallyport.conf', config('true'))
    late.reload()
    for raw in had:
        in_vain(lambda raw=raw: raw)
    for _ in range(MANY):
        in_vain(lambda: connect(late.world))
    late.hear()


def test_a_proxy_that_is_no_longer_one_speaks_for_nobody(late):
    world = late.world
    late.start(proxied_config(world, workers=2))
    world.write('sallyport.conf',
                proxied_config(world, '"198.51.100.1"', workers=2))
    late.reload()
    for _ in range(MANY):
        with world.raw() as raw:
            raw.send(header() + GET)
            with pytest.raises(REFUSED):
                raw.response()
    late.hear()
    assert world.access(0) == []


def test_an_ordinary_reload_loses_nobody(late):
    """Those who are let in by others meanwhile, and who were in before."""
    world = late.world
    late.start(world.config(workers=2))
    had = [world.raw() for _ in range(4)]
    for raw in had:
        assert raw.ask().status == 200
    late.reload()
    for _ in range(MANY):
        assert world.ask().status == 200
    for raw in had:
        with raw:
            assert raw.ask().status == 200
    late.hear()

"""How long a client's connection lasts: no longer than what its certificate
was verified by.
"""

import ssl

import client_certificates as cases
import der
import pytest
import tls_client
from world import Raw, quote

DAY = 24 * 3600
SOON = 50           # in the last minute a response is the last one


@pytest.fixture
def way():
    return 'tls'


class Clients:
    """Of one authority below a root; what was not said is good for a day."""

    def __init__(self, world, folder, what=None, seconds=SOON):
        def end_of(name):
            return seconds if name == what else DAY
        self.world = world
        a = cases.Authorities(str(folder))
        root = der.certificate(
            b'a root', a.root_key,
            (der.basic(True), der.usage('keyCertSign', 'cRLSign'),
             der.key_id(a.root_key)), ends=end_of('root'))
        middle = a.under(root, b'below', ends=end_of('authority'))
        self.pem = cases.file_of(a, a.through(middle,
                                              ends=end_of('certificate')))
        ca = world.write('ca.pem', root.text)
        crl = world.write(
            'crl.pem', der.revocations(root, ends=end_of('list of the root')) +
            der.revocations(middle, ends=end_of('list below')))
        more = 'client_ca = %s; ' % quote(ca)
        if what and what.startswith('list'):
            more += 'client_crl = %s; ' % quote(crl)
        world.start(world.config(listeners=[world.listener().replace(
            'tls = {', 'tls = { ' + more)]))

    def connect(self, version=ssl.TLSVersion.TLSv1_3, session=None):
        made = session and session.context or \
            tls_client.context(self.world.pki.ca, self.pem)
        made.minimum_version = made.maximum_version = version
        return Raw(made.wrap_socket(self.world.socket(),
                                    server_hostname='localhost'))


WHAT = ['certificate', 'authority', 'root', 'list of the root', 'list below']


@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3],
                         ids=['1.2', '1.3'])
@pytest.mark.parametrize('what', WHAT)
def test_a_response_before_that_ends_is_the_last_one(world, tmp_path, what,
                                                     version):
    clients = Clients(world, tmp_path, what)
    with clients.connect(version) as raw:
        response = raw.ask()
        assert response.status == 200
        assert response.fields.all('connection') == ['close']
        assert raw.at_end()


@pytest.mark.parametrize('what', [None, 'list'])
def test_a_connection_goes_on_while_all_of_it_is_good(world, tmp_path, what):
    clients = Clients(world, tmp_path, what)
    with clients.connect() as raw:
        for _ in range(3):
            response = raw.ask()
            assert response.status == 200
            assert response.fields.all('connection') == []


@pytest.mark.slow
@pytest.mark.parametrize('what', ['authority', 'list below'])
def test_who_asks_for_nothing_is_let_go_when_that_ends(world, tmp_path, what):
    clients = Clients(world, tmp_path, what, seconds=15)
    with clients.connect() as raw:
        assert raw.at_end()
    with pytest.raises(ssl.SSLError), clients.connect() as raw:
        raw.ask()

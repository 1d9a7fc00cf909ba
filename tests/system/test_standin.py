"""The stand-in API is what the other tests take it for."""

import json
import ssl
import socket

import bodies
import cloud as cloud_module
import elastic
import http1
import pki as pki_module
import pytest
from waiting import LIMIT


@pytest.fixture
def api(pki):
    with cloud_module.Cloud(pki.server('good'),
                            {'team-a': elastic.new_key()}) as cloud:
        yield cloud


@pytest.fixture
def ask(api, pki):
    value = elastic.new_key()
    api.add_key('team-b', value)
    context = ssl.create_default_context(cafile=pki.ca)

    def ask(target, fields=('Authorization: ApiKey ' + value,)):
        sock = socket.create_connection(('127.0.0.1', api.port), LIMIT)
        with context.wrap_socket(sock,
                                 server_hostname=pki_module.HOST) as tls:
            wire = http1.Wire(tls)
            head = ['GET %s HTTP/1.1' % target, 'Host: x', *fields]
            wire.send(('\r\n'.join(head) + '\r\n\r\n').encode())
            return http1.Response.read(wire)
    return ask


def test_a_right_key_gets_the_list_of_its_team(ask, api):
    response = ask('/api/v1/deployments')
    assert response.status == 200
    assert 20000 < len(response.data) < 75000
    assert json.loads(response.data)['deployments']
    assert response.fields.one('x-ratelimit-remaining')
    assert api.requests[0].key == 'team-b'


def test_a_wrong_key_gets_401_in_the_shape_of_elastic(ask):
    response = ask('/api/v1/deployments', ['Authorization: ApiKey no'])
    assert response.status == 401
    assert response.fields.one('x-cloud-error-codes') == \
        'root.unauthenticated'
    assert json.loads(response.data)['errors'][0]['code'] == \
        'root.unauthenticated'


def test_generated_bodies_are_what_their_digest_says(ask):
    response = ask('/test/bytes?n=300001&seed=7&chunked=1')
    assert response.data == bodies.data(300001, '7')

"""TLS towards the API: whatever is wrong, the key never leaves."""

import os
import socket
import ssl
import threading
import time
import warnings

import cloud as cloud_module
import http1
import pytest
import world as world_module


def refused(world, code='upstream_tls', status=502):
    response = world.ask()
    assert response.status == status, response.data
    assert response.fields.one('x-cloud-error-codes') == 'sallyport.' + code
    line = world.access(1)[0]
    assert line['sallyport']['fault'] == code
    for cloud in world.clouds:
        assert not cloud.requests
    return response


def with_api(world, pem, tls_tweak=None, more='', ca=None):
    cloud = world.cloud(pem, tls_tweak=tls_tweak)
    world.start(world.config(upstreams=[world.upstream(
        to=cloud.address, more=more, ca=ca)]))
    return cloud


def test_a_certificate_for_another_name_is_refused(world):
    with_api(world, world.pki.server('other', ('api.example.com',)))
    refused(world)


def test_a_certificate_for_the_address_only_is_refused(world):
    with_api(world, world.pki.server('address', ('127.0.0.1',)))
    refused(world)


def test_an_expired_certificate_is_refused(world):
    with_api(world, world.pki.server('expired', expired=True))
    refused(world)
    world_module.wait_until(
        lambda: 'certificate has expired' in world.processes[0].stderr,
        'the reason')


def test_an_unknown_authority_is_refused(world, stranger):
    with_api(world, stranger.server('unknown'))
    refused(world)


def test_the_systems_authorities_do_not_know_ours(world):
    cloud = world.cloud()
    text = world.upstream(to=cloud.address)
    text = text.replace('ca_file', '# ca_file', 1)
    before, _, after = text.partition('# ca_file')
    world.start(world.config(upstreams=[
        before + after.partition(';')[2]]))
    refused(world)


def old(version):
    def tweak(context):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
        context.set_ciphers('ALL:@SECLEVEL=0')
    return tweak


def test_tls_1_1_is_refused(world):
    with_api(world, world.pki.server('good'), old(ssl.TLSVersion.TLSv1_1))
    refused(world)


def test_min_tls_1_3_refuses_1_2(world):
    with_api(world, world.pki.server('good'), old(ssl.TLSVersion.TLSv1_2),
             more='min_tls = "1.3";')
    refused(world)


@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_serve(world, version):
    def tweak(context):
        context.maximum_version = version
    cloud = with_api(world, world.pki.server('good'), tweak)
    assert world.ask().status == 200
    assert cloud.connections[0].tls == version.name.replace('_', '.')


def test_a_pin_that_matches_serves(world):
    pem = world.pki.server('good')
    with_api(world, pem, more='pins = [ "%s" ];' % world.pki.pin(pem))
    assert world.ask().status == 200


def test_one_of_several_pins_suffices(world):
    pem = world.pki.server('good')
    with_api(world, pem, more='pins = [ "sha256//%s=", "%s" ];'
             % ('A' * 43, world.pki.pin(pem)))
    assert world.ask().status == 200


def test_a_pin_that_does_not_match_is_refused(world):
    with_api(world, world.pki.server('good'), more='pins = [ "%s" ];'
             % world.pki.pin(world.pki.server('another')))
    refused(world)


def test_the_name_of_the_configuration_is_asked_for_by_sni(world):
    asked = []

    def tweak(context):
        context.sni_callback = lambda sock, name, ctx: asked.append(name)
    with_api(world, world.pki.server('good'), tweak)
    assert world.ask(host='localhost').status == 200
    assert asked == ['api.elastic-cloud.com']


def test_an_api_that_does_not_speak_tls_is_refused(world):
    cloud = cloud_module.Cloud(None, world.keys)
    world.clouds.append(cloud)
    world.start(world.config(upstreams=[world.upstream(to=cloud.address)]))
    refused(world)


def test_a_refused_connection_is_502_unreachable(world):
    with socket.socket() as sock:       # bound, not listening
        sock.bind(('127.0.0.1', 0))
        world.start(world.config(upstreams=[world.upstream(
            to='127.0.0.1:%d' % sock.getsockname()[1])]))
        refused(world, 'upstream_unreachable')


def test_a_name_that_does_not_exist_is_502_unreachable(world):
    world.start(world.config(upstreams=[world.upstream(
        to='no-such-name.invalid:443',
        more='timeouts = { connect = "5s"; };')]))
    # Where the name servers do not answer either, it is not known.
    response = world.ask()
    assert response.fields.one('x-cloud-error-codes') in (
        'sallyport.upstream_unreachable', 'sallyport.upstream_timeout')
    world.access(1)


def test_localhost_is_a_name_that_is_looked_up(world):
    world.start(world.config(upstreams=[world.upstream(
        to='localhost:%d' % world.clouds[0].port)]))
    assert world.ask().status == 200


def test_a_handshake_that_stalls_is_504(world):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        world.start(world.config(upstreams=[world.upstream(
            to='127.0.0.1:%d' % silent.getsockname()[1],
            more='timeouts = { handshake = "400ms"; };')]))
        refused(world, 'upstream_timeout', 504)


def test_a_reset_in_the_handshake_is_502(world):
    with socket.create_server(('127.0.0.1', 0)) as rude:
        def serve():
            while True:
                try:
                    sock, _ = rude.accept()
                except OSError:
                    return
                sock.recv(1)
                http1.reset(sock)
        threading.Thread(target=serve, daemon=True).start()
        world.start(world.config(upstreams=[world.upstream(
            to='127.0.0.1:%d' % rude.getsockname()[1])]))
        response = world.ask()
        assert response.status == 502
        rude.shutdown(socket.SHUT_RDWR)
    assert world.access(1)[0]['sallyport']['fault'] in (
        'upstream_tls', 'upstream_unreachable')


def closing(call):
    call.close()
    call.answer(b'')


def test_sessions_are_resumed_for_the_same_key_only(bare):
    bare.seal('keys.age', 'team-a', 'team-b')
    cloud = bare.cloud()
    cloud.handlers['/last'] = closing
    bare.start(bare.config(routes=[
        '{ name = "b"; path = "/b"; strip = true; keys = [ "team-b" ]; }',
        '{ name = "a"; keys = [ "team-a" ]; }']))
    for target in ('/last', '/last', '/b/last', '/b/last', '/last'):
        assert bare.ask(target=target).status == 200
    assert [c.resumed for c in cloud.connections] == [
        False, True, False, True, True]


@pytest.mark.slow
@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_nothing_is_resumed_once_the_certificate_has_expired(world, version):
    def tweak(context):
        context.maximum_version = version
    cloud = with_api(world, world.pki.server('good'), tweak)
    cloud.handlers['/last'] = closing
    cloud.use(world.pki.server('short-' + version.name, lives=10))
    end = time.time() + 11
    for _ in range(3):
        assert world.ask(target='/last').status == 200
    world_module.wait_until(lambda: time.time() > end, 'the end')
    assert world.ask(target='/last').status == 502
    assert [c.resumed for c in cloud.connections[:3]] == [False, True, True]
    assert 'certificate has expired' in world.access(4)[3]['message']


@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_many_who_come_at_once_all_resume(world, version):
    n = 40
    meeting = threading.Barrier(n)

    def together(call):
        meeting.wait(world_module.LIMIT)
        closing(call)

    def tweak(context):
        context.maximum_version = version
    cloud = with_api(world, world.pki.server('good'), tweak)
    cloud.handlers['/together'] = together
    for _ in range(3):
        clients = [world.raw() for _ in range(n)]
        for client in clients:
            client.request(target='/together')
        for client in clients:
            assert client.response().status == 200
            client.close()
    # Who is slow resumes in the first round already, which brings one ticket
    # of TLS 1.3 where a whole handshake brings two.
    resumed = [c.resumed for c in cloud.connections]
    assert len(resumed) == 3 * n and resumed.count(False) <= n


# With TLS 1.3 it is told after the handshake, as far as the client can see.
@pytest.mark.parametrize('version,alert', [
    (ssl.TLSVersion.TLSv1_2, 'handshake failure'),
    (ssl.TLSVersion.TLSv1_3, 'certificate required')])
def test_a_server_that_wants_a_certificate_is_named(world, version, alert):
    def tweak(context):
        context.maximum_version = version
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(world.pki.ca)
    with_api(world, world.pki.server('good'), tweak)
    refused(world)
    assert 'alert of the server: ' + alert in world.access(1)[0]['message']


def test_a_broken_record_within_a_response_is_a_fault_of_tls(world):
    def break_off(call):
        call.head(fields=[('Content-Length', '10')])
        call.raw(b'12345')
        os.write(call.wire.sock.fileno(), b'HTTP/1.1 200 OK\r\n\r\n')
        call.wait_gone()
        call.close()
    world.clouds[0].handlers['/broken'] = break_off
    world.start()
    with world.raw() as client:
        client.request(target='/broken')
        with pytest.raises((http1.Truncated, OSError)):
            client.response()
    line = world.access(1)[0]
    assert line['sallyport']['fault'] == 'upstream_tls'
    assert 'a broken record' in line['message']

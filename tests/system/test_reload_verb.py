"""The verb reload: the daemon's result, or why it could not be asked."""

import re

import standin_admin
from standin_admin import StandIn, error, response

import pytest


@pytest.fixture
def daemon(bare):
    with StandIn(bare.path('admin.sock')) as made:
        bare.write('c', 'admin = { address = "%s"; };\n' % made.address)
        made.answer = response({'result': 'success'})
        yield made


def test_success_is_said_and_the_request_is_a_post_without_a_body(bare,
                                                                  daemon):
    done = bare.run('reload', '-c', 'c')
    assert (done.returncode, done.stdout, done.stderr) == \
        (0, 'c was reloaded\n', '')
    request, = daemon.requests
    assert request.startswith('POST /reload HTTP/1.1\r\n')
    assert '\r\nContent-Length: 0\r\n' in request


@pytest.mark.parametrize('end', ['', '\n'])
def test_a_refusal_is_printed_as_it_came_and_the_daemon_goes_on(bare, daemon,
                                                               end):
    daemon.answer = error('/a:1: one\n/b:2: two' + end, 422)
    done = bare.run('reload', '-c', 'c')
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr == (
        '/a:1: one\n/b:2: two\nsallyport: the configuration was refused; the '
        'daemon goes on with the one it has\n')


def test_an_answer_that_never_came_is_no_refusal(bare, daemon):
    daemon.answer = b''
    done = bare.run('reload', '-c', 'c')
    assert done.returncode == 1
    assert re.fullmatch('sallyport: .*ended the connection before its answer '
                        'was complete\n', done.stderr)


def test_over_tcp_nothing_is_reloaded(bare):
    with standin_admin.StandIn() as tcp:
        bare.write('c', 'admin = { address = "%s"; };\n' % tcp.address)
        done = bare.run('reload', '-c', 'c')
        assert done.returncode == 1 and not tcp.requests
        assert 'a reload needs a Unix socket' in done.stderr
        assert 'SIGHUP' in done.stderr


def test_without_a_daemon_it_says_how_to_start_one(bare):
    bare.write('c', 'admin = { address = "unix:%s"; };\n' % bare.path('gone'))
    done = bare.run('reload', '-c', 'c')
    assert done.returncode == 1
    assert "no sallyport runs c: start it with 'sallyport run -c c'" in \
        done.stderr

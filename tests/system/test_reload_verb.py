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
    daemon.answer = error('/a:1: one\n/b:2: two' + end, 500,
                          'sallyport.reload_refused')
    done = bare.run('reload', '-c', 'c')
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr == (
        '/a:1: one\n/b:2: two\nsallyport: the configuration was refused; the '
        'daemon goes on with the one it has\n')


def test_warnings_are_printed_and_do_no_harm(bare, daemon):
    daemon.answer = response({'result': 'success',
                              'warnings': '/a:1: warning: one\n'})
    done = bare.run('reload', '-c', 'c')
    assert (done.returncode, done.stdout, done.stderr) == \
        (0, 'c was reloaded\n', '/a:1: warning: one\n')


def test_who_is_told_to_come_again_was_not_refused_a_configuration(bare,
                                                                   daemon):
    daemon.answer = error('the daemon stops', 503, 'sallyport.overloaded')
    done = bare.run('reload', '-c', 'c')
    assert (done.returncode, done.stderr) == \
        (1, 'sallyport: the daemon stops\n')


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
    assert 'no sallyport runs c: ' in done.stderr
    assert done.stderr.endswith(': sallyport run -c %s\n' % bare.path('c'))


# The real daemon.

def admin(world):
    return 'admin = { address = "unix:%s"; };' % world.path('a')


def reload(world, status=0):
    done = world.run('reload', '-c', 'c')
    assert done.returncode == status, done.stderr
    return done


def status(world):
    done = world.run('status', '-c', 'c')
    return done.returncode, done.stdout


def test_a_daemon_of_ours_takes_what_is_right_and_refuses_what_is_not(world):
    config = world.config(more=admin(world))
    world.start(config, file='c')
    world.write('c', config.replace('name = "all"', 'name = "other"'))
    assert reload(world).stdout == 'c was reloaded\n'
    code, text = status(world)
    assert code == 0 and re.search('^Reload: done \\d+ s ago$', text, re.M)
    assert re.search('^  other ', text, re.M)
    world.write('c', config.replace('name = "all"', 'name = 7'))
    done = reload(world, status=1)
    line = 1 + config[:config.index('name = "all"')].count('\n')
    assert re.match(r'%s:%d: .*name' % (re.escape(world.path('c')), line),
                    done.stderr)
    assert 'the daemon goes on with the one it has' in done.stderr
    assert world.ask().status == 200
    code, text = status(world)
    assert code == 3 and re.search('^  other ', text, re.M)
    assert re.search(r'^Reload: refused \d+ s ago; .*\n  .*:%d: .*name' % line,
                     text, re.M)
    world.write('c', config)
    reload(world)
    assert status(world)[0] == 0


@pytest.mark.parametrize('asked', [True, False])
def test_check_says_how_a_daemon_takes_what_was_checked(world, asked):
    # A port of its own would be another one for check.
    config = world.config(more=admin(world) if asked else '', listeners=[
        '{ name = "u"; address = "unix:%s"; }' % world.path('s')])
    process = world.start(config, file='c')
    said = world.run('check', '-c', 'c').stdout
    assert 'process %d runs it now\n' % process.child.pid in said
    assert ('to have it go by what is written here: sallyport reload -c %s\n'
            % world.path('c') in said) == asked

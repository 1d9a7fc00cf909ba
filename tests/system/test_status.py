"""The verb status: what the daemon answers, for people and for programs, and
why it could not be asked."""

import datetime
import json
import os
import re
import shlex
import signal
import socket
import subprocess

import pytest
import standin_admin
import world as world_module
from standin_admin import document, error, response
from terminal import at_terminal
from waiting import wait_until

TROUBLE = [{'what': 'key team-a expires in 3 days',
            'command': 'sallyport key add team-a --to keys.age'},
           {'what': 'the log lost lines', 'command': None}]


def configure(world, *addresses, more=''):
    groups = ', '.join('{ address = "%s"; %s }' % (a, more)
                       for a in addresses)
    return world.write('c', 'admin = ( %s );\n' % groups if addresses
                       else 'workers = 1;\n')


@pytest.fixture
def daemon(bare):
    with standin_admin.StandIn(bare.path('admin.sock')) as made:
        configure(bare, made.address)
        yield made


def ask(world, *options, status=0, **more):
    done = world.run('status', '-c', 'c', *options, **more)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


def test_people_are_shown_everything_plainly(bare, daemon):
    done = ask(bare)
    assert not done.stderr
    assert re.search(r'^sallyport 0\.1\.0 serves: process 4711, started \d+ '
                     r'days ago, generation 3 of\n'
                     r'/etc/sallyport/sallyport\.conf\n'
                     r'Nothing needs attention\.\n', done.stdout)
    for line in (r'local +127\.0\.0\.1:9080 +12',
                 r'team-a +elastic-cloud +4711 +team-a +team-a, team-b',
                 r'elastic-cloud +https://api\.elastic-cloud\.com +2 +5',
                 r'team-a +active +(\d+ \w+|over) +2027-02-23 +\d+ \S+ ago +'
                 r'4711 +team-a',
                 r'team-b +standby +- +- +- +0 +team-a',
                 r'team-a was refused \d+ \S+ ago: the key was revoked',
                 r'4712 +3 +\d+ \S+ +serving',
                 r'Reload: none since the start',
                 r'Sandbox: required; system calls are filtered; by Landlock '
                 r'\(version 4\) no file can be opened',
                 r'Log lines lost: 0'):
        assert re.search('^ *%s$' % line, done.stdout, re.M), (line,
                                                               done.stdout)
    assert '\x1b' not in done.stdout
    assert all(x == x.rstrip() for x in done.stdout.split('\n'))
    request, = daemon.requests
    assert request.startswith('GET /status HTTP/1.1\r\nHost: localhost\r\n')


def test_what_needs_attention_comes_first_with_the_command_and_status_3(
        bare, daemon):
    daemon.answer = response(document(attention=TROUBLE))
    text = ask(bare, status=3).stdout
    assert ('\nNeeds attention\n  key team-a expires in 3 days\n'
            '    $ sallyport key add team-a --to keys.age\n'
            '  the log lost lines\n\nListeners\n') in text


def test_each_command_is_shown_and_when_it_is_to_be_typed(bare, daemon):
    daemon.answer = response(document(attention=[
        {'key': 'a', 'what': 'key a expires in 3 days', 'command': 'add a-2',
         'then': ['reload', 'promote a-2', 'disable a'], 'next': 'a-2'},
        {'key': 'b', 'what': 'key b has expired', 'command': 'add b-2',
         'then': ['reload'], 'next': 'b-2'},
        {'key': 'c', 'what': 'key c was rejected', 'command': 'reload',
         'then': ['remove c'], 'next': None}]))
    text = ask(bare, status=3).stdout
    assert ('\nNeeds attention\n'
            '  key a expires in 3 days\n'
            '    $ add a-2\n'
            '    Then, when a-2 is listed:\n'
            '    $ reload\n'
            '    $ promote a-2\n'
            '    Then, when a is safe to revoke, as told of keys:\n'
            '    $ disable a\n'
            '  key b has expired\n'
            '    $ add b-2\n'
            '    Then, when b-2 is listed:\n'
            '    $ reload\n'
            '  key c was rejected\n'
            '    $ reload\n'
            '    $ remove c\n'
            '\nListeners\n') in text


def test_a_reload_that_was_refused_is_shown_with_its_reasons(bare, daemon):
    daemon.answer = response(document(reload={
        'last': '2026-11-02T00:00:00Z', 'result': 'failure',
        'reason': '/a:1: one\n/a:2: two\n',
        'last_success': '2026-11-01T00:00:00Z'}))
    assert re.search(r'^Reload: refused \d+ days ago; the configuration of '
                     r'\d+ days ago serves on\n  /a:1: one\n  /a:2: two\n',
                     ask(bare).stdout, re.M)


@pytest.mark.parametrize('attention', [[], TROUBLE])
def test_programs_get_the_document_as_it_came(bare, daemon, attention):
    body = b' ' + json.dumps(document(attention=attention)).encode() + b' \n'
    daemon.answer = response(body)
    done = ask(bare, '--json', status=3 if attention else 0)
    assert done.stdout == body.decode() and not done.stderr


def test_a_terminal_of_80_columns_has_room_for_it(bare, daemon):
    long = 'a-rather-long-name-of-a-'
    daemon.answer = response(document(
        attention=TROUBLE + [{'what': 'word ' * 40, 'command': None}],
        keys=[{'name': long + 'key', 'expires': '2027-02-23T00:00:00Z',
               'days_left': 83, 'last_used': '2026-11-30T00:00:00Z',
               'requests': 10 ** 12, 'routes': [long + 'route'] * 3}],
        routes=[{'name': long + 'route', 'upstream': long + 'upstream',
                 'requests': 10 ** 12, 'usable': False,
                 'keys': [long + 'key'] * 5}]))
    with at_terminal(bare, 'status', '-c', 'c') as t:
        assert t.wait() == 3
        shown = t.text.split('\n')
    assert max(map(len, shown)) <= 80
    assert '\x1b' not in t.text
    assert any(line.startswith('  a-rather') and '...' in line
               for line in shown)
    # Where nobody counts columns, nothing is cut.
    assert (long + 'key, ') * 4 in ask(bare, status=3).stdout


@pytest.mark.parametrize('what', ['key x\x1b[2J\n\r\x07 expires',
                                  'a\x9b31mb\u0085c'])
def test_no_answer_can_write_controls_to_the_terminal(bare, daemon, what):
    daemon.answer = response(document(
        attention=[{'what': what, 'command': what}], version=what,
        routes=[{'name': what}]))
    text = ask(bare, status=3).stdout
    assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', text)
    daemon.answer = error(what)
    text = ask(bare, status=1).stderr
    assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', text)


def test_a_newer_or_older_daemon_is_shown_as_far_as_it_is_known(bare, daemon):
    daemon.answer = response({'listeners': {'a': 1}, 'keys': ['x', {}],
                              'routes': 'none', 'more': [[]]})
    text = ask(bare).stdout
    assert 'Listeners\n' in text and 'Keys\n' in text


# Why not.

def refused(world, pattern, *options):
    done = ask(world, *options, status=1)
    assert not done.stdout
    assert re.search(pattern, done.stderr, re.S), done.stderr


def test_without_the_option_it_says_what_to_add(bare):
    configure(bare)
    refused(bare, r"^sallyport: c: has no option 'admin'.*add\n  admin = \{ "
            r'address = "unix:')


def test_a_configuration_that_cannot_be_read_is_named(bare):
    done = bare.run('status', '-c', 'absent')
    assert done.returncode == 1
    assert re.search(r'absent:1: No such file.*not known where the daemon can '
                     r'be asked.*-c FILE', done.stderr, re.S)


def test_a_socket_that_is_not_there_means_that_it_is_not_running(bare):
    configure(bare, 'unix:' + bare.path('gone'))
    refused(bare, 'gone: there is no such socket: no sallyport runs c: .*: '
            'sallyport run -c %s\n' % re.escape(bare.path('c')))


def test_a_socket_that_was_left_over_means_so_too(bare):
    left = socket.socket(socket.AF_UNIX)
    left.bind(bare.path('left'))
    left.close()
    configure(bare, 'unix:' + bare.path('left'))
    refused(bare, 'left: nobody listens there: no sallyport runs c: ')


def test_a_daemon_that_runs_without_the_option_is_told_apart(world):
    process = world.start(file='c')
    with open(world.path('c'), 'a') as file:
        file.write('admin = { address = "unix:%s"; };\n' % world.path('gone'))
    refused(world, r'process %d runs c, but does not answer there: .*'
            r"'kill -HUP %d'" % (process.child.pid, process.child.pid))


@pytest.mark.skipif(not world_module.ROOT, reason='needs another user')
def test_who_may_ask_is_named_where_it_is_not_the_caller(bare, daemon):
    os.chmod(bare.folder, 0o755)
    refused_as_nobody = ask(bare, status=1, **world_module.NOBODY)
    assert re.search(r"admin\.sock: permission denied: user root may ask; "
                     r"'mode', 'owner' and 'group' of option 'admin'",
                     refused_as_nobody.stderr)
    os.chmod(bare.path('admin.sock'), 0o660)
    assert 'user root and group root may ask' in ask(
        bare, status=1, **world_module.NOBODY).stderr


@pytest.mark.parametrize('answer, pattern', [
    (error('no user like you'), 'sallyport: no user like you\n$'),
    (response(b'hm', 500), 'admin.sock: answered 500\n$'),
    (b'', 'ended the connection before its answer was complete'),
    (response(document())[:-1], 'ended the connection before its answer'),
    (b'220 mail ready\r\n', 'sent no HTTP that can be understood'),
    (response(b'{"a":1'), 'what it answered is no JSON object'),
    (response(b'[]'), 'what it answered is no JSON object'),
    (response(b' ' * ((16 << 20) + 1)), 'sent more than 16777216 bytes'),
], ids=['refused', 'failed', 'nothing', 'cut', 'smtp', 'cut json', 'list',
        'huge'])
def test_a_bad_answer_is_told_as_what_it_is(bare, daemon, answer, pattern):
    daemon.answer = answer
    refused(bare, pattern)
    refused(bare, pattern, '--json')


def test_an_answer_in_chunks_or_behind_an_interim_one_is_read(bare, daemon):
    body = json.dumps(document()).encode()
    daemon.answer = (b'HTTP/1.1 103 Early Hints\r\n\r\n'
                     b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
                     b'%x\r\n%s\r\n0\r\n\r\n' % (len(body), body))
    assert ask(bare, '--json').stdout == body.decode() + '\n'
    daemon.answer = b'HTTP/1.1 200 OK\r\n\r\n' + body
    assert ask(bare, '--json').stdout == body.decode() + '\n'


# Which address.

def test_the_first_unix_socket_is_asked_else_the_first_address(bare, daemon):
    with standin_admin.StandIn() as tcp:
        configure(bare, tcp.address, daemon.address, 'unix:/nowhere')
        ask(bare)
        assert len(daemon.requests) == 1 and not tcp.requests
        configure(bare, tcp.address)
        ask(bare)
        assert '\r\nHost: localhost\r\n' in tcp.requests[0]
        configure(bare, tcp.address, more='hosts = [ "one", "two" ];')
        ask(bare)
        assert '\r\nHost: one\r\n' in tcp.requests[1]


def test_of_a_group_with_several_addresses_each_is_one(bare, daemon):
    bare.write('c', 'admin = { address = [ "127.0.0.1:1", "%s" ]; '
               'hosts = [ "one" ]; };\n' % daemon.address)
    ask(bare)
    assert '\r\nHost: one\r\n' in daemon.requests[0]


def test_one_group_and_an_included_file_will_do_as_well(bare, daemon):
    bare.write('more', 'admin = { address = "%s"; };\n' % daemon.address)
    # What is wrong elsewhere is no matter of ours.
    for other in 'workers = 1;', 'workers = "x"; unknown = 1;':
        bare.write('c', other + '\n@include "more"\n')
        ask(bare)


@pytest.mark.parametrize('address, pattern', [
    ('127.0.0.1:0', 'the port of 127.0.0.1:0 is another at each start'),
    ('fd:admin', 'fd:admin is a socket of the service manager'),
    ('nonsense', '"nonsense": '),
])
def test_an_address_that_cannot_be_asked_is_explained(bare, address, pattern):
    configure(bare, address)
    refused(bare, "^sallyport: c: option 'admin': " + re.escape(pattern))


def test_a_sealed_configuration_is_opened_for_it(bare, daemon):
    bare.seal_text('c', 'admin = { address = "%s"; };\n' % daemon.address)
    ask(bare, '-i', bare.identity)
    done = bare.run('status', '-c', 'c')
    assert done.returncode == 1
    assert 'no -i FILE says what opens it' in done.stderr


# Watching.

def watch(world):
    return at_terminal(world, 'status', '--watch', '-c', 'c')


@pytest.mark.parametrize('end, status', [('q', 3), ('Q', 3),
                                         ('\x03', -signal.SIGINT)])
def test_watching_shows_it_anew_until_it_is_ended(bare, daemon, end, status):
    with watch(bare) as t:
        t.expect(r'\x1b\[\?1049h')
        t.expect(r'(?s)\x1b\[H.*Nothing needs attention')
        daemon.answer = response(document(attention=TROUBLE))
        t.expect(r'(?s)\x1b\[H.*Needs attention.*\x1b\[K.*\x1b\[J')
        t.send(end)
        t.expect(r'\x1b\[\?25h\x1b\[\?1049l')
        assert t.has_echo()
        assert t.wait() == status


def test_watching_goes_on_while_the_daemon_is_away(bare):
    path = bare.path('admin.sock')
    with standin_admin.StandIn(path) as daemon:
        configure(bare, daemon.address)
        t = watch(bare)
        t.__enter__()
        t.expect(r'(?s)\x1b\[H.*Nothing needs attention')
    os.unlink(path)
    t.expect(r'(?s)\x1b\[H.*there is no such socket')
    with standin_admin.StandIn(path):
        t.expect(r'(?s)\x1b\[H.*Nothing needs attention')
        t.send('q')
        assert t.wait() == 0
        t.__exit__()


def test_what_is_not_there_from_the_beginning_is_not_watched(bare):
    configure(bare, 'unix:' + bare.path('gone'))
    with watch(bare) as t:
        assert t.wait() == 1
        assert '\x1b' not in t.text


def test_watching_without_a_terminal_prints_one_after_the_other(bare, daemon):
    with open(bare.path('out'), 'wb') as out:
        child = subprocess.Popen([bare.program, 'status', '--watch', '-c',
                                  'c'], cwd=bare.folder, stdout=out,
                                 env=bare.environment())
        try:
            def text():
                with open(bare.path('out')) as seen:
                    return seen.read()
            wait_until(lambda: text().count('Nothing needs attention') >= 2,
                       'the second one')
            assert '\n\nsallyport 0.1.0 serves' in text()
            assert '\x1b' not in text()
        finally:
            child.terminate()
            child.wait()


# The real daemon.

ADMIN = 'admin = { address = "unix:%s"; %s };'


@pytest.fixture
def running_daemon(world):
    world.start(world.config(more=ADMIN % (world.path('a'), '')), file='c')
    return world


def test_a_daemon_of_ours_is_shown_whole(running_daemon):
    world = running_daemon
    assert world.ask().status == 200
    done = ask(world)
    process = world.processes[0]
    for line in (r'sallyport \S+ serves: process %d, started \d+ s ago, '
                 r'generation 1 of' % process.child.pid,
                 re.escape(world.path('c')), 'Nothing needs attention.',
                 r' *local +%s .*' % re.escape(process.listening[0]),
                 r' *all +elastic-cloud +\d+ +team-a +team-a',
                 r' *elastic-cloud +https://\S+ .*',
                 r' *%d +1 +\d+ s +serving' % process.workers[0],
                 'Reload: none since the start'):
        assert re.search('^%s$' % line, done.stdout, re.M), (line,
                                                             done.stdout)
    assert json.loads(ask(world, '--json').stdout)['pid'] == process.child.pid


def test_a_key_that_expires_soon_needs_attention(world):
    soon = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(days=3, hours=1)
    world.seal('keys.age', 'team-a', expires=soon.strftime('%FT%TZ'))
    world.start(world.config(more=ADMIN % (world.path('a'), '')), file='c')
    text = ask(world, status=3).stdout
    assert re.search(r'\nNeeds attention\n  key team-a expires in 3 days: '
                     r"add the next one, list it in 'keys' of route all, and "
                     r'reload\n    \$ sallyport key add team-a-2 --to %s '
                     r'--host %s -c %s\n' % (
                         re.escape(world.path('keys.age')),
                         re.escape(world_module.pki_module.HOST),
                         re.escape(world.path('c'))),
                     text)
    assert re.search(r'^  team-a +expiring +3 days +%s ' % soon.date(), text,
                     re.M)
    assert re.search(r' team-a .* %sT\S+ \(in 3 days\) ' % soon.date(),
                     world.run('key', 'list', '-c', 'c').stdout)


def commands(text):
    """Those of what needs attention, each as its words."""
    lines = text.partition('\nNeeds attention\n')[2].split('\n\n')[0]
    return [shlex.split(line[6:]) for line in lines.split('\n')
            if line.startswith('    $ ')]


def test_who_follows_the_text_gets_to_the_end(bare):
    """From a key that ends soon to the next one alone, by what is printed."""
    soon = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(days=3, hours=1)
    bare.seal('keys.age', 'old', expires=soon.strftime('%FT%TZ'))
    bare.cloud()

    def configure(*keys):
        text = bare.config(
            routes=['{ name = "all"; upstream = "elastic-cloud"; keys = [ %s '
                    ']; }' % ', '.join('"%s"' % k for k in keys)],
            more=ADMIN % (bare.path('a'), ''))
        bare.write('c', text)
        return text

    def type_in(command, **more):
        done = bare.run(*command[1:], wrap=('env', '-C', '/'), **more)
        assert done.returncode == 0, (command, done.stderr)
    bare.start(configure('old'), file='c')
    text = ask(bare, status=3).stdout
    assert "list it in 'keys' of route all, and reload" in text
    add, reload, promote, disable = commands(text)
    type_in(add, stdin=bare.new_key('old-2'))
    bare.clouds[0].add_key('old-2', bare.keys['old-2'])
    assert 'Then, when old-2 is listed:' in text
    configure('old', 'old-2')
    type_in(reload)
    type_in(promote)
    assert 'Then, when old is safe to revoke, as told of keys:' in text
    assert '  old is safe to revoke: ' in ask(bare).stdout
    type_in(disable)
    text = ask(bare, status=3).stdout
    assert "revoke old at the API, take it out of 'keys' of route all, " \
        'reload, and remove it' in text
    reload, remove = commands(text)
    configure('old-2')
    type_in(reload)
    type_in(remove)
    assert 'Nothing needs attention.' in ask(bare).stdout
    assert bare.ask().status == 200
    assert bare.clouds[0].requests[-1].key == 'old-2'


def test_a_key_that_expires_today_has_hours_left(world):
    soon = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(hours=5, minutes=10)
    world.seal('keys.age', 'team-a', expires=soon.strftime('%FT%TZ'))
    world.start(world.config(more=ADMIN % (world.path('a'), '')), file='c')
    text = ask(world, status=3).stdout
    assert '\n  key team-a expires in 5 hours: ' in text
    assert re.search(r'^  team-a +expiring +5 hours ', text, re.M)
    assert json.loads(ask(world, '--json', status=3).stdout)['keys'][0][
        'days_left'] == 0


@pytest.mark.skipif(not world_module.ROOT, reason='needs another user')
def test_who_may_not_ask_a_daemon_of_ours_is_told_why(world):
    world.start(world.config(more=ADMIN % (
        world.path('a'), 'mode = "0666"; users = [ "root" ];')), file='c')
    os.chmod(world.folder, 0o755)
    done = ask(world, status=1, **world_module.NOBODY)
    assert 'this client may not use this listener' in done.stderr

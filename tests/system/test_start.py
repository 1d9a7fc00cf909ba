"""What is wrong from the start: one clear message, and no start."""

import os
import re
import shlex
import shutil
import socket
import stat
import subprocess

import elastic
import pytest
import world as world_module


def both_refuse(world, config, *patterns):
    """check lists each fault as FILE:LINE: text; run does not start."""
    file = world.write('faulty.conf', config)
    done = world.run('check', '-c', file)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for line in done.stderr.splitlines():
        assert re.match(r'[^ :]+:\d+: ', line), line
    for pattern in patterns:
        assert re.search(pattern, said), (pattern, said)
    process = world.launch(config)
    assert process.wait_exit() == 1, process.stderr
    assert not process.listening and not process.ready
    for pattern in patterns:
        assert re.search(pattern, process.stderr), (pattern, process.stderr)
    return said


def test_check_accepts_a_working_configuration(world):
    done = world.run('check', '-c', world.write('c', world.config()))
    assert done.returncode == 0, done.stderr


def test_the_smallest_configuration_of_the_documentation_works(world):
    process = world.start('''
identity = "%s";
sealed = [ "%s" ];
listeners = ( { name = "local"; address = "127.0.0.1:0"; } );
upstreams = ( { name = "elastic-cloud"; url = "https://api.elastic-cloud.com";
                connect_to = "%s"; ca_file = "%s"; } );
routes = ( { name = "all"; upstream = "elastic-cloud"; keys = [ "team-a" ]; });
''' % (world.identity, world.path('keys.age'), world.clouds[0].address,
       world.pki.ca))
    assert world.ask().status == 200
    assert process.child.poll() is None


def test_a_sealed_file_that_was_cut_is_named(world):
    with open(world.path('keys.age'), 'r+b') as f:
        f.truncate(os.path.getsize(f.name) - 5)
    both_refuse(world, world.config(), r'keys\.age.*cut or altered')


def test_a_sealed_file_whose_payload_was_altered_is_named(world):
    with open(world.path('keys.age'), 'r+b') as f:
        f.seek(-20, 2)
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 1]))
    both_refuse(world, world.config(), r'keys\.age.*cut or altered')


def test_a_sealed_file_whose_header_was_altered_is_named(world):
    with open(world.path('keys.age'), 'rb') as f:
        data = f.read()
    at = data.index(b'---') + 6
    data = data[:at] + (b'A' if data[at:at + 1] != b'A' else b'B') \
        + data[at + 1:]
    with open(world.path('keys.age'), 'wb') as f:
        f.write(data)
    both_refuse(world, world.config(), r'keys\.age.*header')


def test_a_file_sealed_to_somebody_else_is_named(world):
    made = subprocess.run(['age-keygen'], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=True).stdout.decode()
    other = re.search(r'public key: (age1\w+)', made)[1]
    world.seal_text('keys.age', 'keys = ();', [other])
    both_refuse(world, world.config(), r'keys\.age.*somebody else')


def test_a_file_that_is_not_sealed_at_all_is_refused(world):
    world.write('keys.age', 'keys = ( { name = "x"; } );')
    both_refuse(world, world.config(), r'keys\.age')


def test_keys_in_the_plain_configuration_are_refused(world):
    text = 'keys = (\n%s\n);' % world_module.key_text('x', elastic.new_key())
    both_refuse(world, world.config(more=text), r'faulty\.conf|sallyport\.conf')


def test_an_identity_others_can_read_is_refused(world):
    os.chmod(world.identity, 0o644)
    both_refuse(world, world.config(), r'identity.*(readable|0600|mode|chmod)')


def test_an_identity_that_is_missing_is_named(world):
    os.unlink(world.identity)
    both_refuse(world, world.config(), r'identity.*No such file')


@pytest.mark.skipif(os.getuid() != 0, reason='needs root')
def test_an_identity_that_may_not_be_read_is_named_with_what_to_do(world):
    config = world.write('c', world.config())
    os.chmod(world.folder, 0o755)
    os.chmod(config, 0o644)
    done = world.run('check', '-c', config, user=65534, group=65534)
    assert done.returncode == 1
    assert re.search(
        r'c:\d+: identity .*identity: Permission denied \(the user who '
        r'starts sallyport must be able to read it, here user 65534\)',
        done.stdout + done.stderr), done.stderr


def test_an_identity_that_is_damaged_is_named_with_its_line(world):
    with open(world.identity, 'a') as f:
        f.write('AGE-SECRET-KEY-1NOTONE\n')
    both_refuse(world, world.config(), r'identity:\d+')


def test_ten_faults_are_all_reported_with_file_and_line(world):
    config = world.config(
        listeners=['{ name = "local"; address = "127.0.0.1:99999"; }',
                   '{ name = "local"; address = "127.0.0.1:0"; }',
                   '{ name = "open"; address = "0.0.0.0:0"; }',
                   '{ name = "odd"; address = "127.0.0.1:0"; colour = 1; }'],
        routes=['{ name = "a"; upstream = "nowhere"; keys = ["team-a"]; }',
                '{ name = "b"; upstream = "elastic-cloud"; '
                'keys = [ "no-such-key" ]; path = "/b"; }',
                '{ name = "c"; upstream = "elastic-cloud"; '
                'keys = [ "team-a" ]; listener = "missing"; }',
                '{ name = "d"; upstream = "elastic-cloud"; '
                'keys = [ "team-a" ]; strip = "yes"; path = "/d"; }'],
        upstreams=[world.upstream(),
                   world.upstream('plain', url='http://api.example.com')],
        more='wrokers = 3;\nlimits = { head = "many"; };')
    said = both_refuse(world, config, r'nonlocal', r'no-such-key', r'nowhere',
                       r'missing', r'colour', r'wrokers', r'strip')
    lines = {x for x in said.split('\n') if re.match(r'\S+\.conf:\d+: ', x)}
    assert len(lines) >= 10, said


def test_a_syntax_error_is_reported_with_its_line(world):
    said = both_refuse(world, 'identity = "x";\nworkers = = 1;\n',
                       r'conf:2: ')
    assert said.count('\n') < 5


def test_a_missing_configuration_is_named(world):
    done = world.run('run', '-c', world.path('none.conf'))
    assert done.returncode == 1 and 'none.conf' in done.stderr


def test_an_unreachable_route_is_a_fault(world):
    both_refuse(world, world.config(routes=[
        '{ name = "all"; upstream = "elastic-cloud"; keys = [ "team-a" ]; }',
        '{ name = "late"; path = "/x"; upstream = "elastic-cloud"; '
        'keys = [ "team-a" ]; }']), r'late')


def test_a_key_for_another_host_is_a_fault(bare):
    bare.seal('keys.age', 'team-a', hosts=('api.example.com',))
    both_refuse(bare, bare.config(
        upstreams=[bare.upstream(to='127.0.0.1:1')]), r'team-a')


def test_a_key_without_hosts_is_a_fault(bare):
    bare.seal_text('keys.age', 'keys = ( { name = "team-a"; value = "%s"; } '
                   ');' % bare.new_key('team-a'))
    both_refuse(bare, bare.config(
        upstreams=[bare.upstream(to='127.0.0.1:1')]), r'keys\.age.*hosts')


@pytest.mark.parametrize('odd', ['\\r', '\\n', ' ', '\\x00', '\\xc3\\xa9',
                                 '\\t', '\\x7f'])
def test_a_key_with_odd_bytes_is_refused_without_being_shown(bare, odd):
    value = bare.new_key('team-a')
    text = 'keys = ( { name = "team-a"; value = "%s%s%s"; hosts = ' \
        '[ "api.elastic-cloud.com" ]; } );' % (value[:50], odd, value[50:])
    bare.seal_text('keys.age', text)
    said = both_refuse(bare, bare.config(
        upstreams=[bare.upstream(to='127.0.0.1:1')]), r'keys\.age.*team-a')
    assert value[:30] not in said


def test_include_is_refused_in_a_sealed_file(bare):
    bare.write('other', '')
    bare.seal_text('keys.age', '@include "%s"\n' % bare.path('other'))
    both_refuse(bare, bare.config(
        upstreams=[bare.upstream(to='127.0.0.1:1')]), r'keys\.age.*include')


def test_a_port_in_use_is_said_so(world):
    with socket.create_server(('127.0.0.1', 0)) as other:
        address = '127.0.0.1:%d' % other.getsockname()[1]
        process = world.launch(world.config(listeners=[
            '{ name = "local"; address = "%s"; }' % address]))
        assert process.wait_exit() == 1
        assert re.search(re.escape(address) + '.*in use', process.stderr)


def test_all_addresses_in_use_are_said_each_once(world):
    with socket.create_server(('127.0.0.1', 0)) as one, \
            socket.create_server(('127.0.0.1', 0)) as other:
        used = ['127.0.0.1:%d' % s.getsockname()[1] for s in (one, other)]
        process = world.launch(world.config(listeners=[
            '{ name = "local"; address = "%s"; }' % used[0],
            '{ address = "127.0.0.1:0"; }',
            '{ address = "%s"; }' % used[1]]))
        assert process.wait_exit() == 1
        for listener in ('local: ' + used[0], used[1]):
            assert len(re.findall(r'conf:\d+: listener %s: address already '
                                  'in use' % re.escape(listener),
                                  process.stderr)) == 1, process.stderr
    assert not process.listening


def test_a_stale_unix_socket_is_replaced_and_removed_at_the_end(world):
    path = world.path('s')
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(path)
    stale.close()
    world.start(world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % path]))
    assert world.ask().status == 200
    world.stop()
    assert not os.path.exists(path)


def test_a_live_unix_socket_is_not_replaced(world):
    path = world.path('s')
    live = socket.socket(socket.AF_UNIX)
    live.bind(path)
    live.listen()
    process = world.launch(world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % path]))
    assert process.wait_exit() == 1
    assert re.search(r'in use', process.stderr), process.stderr
    assert stat.S_ISSOCK(os.stat(path).st_mode)
    live.close()


def test_a_file_in_the_place_of_a_socket_is_left_alone(world):
    path = world.write('s', 'precious')
    process = world.launch(world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % path]))
    assert process.wait_exit() == 1
    with open(path) as f:
        assert f.read() == 'precious'


@pytest.mark.skipif(os.getuid() != 0, reason='needs root')
def test_no_socket_takes_the_place_of_a_closed_standard_stream(world):
    path = world.path('s')
    process = world.launch(world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % path]),
        wrap=('sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'))
    world_module.wait_until(lambda: process.workers and os.path.exists(path),
                            'a worker')
    with world.raw('unix:' + path) as raw:
        assert raw.ask().status == 200
    for pid in process.pids():
        assert [os.readlink('/proc/%d/fd/%d' % (pid, fd)) for fd in range(3)] \
            == ['/dev/null'] * 3


def test_what_cannot_be_printed_is_a_failure(bare):
    done = subprocess.run(['sh', '-c', 'exec "$0" keygen >&-', bare.program],
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert 'standard output: ' in done.stderr


@pytest.mark.parametrize('address', ['0.0.0.0:0', '[::]:0', '192.0.2.1:0'])
def test_an_address_beyond_this_machine_needs_nonlocal(world, address):
    both_refuse(world, world.config(listeners=[
        '{ name = "local"; address = "%s"; }' % address]), r'nonlocal')


def test_nonlocal_allows_it(world):
    world.start(world.config(listeners=[
        '{ name = "local"; address = "0.0.0.0:0"; nonlocal = true; }']))
    port = world.processes[0].listening[0].rsplit(':', 1)[1]
    assert world.ask(which='127.0.0.1:' + port).status == 200


def test_the_ipv6_loopback_is_local(world):
    world.start(world.config(listeners=[
        '{ name = "local"; address = "[::1]:0"; }']))
    assert world.processes[0].listening[0].startswith('[::1]:')
    assert world.ask().status == 200


def test_a_socket_of_systemd_is_taken_over_by_its_name(world):
    with socket.create_server(('127.0.0.1', 0)) as given, \
            socket.socket(socket.AF_UNIX) as other:
        other.bind(world.path('given'))
        other.listen()
        process = world.activate([
            '{ name = "u"; address = "fd:second"; }',
            '{ name = "t"; address = "fd:first"; }'],
            'first:second', given, other)
        process.wait_ready()
        assert 'systemd passed in' not in process.stderr
        address = '127.0.0.1:%d' % given.getsockname()[1]
        assert world.ask(which=address).status == 200
        assert world.ask(which='unix:' + world.path('given')).status == 200


@pytest.mark.parametrize('names, served, said', [
    ('web:extra', 'web', 'no listener serves: .*fd:extra'),
    ('web:web', 'web', "more than one socket 'web'"),
    ('web', 'web', 'no listener serves: .*fd:unknown'),
    (None, 'unknown', "more than one socket 'unknown'")])
def test_a_socket_of_systemd_that_nobody_serves_is_told(world, names, served,
                                                        said):
    with socket.create_server(('127.0.0.1', 0)) as given, \
            socket.create_server(('127.0.0.1', 0)) as other:
        process = world.activate(
            ['{ name = "t"; address = "fd:%s"; }' % served], names,
            given, other)
        process.wait_ready()
        assert len(re.findall('systemd passed in', process.stderr)) == 1
        assert re.search(said, process.stderr), process.stderr
        address = '127.0.0.1:%d' % given.getsockname()[1]
        assert world.ask(which=address).status == 200


def test_a_socket_of_systemd_beyond_this_machine_needs_nonlocal(world):
    with socket.create_server(('0.0.0.0', 0)) as given:
        for more, status in (('', 1), (' nonlocal = true;', None)):
            process = world.activate(
                ['{ name = "t"; address = "fd:first";%s }' % more],
                'first', given)
            if status is None:
                process.wait_ready()
            else:
                assert process.wait_exit() == status
                assert re.search(r'/c:\d+: .*nonlocal', process.stderr)


def test_a_socket_of_systemd_beyond_this_machine_is_warned_of(world):
    warning = r'/c:\d+: .*listener t: other machines can reach 0\.0\.0\.0:'
    for host, warned in (('127.0.0.1', False), ('0.0.0.0', True)):
        with socket.create_server((host, 0)) as given:
            process = world.activate(
                ['{ name = "t"; address = "fd:first"; nonlocal = true; }'],
                'first', given)
            process.wait_ready()
            assert bool(re.search(warning, process.stderr)) == warned, \
                process.stderr
    checked = world.run('check', '-c', world.path('c'))
    assert 'whether other machines can reach it' in \
        checked.stdout + checked.stderr


def test_a_name_that_begins_an_address_is_told_with_it(world):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        process = world.launch(world.config(listeners=[
            '{ name = "127"; address = "127.0.0.1:%d"; }'
            % taken.getsockname()[1]]))
        assert process.wait_exit() == 1
        assert 'listener 127: 127.0.0.1:' in process.stderr


def test_a_socket_that_systemd_did_not_give_is_a_fault(world):
    process = world.launch(world.config(listeners=[
        '{ name = "t"; address = "fd:nothing"; }']))
    assert process.wait_exit() == 1
    assert 'nothing' in process.stderr


@pytest.mark.parametrize('args', [['fly'], ['run', '--fast'], [],
                                  ['explain', 'GET'], ['key'],
                                  ['help', 'run', 'check'],
                                  ['help', 'configuration', 'x']])
def test_wrong_usage_is_exit_status_2(bare, args):
    done = bare.run(*args)
    assert done.returncode == 2
    assert done.stderr


@pytest.mark.parametrize('args, why', [
    (['run', '-c', ''], "'--config': FILE is empty"),
    (['check', '--config='], "'--config': FILE is empty"),
    (['keygen', '-o', ''], "'--output': FILE is empty"),
    (['unseal', ''], 'FILE expected, not an empty word'),
    (['key', 'list', ''], 'FILE ... expected, not an empty word'),
    (['-c', 'x', 'run'], "a verb comes first, its options such as '-c'")])
def test_an_empty_or_misplaced_word_is_wrong_usage(bare, args, why):
    done = bare.run(*args)
    assert done.returncode == 2
    assert why in done.stderr, done.stderr


def test_a_dash_is_standard_output_to_keygen(bare):
    done = bare.run('keygen', '-o', '-')
    assert done.returncode == 0
    assert re.search('^AGE-SECRET-KEY-1', done.stdout, re.M)
    assert done.stderr.startswith('age1')
    assert not os.path.exists(bare.path('-'))


def test_what_is_missing_has_a_line(bare):
    both_refuse(bare, '\n# nothing\n', *(
        r"conf:1: option '%s' is missing \(top level\)" % name
        for name in ('sealed', 'listeners', 'upstreams', 'routes')))


def test_a_byte_order_mark_is_passed_over(world):
    file = world.write('marked', '\ufeff' + world.config())
    done = world.run('check', '-c', file)
    assert done.returncode == 0, done.stderr


def test_no_configuration_is_a_fault_with_a_way_out(bare):
    for verb in (['run'], ['check'], ['explain', 'GET', '/']):
        done = bare.run(*verb, '-c', 'nothere')
        assert done.returncode == 1
        assert done.stderr.strip() == (
            'nothere:1: No such file or directory: name the configuration with '
            "-c, or make one with 'sallyport init'")


def test_what_is_not_sealed_says_how_to_seal_it(world):
    """The command it names makes it right."""
    key = 'keys = ( %s );\n' % world_module.key_text('b', world.new_key('b'))
    file = world.write('plain.age', key)
    world.plain_files.add(file)
    config = world.write('c', world.config(sealed=('keys.age', 'plain.age')))
    done = world.run('check', '-c', config)
    assert done.returncode == 1
    command = re.search('seal it, and then delete it: sallyport (.*)',
                        done.stderr)[1]
    assert world.run(*shlex.split(command)).returncode == 0
    os.rename(file + '.age', file)
    world.plain_files.remove(file)
    assert world.run('check', '-c', config).returncode == 0


@pytest.mark.parametrize('args', [['help'], ['--help'], ['--version'],
                                  ['version'], ['help', 'run'],
                                  ['help', 'check'], ['help', 'explain'],
                                  ['help', 'keygen'], ['help', 'key'],
                                  ['key', '--help'], ['key', '-h']])
def test_help_and_version_are_printed_to_stdout(bare, args):
    done = bare.run(*args)
    assert done.returncode == 0
    assert 'sallyport' in done.stdout


def test_the_example_configuration_works(bare):
    """With its paths moved into the test's folder."""
    example = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                           '..', 'etc', 'sallyport.conf')
    with open(example) as f:
        text = f.read()
    for old, new in (('/etc/sallyport/keys/', bare.folder + '/'),
                     ('/etc/sallyport/', bare.folder + '/'),
                     ('/run/sallyport/', bare.folder + '/'),
                     ('/var/log/sallyport/', bare.folder + '/'),
                     ('/var/lib/sallyport', bare.folder),
                     ('127.0.0.1:9080', '127.0.0.1:0')):
        assert old in text
        text = text.replace(old, new)
    bare.seal('keys.age', 'team-a', 'billing', 'ci')
    done = bare.run('check', '-c', bare.write('c', text))
    assert done.returncode == 0, done.stderr
    bare.start(text)
    response = bare.ask(target='/elsewhere')
    assert response.fields.one('x-cloud-error-codes') == 'sallyport.no_route'

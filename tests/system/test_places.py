"""Where log and sockets shall be: `check` says what `run` would find."""

import json
import os
import re
import socket

import pytest


def line_of(text, what):
    return next(i for i, line in enumerate(text.splitlines(), 1)
                if what in line)


def both_refuse(world, config, option, why):
    """run and check, with the line on which the option stands."""
    file = world.path('sallyport.conf')
    line = line_of(config, option)
    pattern = re.escape("%s:%d: option '%s': " % (file, line, option)) + why
    process = world.refuses(config, pattern)
    done = world.run('check', '-c', file)
    assert done.returncode == 1
    assert re.search('^' + pattern, done.stderr, re.M), done.stderr
    assert len(done.stderr.splitlines()) == 1 == \
        len(process.stderr.splitlines())


def log_at(world, path):
    return world.config(log='access = "%s";' % path)


def socket_at(world, path):
    return world.config(listeners=[
        '{ name = "u"; address = "unix:%s"; }' % path])


def check(world, config):
    return world.run('check', '-c', world.write('sallyport.conf', config))


def test_a_log_that_is_a_directory_is_a_fault(world):
    os.mkdir(world.path('log'))
    for path in (world.path('log'), './log'):
        both_refuse(world, log_at(world, path), 'access',
                    '.*/log: is a directory')


def test_a_log_that_is_a_socket_is_a_fault(world):
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(world.path('s'))
        both_refuse(world, log_at(world, world.path('s')), 'access',
                    '.*is a socket')


def test_a_log_in_a_file_is_a_fault(world):
    file = world.write('file', '')
    both_refuse(world, log_at(world, file + '/log'), 'access',
                '.*Not a directory')


def test_a_log_beside_the_configuration_is_looked_at(world):
    """Where its path is as short as it was written."""
    os.mkdir(world.path('log'))
    world.write('sallyport.conf', log_at(world, './log'))
    done = world.run('check', '-c', 'sallyport.conf')
    assert done.returncode == 1
    assert "option 'access': ./log: is a directory" in done.stderr


def test_a_log_that_may_not_be_written_is_a_fault(world):
    """Checked as somebody else, where we are root and may all."""
    nobody = {'user': 65534, 'group': 65534} if os.geteuid() == 0 else {}
    os.chmod(world.folder, 0o755)
    os.chmod(world.write('log', ''), 0o400)
    os.mkdir(world.path('shut'), 0o555)
    for path, why in ((world.path('log'), 'log: Permission denied'),
                      (world.path('shut/log'), 'shut: Permission denied')):
        file = world.write('c', log_at(world, path))
        done = world.run('check', '-c', file, **nobody)
        assert done.returncode == 1
        assert re.search(r"c:\d+: option 'access': .*" + why, done.stderr)


def test_a_fifo_as_log_is_warned_of_and_left_alone(world):
    """Its reader would see an end where check opened it."""
    fifo = world.path('fifo')
    os.mkfifo(fifo)
    config = log_at(world, fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    done = check(world, config)
    assert done.returncode == 0
    assert ("warning: option 'access': %s is a FIFO: 'run' starts only "
            'while a program reads it' % fifo) in done.stderr
    world.start(config)
    assert world.ask().status == 200
    os.set_blocking(reader, True)
    with open(reader, 'rb') as lines:
        assert json.loads(lines.readline())['sallyport']['route'] == 'all'
        world.stop()
        assert not lines.read()


def test_a_fifo_that_nobody_reads_is_said_so(world):
    fifo = world.path('fifo')
    os.mkfifo(fifo)
    config = log_at(world, fifo)
    world.refuses(config, r"sallyport\.conf:%d: option 'access': cannot open "
                  '%s: no program reads this FIFO' %
                  (line_of(config, 'access'), fifo))


def test_a_file_in_the_place_of_a_socket_is_a_fault(world):
    path = world.write('s', 'precious')
    both_refuse(world, socket_at(world, path), 'address',
                '.*exists and is not a socket')


def test_a_directory_in_the_place_of_a_socket_is_a_fault(world):
    os.mkdir(world.path('s'))
    for path in ('s', 's/'):
        both_refuse(world, socket_at(world, world.path(path)), 'address',
                    '.*exists and is not a socket')


@pytest.mark.parametrize('at, option', [(log_at, 'access'),
                                        (socket_at, 'address')])
def test_a_missing_directory_is_a_fault(world, at, option):
    missing = world.path('missing')
    both_refuse(world, at(world, missing + '/x'), option,
                re.escape('%s/x cannot be made: %s: there is no such '
                          'directory' % (missing, missing)))


def test_a_socket_in_a_file_is_a_fault(world):
    file = world.write('file', '')
    both_refuse(world, socket_at(world, file + '/s'), 'address',
                '.*file: is not a directory')


def test_an_old_socket_is_no_fault(world):
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(world.path('s'))
    assert check(world, socket_at(world, world.path('s'))).returncode == 0


def test_check_may_run_beside_the_daemon(world):
    """Its socket and its port are in use, by it."""
    unix = '{ name = "u"; address = "unix:%s"; }' % world.path('s')
    process = world.start(world.config(listeners=[
        unix, '{ name = "local"; address = "127.0.0.1:0"; }']))
    tcp = '{ name = "local"; address = "%s"; }' % process.listening[1]
    done = check(world, world.config(listeners=[unix, tcp]))
    assert (done.returncode, done.stderr) == (0, '')
    assert world.ask().status == 200
    assert os.path.exists(world.path('s'))


def test_explain_does_not_care(world):
    """It asks about requests, wherever it runs."""
    file = world.write('c', world.config(
        log='access = "/missing/log";',
        listeners=['{ name = "u"; address = "unix:/missing/s"; }']))
    done = world.run('explain', '-c', file, 'GET', '/')
    assert done.returncode == 0, done.stderr
    assert 'team-a' in done.stdout

"""The service in a booted Debian, as README.md has people install and run it.
contrib/in-machine makes that machine; without one these are skipped.
"""

import re
import socket
import threading

import machine as machine_module
import pki as pki_module
import pytest
from test_readme import commands
from waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    not machine_module.works(), reason='no $SALLYPORT_MACHINE to boot')]

CONF = '/etc/sallyport/sallyport.conf'
LOG = '/var/log/sallyport/access.ndjson'
CA = '/etc/ssl/stand-in.pem'
BY_HAND = [x for x in commands('As a service') if 'check -i -' in x][0]
DROP_INS = '/etc/systemd/system/sallyport.service.d'


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


@pytest.fixture(scope='module')
def machine():
    made = machine_module.Machine()
    # The API is the stand-in, under its own name and at another port.
    made.write('/etc/hosts', '127.0.0.1 localhost %s\n' % pki_module.HOST)
    yield made
    made.stop()


class Service:
    def __init__(self, world, machine):
        self.world, self.machine = world, machine
        self.port = free_port()
        self.address = '127.0.0.1:%d' % self.port
        self.readme = iter(commands('As a service'))
        machine.write(CA, read(world.pki.ca))

    def follow(self, last, **more):
        """What README.md says next, up to this command; what that printed."""
        for command in self.readme:
            done = self.machine.type(self.adapt(command), **more)
            if command == last:
                return done.stdout
        pytest.fail('README.md has no further ' + last)

    def adapt(self, command):
        """Installed is what was built; the API is not the real one."""
        if command == 'sudo make install':
            return 'make -s -C %s install' % machine_module.BUILD
        if command == 'sudo sallyport init':
            return '%s --listen %s --ca-file %s --url https://%s:%d' % (
                command, self.address, CA, pki_module.HOST,
                self.world.clouds[0].port)
        return command

    def set_up(self):
        self.follow('sudo make install')
        return self.follow('sudo sallyport init', stdin='%s\nteam-a\n' %
                           self.world.keys['team-a'])

    def start(self):
        self.set_up()
        self.follow('sudo systemctl enable --now sallyport')
        assert self.ask() == 200

    def ask(self):
        return self.world.ask(target='/api/v1/deployments', fields=[
            ('Connection', 'close')], which=self.address).status

    def show(self, name):
        return self.machine.run('systemctl', 'show', '--value', '-p', name,
                                'sallyport').stdout.strip()

    def journal(self):
        return self.machine.run('journalctl', '-q', '--no-pager', '-o', 'cat',
                                '-u', 'sallyport').stdout

    def edit(self, old, new):
        text = self.machine.read(CONF)
        assert old in text
        self.machine.write(CONF, text.replace(old, new), 0o640)

    def wait_status(self, pattern):
        wait_until(lambda: re.search(pattern, self.show('StatusText')),
                   'a status like %r' % pattern)

    def clean_up(self):
        journal = self.journal()
        self.world.check_text(journal, 'the journal')
        for line in ('systemctl disable -q --now sallyport.socket '
                     'sallyport.service 2>/dev/null || :',
                     'systemctl reset-failed 2>/dev/null || :',
                     'rm -rf /etc/sallyport/* /etc/credstore* ' + DROP_INS,
                     'rm -f /var/log/sallyport/* '
                     '/etc/systemd/system/sallyport.socket',
                     'systemctl daemon-reload'):
            self.machine.type(line)


def read(path):
    with open(path) as f:
        return f.read()


@pytest.fixture
def service(world, machine):
    made = Service(world, machine)
    yield made
    made.clean_up()


def test_what_init_makes_runs_as_it_is(service):
    said = service.set_up()
    assert 'configuration ok' in said and 'warning' not in said, said
    assert 'systemctl enable --now sallyport' in said
    service.follow('sudo systemctl enable --now sallyport')
    assert service.ask() == 200
    assert service.show('User') == 'sallyport'
    assert service.show('StatusText').startswith('serving')
    assert '"status_code":200' in service.machine.read(LOG)
    assert 'warning' not in service.journal(), service.journal()
    service.machine.run('sallyport', 'status')
    service.machine.run('sallyport', 'reload')
    service.machine.run('systemctl', 'stop', 'sallyport')
    assert service.show('Result') == 'success'
    assert service.show('NRestarts') == '0'


def test_only_root_can_read_the_identity(service):
    service.start()
    done = service.machine.type(
        'setpriv --reuid=sallyport --regid=sallyport --init-groups sh -c '
        '"cat /etc/sallyport/keys.age >/dev/null && '
        'cat /etc/credstore/sallyport.identity; touch /etc/sallyport/x"',
        check=False)
    assert done.returncode != 0
    assert done.stdout.count('Permission denied') == 2, done.stdout


def test_root_by_hand_opens_what_the_service_does(service):
    service.start()
    said = service.machine.run('sallyport', 'check').stdout
    assert 'configuration ok' in said and '1 key)' in said, said
    assert 'warning' not in said, said
    assert 'team-a' in service.machine.run('sallyport', 'key', 'list').stdout


def test_what_root_adds_the_service_can_read(service):
    service.start()
    service.machine.run(
        'sallyport', 'key', 'add', 'team-b', '--to', '/etc/sallyport/b.age',
        '--host', pki_module.HOST, stdin=service.world.keys['team-b'] + '\n')
    service.edit('"keys.age"', '"keys.age", "b.age"')
    service.machine.run('systemctl', 'reload', 'sallyport')
    service.wait_status('2 keys')
    assert service.ask() == 200


def test_a_configuration_that_is_refused_leaves_the_old_one(service):
    service.start()
    service.edit('listeners', 'lisseners')
    service.machine.run('systemctl', 'reload', 'sallyport')
    wait_until(lambda: 'lisseners' in service.journal(), 'the reason')
    assert service.show('ActiveState') == 'active'
    assert service.ask() == 200


def test_it_is_started_again_when_it_was_killed(service):
    service.start()
    pid = service.show('MainPID')
    service.machine.run('kill', '-KILL', pid)
    wait_until(lambda: service.show('NRestarts') == '1' and
               service.show('ActiveState') == 'active', 'a restart')
    assert service.ask() == 200


def test_and_when_it_hangs(service):
    service.start()
    service.machine.run('mkdir', '-p', DROP_INS)
    service.machine.write(DROP_INS + '/soon.conf',
                          '[Service]\nWatchdogSec=1s\n')
    service.machine.run('systemctl', 'daemon-reload')
    service.machine.run('systemctl', 'restart', 'sallyport')
    service.machine.run('kill', '-STOP', service.show('MainPID'))
    wait_until(lambda: service.show('NRestarts') == '1' and
               service.show('ActiveState') == 'active', 'a restart')
    assert 'Watchdog timeout' in service.machine.run(
        'journalctl', '-q', '--no-pager', '-u', 'sallyport').stdout
    assert service.ask() == 200


def test_it_runs_with_an_identity_that_is_encrypted(service):
    service.start()
    service.follow('sudo shred -u /etc/credstore/sallyport.identity')
    assert service.show('ActiveState') == 'active'
    assert service.ask() == 200
    done = service.machine.run('sallyport', 'check')
    assert 'add \'-i -\' here and put \'systemd-creds decrypt' in done.stdout
    done = service.machine.run('sallyport', 'key', 'list',
                               '/etc/sallyport/keys.age', check=False)
    assert 'systemd-creds decrypt' in done.stdout, done.stdout
    said = service.follow(BY_HAND)
    assert '1 key)' in said, said


class Load:
    """Clients that come one after the other, each with a connection of its
    own; what any of them did not get."""

    def __init__(self, service, n=8):
        self.service, self.ended = service, threading.Event()
        self.answered, self.failures = 0, []
        self.threads = [threading.Thread(target=self._call) for _ in range(n)]
        for thread in self.threads:
            thread.start()

    def _call(self):
        while not self.ended.is_set():
            try:
                status = self.service.ask()
            except Exception as e:      # whatever it was, it counts
                status = repr(e)
            if status == 200:
                self.answered += 1
            else:
                self.failures.append(status)

    def wait_more(self, n):
        n += self.answered
        wait_until(lambda: self.answered >= n or self.failures, 'answers')

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        return self.failures


def test_an_upgrade_refuses_no_connection(service):
    service.start()
    socket_unit = service.machine.read(
        '/usr/local/lib/systemd/system/sallyport.socket')
    service.machine.write('/etc/systemd/system/sallyport.socket',
                          socket_unit.replace('127.0.0.1:9080',
                                              service.address))
    for command in commands('As a service')[-3:]:
        service.machine.type(command)
    load = Load(service)
    for _ in range(3):
        load.wait_more(100)
        service.machine.type(service.adapt('sudo make install'))
        service.machine.run('systemctl', 'restart', 'sallyport')
    load.wait_more(100)
    assert load.end() == []


def test_a_reload_refuses_no_connection(service):
    service.start()
    load = Load(service)
    for _ in range(5):
        load.wait_more(50)
        service.machine.run('systemctl', 'reload', 'sallyport')
    load.wait_more(100)
    assert load.end() == []

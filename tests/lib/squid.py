"""squid as a corporate proxy with Basic authentication: another implementation
of CONNECT."""

import os
import shutil
import socket
import subprocess

import world as world_module

PATH = os.environ.get('PATH', '') + ':/usr/sbin'
HELPER = '/usr/lib/squid/basic_ncsa_auth'

CONF = '''
{listens}
pid_filename {folder}/squid.pid
access_log stdio:{folder}/squid.access
cache_log {folder}/squid.log
coredump_dir {folder}
cache deny all
cache_mem 8 MB
memory_pools off
workers 1
shutdown_lifetime 0 seconds
netdb_filename none
visible_hostname proxy.test
auth_param basic program {helper} {folder}/squid.users
auth_param basic realm corp
auth_param basic children 1
acl known proxy_auth REQUIRED
http_access allow CONNECT known
http_access deny all
'''


def present():
    return shutil.which('squid', path=PATH) is not None and \
        os.access(HELPER, os.X_OK)


class Squid:
    """Lets the user of this pair through, by CONNECT only.  pem: its
    certificate and key, where it is spoken to in TLS."""

    def __init__(self, world, pair, pem=None):
        user, _, password = pair.partition(':')
        digest = subprocess.run(
            ['openssl', 'passwd', '-apr1', '-stdin'], input=password,
            stdout=subprocess.PIPE, text=True, check=True).stdout
        world.write('squid.users', '%s:%s' % (user, digest))
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            self.port = sock.getsockname()[1]
        self.url = '%s://127.0.0.1:%d' % ('https' if pem else 'http',
                                          self.port)
        listens = 'http_port 127.0.0.1:%d' % self.port
        if pem:
            listens = 'https_port 127.0.0.1:%d tls-cert=%s' % (self.port, pem)
        self.world = world
        os.chmod(world.folder, 0o755)
        if world_module.ROOT:           # it becomes the user proxy
            for name in 'squid.access', 'squid.log':
                os.chmod(world.write(name, ''), 0o666)
        conf = world.write('squid.conf', CONF.format(
            folder=world.folder, listens=listens, helper=HELPER))
        self.child = subprocess.Popen(
            ['squid', '-N', '-f', conf], env={'PATH': PATH},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            world_module.wait_until(self._up, 'squid to listen')
        except BaseException:
            self.stop()
            raise

    def _up(self):
        assert self.child.poll() is None, 'squid ended'
        with socket.socket() as sock:
            return sock.connect_ex(('127.0.0.1', self.port)) == 0

    def log(self):
        with open(self.world.path('squid.access')) as log:
            return log.read()

    def stop(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(world_module.LIMIT)

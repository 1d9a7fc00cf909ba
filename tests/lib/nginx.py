"""nginx as an API over TLS: another implementation of HTTP and TLS."""

import os
import shutil
import socket
import subprocess

import world as world_module

PATH = os.environ.get('PATH', '') + ':/usr/sbin'

CONF = '''
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
daemon off;
events {{ worker_connections 1024; }}
http {{
	map_hash_bucket_size 256;
	access_log {folder}/nginx.access;
	log_format handshakes '$ssl_protocol $ssl_session_reused $key_name';
	client_body_temp_path {folder}/nginx.1;
	proxy_temp_path {folder}/nginx.2;
	fastcgi_temp_path {folder}/nginx.3;
	uwsgi_temp_path {folder}/nginx.4;
	scgi_temp_path {folder}/nginx.5;
	client_max_body_size 100m;
	keepalive_requests 100000;
{keys}
{http}
	server {{
		listen 127.0.0.1:{port} ssl;
		server_name api.elastic-cloud.com;
		ssl_certificate {pem};
		ssl_certificate_key {pem};
		root {folder}/www;
		add_header X-Key $key_name;
		if ($key_name = "") {{ return 401; }}
		location = /small {{ return 200 "{small}"; }}
		location / {{ gzip on; gzip_types *; gzip_min_length 100; }}
{more}
	}}
}}
'''

SMALL = 'x' * 955


def present():
    return shutil.which('nginx', path=PATH) is not None


class Nginx:
    """Serves folder/www and /small to requests with one of the keys."""

    def __init__(self, world, more='', http=''):
        keys = '\tmap $http_authorization $key_name {\n\t\tdefault "";\n'
        for name, value in world.keys.items():
            keys += '\t\t"ApiKey %s" %s;\n' % (value, name)
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            self.port = sock.getsockname()[1]
        self.address = '127.0.0.1:%d' % self.port
        os.makedirs(world.path('www'), exist_ok=True)
        os.chmod(world.folder, 0o755)
        conf = world.write('nginx.conf', CONF.format(
            folder=world.folder, keys=keys + '\t}', port=self.port,
            pem=world.pki.server('good'), small=SMALL, more=more, http=http))
        world.plain_files.add(conf)
        self.child = subprocess.Popen(
            ['nginx', '-c', conf, '-p', world.folder, '-e',
             world.path('nginx.error')], env={'PATH': PATH},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        world_module.wait_until(self._up, 'nginx to listen')

    def _up(self):
        assert self.child.poll() is None, 'nginx ended'
        with socket.socket() as sock:
            return sock.connect_ex(('127.0.0.1', self.port)) == 0

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            self.child.wait(world_module.LIMIT)

#!/usr/bin/env python3
"""CPU time per request of sallyport, nginx and HAProxy, doing the same job:
plain HTTP in, the Authorization field set, verified TLS out, kept connections
on both sides, an access log.  One worker each.  Then the CPU time per request
where the API closes each connection, and how many of the new ones shook hands
in full; and per large answer, which is JSON; only sallyport searches it for
the key.  Then with TLS on both sides: from clients that stay, and from clients
that are new with each request, with full handshakes and with sessions that are
resumed; all with one ECDSA certificate and one session ticket per handshake.

    bench.py LOAD SALLYPORT [ROUNDS [REQUESTS [TABLE ...]]]

The proxies run on core 0, the load and the API (nginx) on core 1.  Rounds are
interleaved, so that a slow minute of the machine meets all of them; medians
are printed, and that of the ratios to nginx in each round.  What is not
installed is left out.  Tables: kept, new, large, tls-kept, tls-full,
tls-resumed; all of them, if none is named.
"""

import collections
import glob
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'lib'))

import elastic                      # noqa: E402
import pki as pki_module            # noqa: E402
import world as world_module        # noqa: E402

ANSWER = 955
NEW_REQUESTS = 5000
LARGE = 50 << 20
LARGE_REQUESTS = 8
CONNECTIONS = 64
CORE_PROXY, CORE_REST = 0, 1

# Clients that speak TLS, as the load is told of them.
KEPT = '-t', 'full'
FULL = '-t', 'full', '-o', str(CONNECTIONS)
RESUMED = '-t', 'resumed', '-o', str(CONNECTIONS)
TLS_CLIENTS = (
    ('tls-kept', KEPT, 'that stay', 40000),
    ('tls-full', FULL, 'new with each request, by a full handshake', 5000),
    ('tls-resumed', RESUMED, 'new with each request, by a resumed session',
     5000),
)
TLS_ROUNDS = 3          # of these for one of the others, and shorter ones

NGINX = '''
worker_processes 1;
pid {folder}/{name}.pid;
error_log {folder}/{name}.error;
events {{ worker_connections 1024; }}
http {{
	default_type application/json;
	access_log {log};
	client_body_temp_path {folder}/{name}.1;
	proxy_temp_path {folder}/{name}.2;
	fastcgi_temp_path {folder}/{name}.3;
	uwsgi_temp_path {folder}/{name}.4;
	scgi_temp_path {folder}/{name}.5;
	keepalive_requests 1000000000;
	keepalive_timeout 1h;
{http}
}}
'''

# Refuses whoever does not bring the key.
API = '''
	map_hash_bucket_size 256;
	log_format reused '$ssl_session_reused';
	map $http_authorization $known {{ default 0; "ApiKey {key}" 1; }}
	server {{
		listen 127.0.0.1:{port} ssl;
		ssl_certificate {pem};
		ssl_certificate_key {pem};
		location / {{
			if ($known = 0) {{ return 401 "no\\n"; }}
			return 200 "{answer}";
		}}
		location /new {{
			keepalive_timeout 0;
			access_log {folder}/reused reused;
			if ($known = 0) {{ return 401 "no\\n"; }}
			return 200 "{answer}";
		}}
		location /large {{ root {folder}; }}
	}}
'''

NGINX_PROXY = '''
	upstream api {{
		server 127.0.0.1:{api};
		keepalive 128;
		keepalive_requests 1000000000;
		keepalive_timeout 1h;
	}}
	server {{
		listen 127.0.0.1:{port};
		listen 127.0.0.1:{tls_port} ssl;
		ssl_certificate {listener};
		ssl_certificate_key {listener};
		ssl_protocols TLSv1.2 TLSv1.3;
		ssl_conf_command NumTickets 1;
		location / {{
			proxy_pass https://api;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host {host};
			proxy_set_header Authorization "ApiKey {key}";
			proxy_ssl_verify on;
			proxy_ssl_verify_depth 3;
			proxy_ssl_trusted_certificate {ca};
			proxy_ssl_name {host};
			proxy_ssl_server_name on;
			proxy_ssl_session_reuse on;
			proxy_ssl_protocols TLSv1.2 TLSv1.3;
		}}
	}}
'''

HAPROXY = '''
global
	nbthread 1
	maxconn 1024
	log stdout format raw local0 info
defaults
	mode http
	log global
	option httplog
	timeout connect 10s
	timeout client 1h
	timeout server 1h
	timeout http-keep-alive 1h
	http-reuse always
frontend local
	bind 127.0.0.1:{port}
	bind 127.0.0.1:{tls_port} ssl crt {listener}
	default_backend api
backend api
	http-request set-header Host {host}
	http-request set-header Authorization "ApiKey {key}"
	server api 127.0.0.1:{api} ssl verify required ca-file {ca} \
verifyhost {host} sni str({host})
'''


def free_port():
    """For programs that cannot be told to let the kernel choose."""
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


def family(pid):
    """A process and all below it."""
    pids = [pid]
    for p in pids:
        for children in glob.glob('/proc/%d/task/*/children' % p):
            with open(children) as f:
                pids += [int(c) for c in f.read().split()]
    return pids


def cpu_seconds(pid):
    """Time on a CPU of a process and all below it, of every thread."""
    total = 0
    for p in family(pid):
        for stat in glob.glob('/proc/%d/task/*/schedstat' % p):
            with open(stat) as f:
                total += int(f.read().split()[0])
    return total / 1e9


Proxy = collections.namedtuple('Proxy', 'pid port tls_port')


def check_handshakes(options, requests, connections, said):
    """That clients were as new as they were to be."""
    full = {KEPT: connections, FULL: requests,
            RESUMED: connections}[tuple(options)]
    resumed = requests - connections if tuple(options) == RESUMED else 0
    assert (said['full'], said['resumed']) == (full, resumed), said


class Bench:
    def __init__(self, load, sallyport):
        self.load = load
        self.world = world_module.World(sallyport, pki_module.Pki(
            tempfile.mkdtemp(prefix='pki-')))
        self.folder = self.world.folder
        os.chmod(self.folder, 0o755)
        self.key = elastic.new_key()
        self.listener = self.world.pki.server('listener')
        self.children = []
        self.proxies = {}
        self.api = free_port()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w') as out:
            out.write(text)
        return out.name

    def spawn(self, name, argv, core, port):
        out = open(os.path.join(self.folder, name + '.out'), 'w')
        child = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT,
                                 stdin=subprocess.DEVNULL,
                                 preexec_fn=pinned(core))
        self.children.append(child)

        def up():
            assert child.poll() is None, open(out.name).read()
            with socket.socket() as sock:
                return sock.connect_ex(('127.0.0.1', port)) == 0
        world_module.wait_until(up, name)
        return child

    def nginx(self, name, http, core, port, log):
        conf = self.write(name + '.conf', NGINX.format(
            folder=self.folder, name=name, log=log, http=http))
        return self.spawn(name, ['nginx', '-c', conf, '-p', self.folder,
                                 '-e', self.folder + '/' + name + '.error',
                                 '-g', 'daemon off;'], core, port)

    def start_api(self):
        one = elastic.deployments().decode()
        self.write('large', (one * (LARGE // len(one) + 1))[:LARGE])
        self.nginx('api', API.format(
            key=self.key, port=self.api, folder=self.folder,
            pem=self.world.pki.server('good'),
            answer='x' * ANSWER), CORE_REST, self.api, 'off')

    def values(self):
        return {'api': self.api, 'port': free_port(), 'tls_port': free_port(),
                'host': pki_module.HOST, 'key': self.key,
                'ca': self.world.pki.ca, 'listener': self.listener}

    def start_nginx(self):
        values = self.values()
        child = self.nginx('nginx', NGINX_PROXY.format(**values), CORE_PROXY,
                           values['port'], self.folder + '/nginx.access')
        self.proxies['nginx'] = Proxy(child.pid, values['port'],
                                      values['tls_port'])

    def start_haproxy(self):
        values = self.values()
        conf = self.write('haproxy.cfg', HAPROXY.format(**values))
        child = self.spawn('haproxy', ['haproxy', '-db', '-f', conf],
                           CORE_PROXY, values['port'])
        self.proxies['haproxy'] = Proxy(child.pid, values['port'],
                                        values['tls_port'])

    def start_sallyport(self):
        self.world.keys['bench'] = self.key
        self.world.seal('keys.age', 'bench')
        os.sched_setaffinity(0, {CORE_PROXY})       # it inherits this
        process = self.world.start(self.world.config(
            upstreams=[self.world.upstream(to='127.0.0.1:%d' % self.api)],
            routes=['{ name = "all"; upstream = "elastic-cloud"; '
                    'keys = [ "bench" ]; }'],
            listeners=['{ name = "plain"; address = "127.0.0.1:0"; }',
                       '{ name = "tls"; address = "127.0.0.1:0"; tls = { '
                       'certificate = "%s"; certificate_key = "%s"; }; }'
                       % (self.listener, self.listener)],
            log='access = "%s";' % self.world.path('access.ndjson')))
        os.sched_setaffinity(0, {CORE_REST})
        self.proxies['sallyport'] = Proxy(
            process.child.pid,
            *(int(address.rsplit(':', 1)[1]) for address in
              process.listening))

    def measure(self, name, requests, connections=CONNECTIONS,
                target='/api/v1/deployments', options=(), tls=False):
        """CPU microseconds per request, and requests per second; options:
        more of them for the load."""
        proxy = self.proxies[name]
        before = cpu_seconds(proxy.pid)
        done = subprocess.run(
            [self.load, '-n', str(requests), '-c', str(connections),
             *options, str(proxy.tls_port if tls else proxy.port), target],
            stdout=subprocess.PIPE, preexec_fn=pinned(CORE_REST), check=True)
        spent = cpu_seconds(proxy.pid) - before
        said = json.loads(done.stdout)
        assert said['errors'] == 0, '%s: %s' % (name, said)
        if tls:
            check_handshakes(options, requests, connections, said)
        return spent / requests * 1e6, requests / said['seconds']

    def measure_new(self, name):
        """The same, and the share of handshakes that were whole."""
        log = os.path.join(self.folder, 'reused')
        before = os.path.getsize(log)
        measured = self.measure(name, NEW_REQUESTS, target='/new')
        with open(log) as f:
            f.seek(before)
            said = f.read().split()
        return measured + (said.count('.') / len(said),)

    def alternate(self, rounds, measure, *args, **more):
        """Rounds in which each of the proxies is measured in turn."""
        results = {name: [] for name in self.proxies}
        for _ in range(rounds):
            for name in results:
                results[name].append(measure(name, *args, **more))
                time.sleep(0.05)                # its log lines go out
        return results

    def stop(self):
        for child in self.children:
            child.terminate()
            child.wait()
        self.world.abandon()
        shutil.rmtree(self.world.pki.folder)


def table(results):
    base = results.get('nginx')
    print('%-10s %12s %12s %12s %9s' % (
        'proxy', 'CPU us/req', 'best', 'requests/s', 'to nginx'))
    for name, rounds in results.items():
        ratios = [r[0] / b[0] for r, b in zip(rounds, base or ())]
        print('%-10s %12.2f %12.2f %12.0f %9s' % (
            name, statistics.median(r[0] for r in rounds),
            min(r[0] for r in rounds),
            statistics.median(r[1] for r in rounds),
            '%.2f' % statistics.median(ratios) if ratios else '-'))


def whole_handshakes(results):
    for name, rounds in results.items():
        print('%-10s %.1f %% of its handshakes were whole' % (
            name, 100 * statistics.median(r[2] for r in rounds)))


def tables(bench, rounds, requests):
    """Each by its name, and what measures it: a title, and results."""
    yield 'kept', lambda: (
        '%d rounds of %d requests, %d connections, answers of %d bytes'
        % (rounds, requests, CONNECTIONS, ANSWER),
        bench.alternate(rounds, bench.measure, requests))
    yield 'new', lambda: (
        '%d rounds of %d requests, %d connections, the API closes its own'
        % (rounds, NEW_REQUESTS, CONNECTIONS),
        bench.alternate(rounds, bench.measure_new))
    yield 'large', lambda: (
        '%d rounds of %d requests, 1 connection, answers of %d MiB'
        % (rounds, LARGE_REQUESTS, LARGE >> 20),
        bench.alternate(rounds, bench.measure, LARGE_REQUESTS, 1, '/large'))
    for name, options, which, n in TLS_CLIENTS:
        each = n // TLS_ROUNDS
        yield name, lambda options=options, which=which, each=each: (
            '%d rounds of %d requests, TLS of %d clients %s'
            % (TLS_ROUNDS * rounds, each, CONNECTIONS, which),
            bench.alternate(TLS_ROUNDS * rounds, bench.measure, each,
                            options=options, tls=True))


def main(load, sallyport, rounds='7', requests='40000', *only):
    rounds, requests = int(rounds), int(requests)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit('bench: needs two cores')
    if not shutil.which('nginx'):
        print('bench: skipped, no nginx to play the API')
        return
    bench = Bench(load, sallyport)
    try:
        bench.start_api()
        bench.start_nginx()
        if shutil.which('haproxy'):
            bench.start_haproxy()
        else:
            print('bench: no haproxy, left out')
        if world_module.SANITIZED or not os.access(sallyport, os.X_OK):
            print('bench: no sallyport to measure, left out')
        else:
            bench.start_sallyport()
        for name in bench.proxies:
            bench.measure(name, 5000)           # warm
        for name, measured in tables(bench, rounds, requests):
            if not only or name in only:
                title, results = measured()
                print(title)
                table(results)
                if name == 'new':
                    whole_handshakes(results)
                sys.stdout.flush()      # what is done is not lost
    finally:
        bench.stop()


if __name__ == '__main__':
    main(*sys.argv[1:])

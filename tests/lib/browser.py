"""A headless Chromium that a test steers by its own protocol, over two pipes:
no other program and no library is in between."""

import base64
import json
import os
import select
import shutil
import subprocess

from waiting import LIMIT


def chromium():
    return shutil.which('chromium')


class Browser:
    """One page; what it asked for and what went wrong in it is kept."""

    def __init__(self, profile):
        self.profile = profile
        self.requests = []
        self.troubles = []
        self.last = 0
        self.buffer = b''
        here, self.out = os.pipe()
        self.inp, there = os.pipe()
        command = [chromium(), '--headless=new', '--disable-gpu',
                   '--no-first-run', '--disable-dev-shm-usage',
                   '--disable-background-networking', '--no-proxy-server',
                   '--user-data-dir=' + profile, '--remote-debugging-pipe']
        if os.getuid() == 0:
            command.append('--no-sandbox')
        # Its protocol is on descriptors 3 and 4.
        self.process = subprocess.Popen(
            ['bash', '-c', 'exec "$@" 3<&%d 4>&%d' % (here, there), 'sh',
             *command, 'about:blank'],
            pass_fds=(here, there), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(here)
        os.close(there)
        self.session = None
        target, = [t['targetId'] for t in self.wait_targets()
                   if t['type'] == 'page']
        self.session = self.call('Target.attachToTarget', targetId=target,
                                 flatten=True)['sessionId']
        for domain in 'Page', 'Network', 'Runtime', 'Log':
            self.call(domain + '.enable')

    def wait_targets(self):
        self.call('Target.setDiscoverTargets', discover=True)
        while True:
            found = self.call('Target.getTargets')['targetInfos']
            if [t for t in found if t['type'] == 'page']:
                return found

    def close(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.out)
        os.close(self.inp)
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # The protocol: objects of JSON, with a NUL behind each.

    def next(self):
        while b'\0' not in self.buffer:
            assert select.select([self.inp], [], [], 3 * LIMIT)[0], \
                'the browser is silent'
            more = os.read(self.inp, 1 << 20)
            assert more, 'the browser ended'
            self.buffer += more
        one, _, self.buffer = self.buffer.partition(b'\0')
        return json.loads(one)

    def note(self, message):
        method, what = message.get('method'), message.get('params')
        if method == 'Network.requestWillBeSent':
            self.requests.append(what['request']['url'])
        elif method == 'Runtime.exceptionThrown':
            self.troubles.append(what['exceptionDetails'])
        elif method == 'Runtime.consoleAPICalled':
            self.troubles.append(what['args'])
        elif method == 'Log.entryAdded':
            self.troubles.append(what['entry'])

    def call(self, method, **params):
        self.last += 1
        message = {'id': self.last, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.next()
            if answer.get('id') == self.last:
                assert 'error' not in answer, answer
                return answer['result']
            self.note(answer)

    # What a person does.

    def size(self, width, height, dark=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', features=[{
            'name': 'prefers-color-scheme',
            'value': 'dark' if dark else 'light'}])

    def script(self, on):
        self.call('Emulation.setScriptExecutionDisabled', value=not on)

    def open(self, url):
        self.requests.clear()
        self.call('Page.navigate', url=url)
        while True:
            message = self.next()
            self.note(message)
            if message.get('method') == 'Page.loadEventFired':
                return

    def evaluate(self, text):
        result = self.call('Runtime.evaluate', expression=text,
                           awaitPromise=True, returnByValue=True)
        assert 'exceptionDetails' not in result, result
        return result['result'].get('value')

    def shoot(self, file):
        data = self.call('Page.captureScreenshot',
                         captureBeyondViewport=True)['data']
        with open(file, 'wb') as f:
            f.write(base64.b64decode(data))

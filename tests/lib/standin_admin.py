"""A stand-in of the daemon's admin listener, which answers what a test says."""

import contextlib
import json
import os
import socket
import threading


def document(**more):
    """A status like the daemon's."""
    return {
        'version': '0.1.0', 'pid': 4711, 'started': '2026-11-01T00:00:00Z',
        'state': 'serving', 'generation': 3,
        'configuration': '/etc/sallyport/sallyport.conf', 'attention': [],
        'listeners': [{'name': 'local', 'address': '127.0.0.1:9080',
                       'clients': 12}],
        'routes': [{'name': 'team-a', 'upstream': 'elastic-cloud',
                    'keys': ['team-a', 'team-b'], 'requests': 4711,
                    'usable': True, 'serves': 'team-a', 'reason': None}],
        'upstreams': [{'name': 'elastic-cloud',
                       'url': 'https://api.elastic-cloud.com',
                       'connections': {'idle': 5, 'busy': 2}}],
        'keys': [{'name': 'team-a', 'state': 'active', 'expires': '2027-02-23T00:00:00Z',
                  'days_left': 83, 'last_used': '2026-11-30T00:00:00Z',
                  'requests': 4711, 'rejected': 1,
                  'refused': {'at': '2026-11-29T00:00:00Z',
                              'diagnosis': 'the key was revoked'},
                  'safe_to_revoke': False, 'ratelimit': None,
                  'safe_to_revoke_reason': 'it serves route team-a',
                  'routes': ['team-a']},
                 {'name': 'team-b', 'state': 'standby', 'expires': None, 'days_left': None,
                  'last_used': None, 'requests': 0, 'rejected': 0, 'refused': None,
                  'routes': ['team-a']}],
        'workers': [{'pid': 4712, 'generation': 3, 'state': 'serving',
                     'since': '2026-11-30T00:00:00Z'}],
        'reload': {'last': None, 'result': None, 'reason': None,
                   'last_success': '2026-11-01T00:00:00Z'},
        'sandbox': {'option': 'required', 'seccomp': True,
                    'landlock': 4, 'holds': 'no file can be opened',
                    'reason': None,
                    'admin': {'seccomp': True, 'landlock': 4,
                              'holds': 'no file can be opened',
                              'reason': None}},
        'log': {'lost': 0}, **more}


def response(body, status=200, more=''):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return ('HTTP/1.1 %d x\r\nContent-Type: application/json\r\n%s'
            'Content-Length: %d\r\n\r\n' % (status, more, len(body))
            ).encode() + body


def error(message, status=421, code='sallyport.x'):
    return response({'errors': [{'code': code, 'message': message}]}, status)


class StandIn:
    """Answers each connection with the bytes of .answer, and keeps what it
    was asked in .requests."""

    def __init__(self, path=None):
        if path is None:
            self.sock = socket.create_server(('127.0.0.1', 0))
            self.address = '127.0.0.1:%d' % self.sock.getsockname()[1]
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.bind(path)
            os.chmod(path, 0o600)
            self.sock.listen()
            self.address = 'unix:' + path
        self.answer = response(document())
        self.requests = []
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, _ = self.sock.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                self.talk(client)

    def talk(self, client):
        got = b''
        while b'\r\n\r\n' not in got:
            more = client.recv(65536)
            if not more:
                return
            got += more
        with self.changed:
            self.requests.append(got.decode())
            self.changed.notify_all()
        client.sendall(self.answer)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

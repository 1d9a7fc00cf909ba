"""openssl s_client, which people test a listener with; see README.  It knows no
HTTP: one request goes in, and what comes out is taken apart here.
"""

import os
import re
import subprocess
import sys

base = sys.argv[1].removeprefix('https://')
options = ['-connect', base, '-CAfile', os.environ['CLIENT_CA'],
           '-verify_return_error', '-quiet', '-servername', 'localhost']
if 'CLIENT_CERTIFICATE' in os.environ:
    options += ['-cert', os.environ['CLIENT_CERTIFICATE'],
                '-key', os.environ['CLIENT_CERTIFICATE']]


def request(method, target, how, n):
    body = (bytes(range(251)) * (n // 251 + 1))[:n]
    head = '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n' % (
        method, target, base)
    if how == 'length':
        head += 'Content-Length: %d\r\n' % n
    elif how == 'chunked':
        head += 'Transfer-Encoding: chunked\r\n'
        body = b'%x\r\n%s\r\n0\r\n\r\n' % (n, body)
    return head.encode() + b'\r\n' + body


def say(name, kind, text):
    print(name, kind, text.replace('\n', ' '), sep='\t', flush=True)


for case in sys.stdin:
    name, method, target, how, n = case.rstrip('\n').split('\t')
    done = subprocess.run(['openssl', 's_client', *options],
                          input=request(method, target, how, int(n)),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    head, _, body = done.stdout.decode().partition('\r\n\r\n')
    status = re.match(r'HTTP/1\.1 (\d{3}) ', head)
    if status:
        for line in filter(None, body.splitlines()):
            say(name, 'line', line)
        say(name, 'status', status[1])
    else:
        say(name, 'error', done.stderr.decode())

"""curl, with the options behind the first argument; see README."""

import os
import subprocess
import sys
import tempfile

MARK = 'status of curl: '
base, *options = sys.argv[1:]
for option, name in ('--cacert', 'CLIENT_CA'), ('--cert',
                                                'CLIENT_CERTIFICATE'):
    if name in os.environ:
        options += [option, os.environ[name]]


def body(how, n):
    """The options that send it, and a file to read from."""
    file = tempfile.NamedTemporaryFile()
    file.write((bytes(range(251)) * (n // 251 + 1))[:n])
    file.seek(0)
    return {'none': [], 'length': ['--data-binary', '@' + file.name],
            'chunked': ['-T', '-']}[how], file


def say(name, kind, text):
    print(name, kind, text.replace('\n', ' '), sep='\t', flush=True)


for case in sys.stdin:
    name, method, target, how, n = case.rstrip('\n').split('\t')
    more, file = body(how, int(n))
    with file, subprocess.Popen(
            ['curl', '-sSgN', '--noproxy', '*', '-X', method, *options, *more,
             '-w', '\\n' + MARK + '%{http_code}\\n', base + target],
            stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True) as curl:
        for line in filter(None, map(str.rstrip, curl.stdout)):
            if line.startswith(MARK):
                status = line[len(MARK):]
            else:
                say(name, 'line', line)
        fault = curl.stderr.read()
    if curl.returncode:
        say(name, 'error', fault)
    else:
        say(name, 'status', status)

"""httpx, requests, or http.client, which of them argv says; see README."""

import os
import sys

base, which = sys.argv[1:]


def body(how, n):
    data = (bytes(range(251)) * (n // 251 + 1))[:n]
    if how == 'none':
        return None
    if how == 'length':
        return data
    return (data[at:at + 65536] for at in range(0, n, 65536))


def by_requests(method, target, how, n):
    import requests
    with requests.request(method, base + target, data=body(how, n),
                          stream=True,
                          verify=os.environ.get('CLIENT_CA', True),
                          cert=os.environ.get('CLIENT_CERTIFICATE')
                          ) as response:
        # It gathers 512 bytes before it tells of a line, unless asked.
        yield from response.iter_lines(chunk_size=1)
        yield response.status_code


def by_httpx(method, target, how, n):
    import httpx
    verify = tls() if 'CLIENT_CA' in os.environ else True
    with httpx.stream(method, base + target, content=body(how, n),
                      timeout=60, verify=verify) as response:
        yield from (line.rstrip('\n').encode()
                    for line in response.iter_lines())
        yield response.status_code


def tls():
    import ssl
    made = ssl.create_default_context(cafile=os.environ['CLIENT_CA'])
    if 'CLIENT_CERTIFICATE' in os.environ:
        made.load_cert_chain(os.environ['CLIENT_CERTIFICATE'])
    return made


def by_http_client(method, target, how, n):
    import http.client
    host = base.removeprefix('https://')
    connection = http.client.HTTPSConnection(host, context=tls())
    connection.request(method, target, body(how, n))
    response = connection.getresponse()
    yield response.read()
    yield response.status
    connection.close()


def say(name, kind, text):
    print(name, kind, str(text).replace('\n', ' '), sep='\t', flush=True)


ask = {'httpx': by_httpx, 'requests': by_requests,
       'http.client': by_http_client}[which]
for line in sys.stdin:
    name, method, target, how, n = line.rstrip('\n').split('\t')
    try:
        for part in ask(method, target, how, int(n)):
            if isinstance(part, int):
                say(name, 'status', part)
            elif part:
                say(name, 'line', part.decode())
    except Exception as fault:      # noqa: BLE001
        say(name, 'error', repr(fault))

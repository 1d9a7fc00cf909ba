"""What ecctl and the elastic CLI do when they list deployments, and Terraform's
provider when it reads one, by their documentation, where they cannot be had:
IMITATED ecctl|elastic|terraform ARGUMENT ...
"""

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

LIMIT = 30                      # seconds, that of all
TARGET = '/api/v1/deployments'
STATE = 'elastic-contexts.json'


def ask(base, word, target=TARGET):
    """The status and the body."""
    request = urllib.request.Request(base + target, headers={
        'Authorization': 'ApiKey ' + word, 'Accept': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def errors_of(body):
    return [(e.get('code', 'unknown'), e.get('message', 'unknown'))
            for e in json.loads(body)['errors']]


def api_error(body):
    """As the library of ecctl and the provider puts it."""
    errors = errors_of(body)
    return 'api error: %d error%s occurred:\n%s\n' % (
        len(errors), '' if len(errors) == 1 else 's',
        '\n'.join('\t* %s: %s' % one for one in errors))


def without_path(address):
    parts = urllib.parse.urlsplit(address)
    return '%s://%s' % (parts.scheme, parts.netloc)


def ecctl(arguments):
    """Of its host it takes scheme and address, and lists what went wrong."""
    assert arguments == ['deployment', 'list']
    word = os.environ.get('EC_API_KEY')
    if not word:
        sys.exit('auth: one of apikey or user and password must be specified')
    status, body = ask(without_path(os.environ['EC_HOST']), word)
    if status != 200:
        sys.exit(api_error(body))
    print(body)


def elastic(arguments):
    """A context has the address and the word; an answer is told in JSON."""
    if arguments[:3] == ['config', 'context', 'add']:
        name, *options = arguments[3:]
        options = dict(zip(options[::2], options[1::2]))
        with open(STATE, 'w') as file:
            json.dump({name: [options['--cloud-url'],
                              options['--cloud-api-key']]}, file)
        return
    flag, name, *rest = arguments
    assert flag == '--use-context'
    assert rest == ['cloud', 'hosted', 'deployments', 'list-deployments',
                    '--json']
    with open(STATE) as file:
        base, word = json.load(file)[name]
    status, body = ask(base.rstrip('/'), word)
    if status == 200:
        print(body)
        return
    error = {'code': 'cloud_api_error',
             'message': '; '.join(message for _, message in errors_of(body))}
    if status in (401, 403):
        error['hint'] = 'Use a Cloud API key, not a project Elasticsearch key.'
    print(json.dumps({'error': error}, indent=2))
    sys.exit(1)


def terraform(arguments):
    """Plans with main.tf, which has a provider and a source of data."""
    assert arguments == ['plan']
    with open('main.tf') as file:
        text = file.read()
    setting = dict(re.findall(r'(\w+) *= *"([^"]*)"', text))
    name = re.search(r'data "ec_deployment" "(\w+)"', text)[1]
    if not setting['apikey']:
        sys.exit('auth: one of apikey or user and password must be specified')
    status, body = ask(without_path(setting['endpoint']), setting['apikey'],
                       '%s/%s' % (TARGET, setting['id']))
    if status == 200:
        print('No changes. Your infrastructure matches the configuration.')
        return
    what = 'Failed retrieving deployment information'
    told = 'Error: %s\n\n  with data.ec_deployment.%s\n\n%s: %s' % (
        what, name, what, api_error(body))
    sys.exit('\n'.join('\u2502 ' + line for line in told.splitlines()))


{'ecctl': ecctl, 'elastic': elastic, 'terraform': terraform}[sys.argv[1]](sys.argv[2:])

"""Answers like those of the Elastic Cloud API, in shape and size."""

import base64
import binascii
import functools
import json
import os
import random

EXPIRATION = 'X-Elastic-Api-Key-Expiration'
REGIONS = ['us-east-1', 'eu-west-1', 'gcp-europe-west1', 'azure-westeurope']
PRODUCTS = ['logs', 'search', 'billing', 'metrics', 'audit', 'traces']
KINDS = ['elasticsearch', 'kibana', 'integrations_server',
         'enterprise_search']


def new_key():
    """A random key in the form that Elastic Cloud gives out."""
    payload = os.urandom(64)
    crc = binascii.crc32(payload).to_bytes(8, 'big')
    return 'essu_' + base64.b64encode(payload + crc).decode()


def _hex(rng):
    return '%032x' % rng.getrandbits(128)


def deployment(rng):
    ident, region = _hex(rng), rng.choice(REGIONS)
    name = '%s-%s-%02d' % (rng.choice(PRODUCTS),
                           rng.choice(['prod', 'staging', 'dev']),
                           rng.randrange(40))
    resources = []
    for kind in KINDS[:rng.randrange(2, 5)]:
        resources.append({
            'ref_id': 'main-' + kind, 'id': _hex(rng), 'kind': kind,
            'region': region, 'cloud_id': '%s:%s' % (
                name, base64.b64encode(_hex(rng).encode()).decode()),
            'info': {'healthy': True, 'status': 'started', 'plan_info': {
                'healthy': True, 'current': {
                    'plan_attempt_id': _hex(rng), 'healthy': True,
                    'plan_end_time': '2026-10-%02dT08:%02d:11.482Z' % (
                        rng.randrange(1, 29), rng.randrange(60))}}}})
    return {'id': ident, 'name': name, 'alias': name,
            'resources': resources,
            'metadata': {'tags': [{'key': 'team', 'value': name}]}}


@functools.lru_cache(maxsize=None)
def deployments(team='any', n=45):
    """The list of a team's deployments, the same bytes at every call."""
    rng = random.Random(team)
    return json.dumps({'deployments': [deployment(rng)
                                       for _ in range(n)]}).encode()


def error(code, message):
    """Body and fields of an error in Elastic's shape."""
    body = json.dumps({'errors': [{'code': code, 'message': message}]})
    return body.encode(), [('Content-Type', 'application/json'),
                           ('x-cloud-error-codes', code)]

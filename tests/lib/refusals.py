"""What upstreams say when they refuse a request: the rows of
src/upstream/refusal.tbl, and an answer for each that has it found."""

import collections
import json
import os
import re

TABLE = os.path.join(os.path.dirname(__file__), '..', '..', 'src', 'upstream',
                     'refusal.tbl')
ROW = re.compile(r'^REFUSAL\((\w+), (\d+), (\w+), (\w+), "(.*?)", (\d+), "(.*)"\)$',
                 re.MULTILINE)

Row = collections.namedtuple('Row', 'name status kind where text source words')

with open(TABLE) as table:
    ROWS = [Row(name, int(status), *rest)
            for name, status, *rest in ROW.findall(table.read())]


def security(reason, **more):
    """A security_exception of Elasticsearch."""
    return json.dumps({'error': {'root_cause': [], 'reason': reason,
                                 'type': 'security_exception', **more},
                       'status': 401}).encode()


def answer(row):
    """The fields and the body."""
    if row.where == 'CODE':
        return [('X-Cloud-Error-Codes', row.text)], b''
    if row.where == 'PART' and row.text.startswith('0x'):
        return [], security('x', authentication_error_code=row.text)
    if row.where == 'PART':
        return [], security('before %s after' % row.text)
    if row.where == 'TYPE':
        return [], json.dumps({'error': {'type': row.text}}).encode()
    if row.where == 'SPENT':
        return [('x-ratelimit-remaining', '0')], b''
    return [], b'{}'

"""Draws the dashboard of contrib/grafana from a Prometheus, as one page of
HTML: enough to see whether each panel shows what its title says.
"""

import html
import json
import re
import time
import urllib.parse
import urllib.request

COLOURS = ['#3274d9', '#56a64b', '#e02f44', '#ff9830', '#a352cc', '#19a3a3',
           '#8c6d31', '#777']
STYLE = '''<!DOCTYPE html><meta charset="utf-8"><style>
body{font:12px sans-serif;width:1440px;position:relative;margin:0}
div{position:absolute;box-sizing:border-box;border:1px solid #ccc;padding:4px;
overflow:hidden}b{display:block}td,th{text-align:left;padding:1px 8px}
big{font-size:40px}</style>'''
VARIABLES = {'$job': '.*', '$instance': '.*', '$__rate_interval': '1m'}


class Prometheus:
    """One that is asked at its address, such as 127.0.0.1:9090."""

    def __init__(self, address):
        self.address = address
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}))

    def ask(self, kind, **arguments):
        url = 'http://%s/api/v1/%s?%s' % (
            self.address, kind, urllib.parse.urlencode(arguments))
        with self.opener.open(url) as answer:
            return json.load(answer)['data']['result']

    def of(self, target, seconds):
        """What a target of a panel gives: now, or for so many seconds."""
        query = target['expr']
        for name, value in VARIABLES.items():
            query = query.replace(name, value)
        if target['instant']:
            return self.ask('query', query=query)
        now = time.time()
        return self.ask('query_range', query=query, start=now - seconds,
                        end=now, step=1)


def legend(target, labels):
    text = target['legendFormat']
    for name, value in labels.items():
        text = text.replace('{{%s}}' % name, value)
    return re.sub(r'\{\{\w+\}\}', '', text) or json.dumps(labels)


def table(panel, results):
    """Rows of all targets, put together by their labels."""
    rows, columns = {}, []
    for target, found in zip(panel['targets'], results):
        for series in found:
            labels = {k: v for k, v in series['metric'].items()
                      if k not in ('__name__', 'job')}
            columns += [k for k in labels if k not in columns]
            key = json.dumps(labels, sort_keys=True)
            rows.setdefault(key, dict(labels))['#' + target['refId']] = \
                '%.4g' % float(series['value'][1])
    columns += ['#' + target['refId'] for target in panel['targets']]
    rows = sorted(rows.values(), key=lambda row: float(row.get('#A', 'inf')))
    cells = [columns] + [[row.get(c, '') for c in columns] for row in rows]
    return '<table>%s</table>' % ''.join('<tr>%s</tr>' % ''.join(
        '<td>%s</td>' % html.escape(cell) for cell in row) for row in cells)


def lines(panel, results, width, height):
    found = [(legend(target, series['metric']),
              [(float(t), float(v)) for t, v in series['values']
               if v not in ('NaN', '+Inf')])
             for target, some in zip(panel['targets'], results)
             for series in some]
    points = [p for _, values in found for p in values]
    if not points:
        return 'no data'
    first, last = min(p[0] for p in points), max(p[0] for p in points)
    top = max(p[1] for p in points) or 1
    drawn, names = '', ''
    for n, (name, values) in enumerate(found):
        colour = COLOURS[n % len(COLOURS)]
        drawn += '<polyline fill="none" stroke="%s" points="%s"/>' % (
            colour, ' '.join('%.1f,%.1f' % (
                (t - first) / (last - first or 1) * width,
                height - v / top * height) for t, v in values))
        names += '<span style="color:%s">%s</span> &nbsp;' % (
            colour, html.escape(name))
    return 'top: %.4g<br><svg width="%d" height="%d">%s</svg><br>%s' % (
        top, width, height, drawn, names)


def stat(results):
    return '<big>%s</big>' % ', '.join(
        '%g' % float(s['value'][1]) for found in results for s in found)


def draw(dashboard, prometheus, seconds):
    """The page, and the titles of panels for which there was nothing."""
    page, empty = STYLE, []
    for panel in dashboard['panels']:
        at = panel['gridPos']
        results = [prometheus.of(target, seconds)
                   for target in panel.get('targets', ())]
        if results and not any(results):
            empty.append(panel['title'])
        width, height = at['w'] * 60 - 20, at['h'] * 30 - 70
        body = table(panel, results) if panel['type'] == 'table' else \
            stat(results) if panel['type'] == 'stat' else \
            lines(panel, results, width, height) if results else ''
        page += '<div style="left:%dpx;top:%dpx;width:%dpx;height:%dpx">' \
            '<b>%s</b>%s</div>' % (at['x'] * 60, at['y'] * 30, at['w'] * 60,
                                   at['h'] * 30, html.escape(panel['title']),
                                   body)
    return page, empty

"""What queries of Prometheus name: metrics, labels, and values of labels."""

import re

METRIC = re.compile(r'(?<![\w:])(?:sallyport|process)_\w+(?![\w:]*:)')
# A selector; texts in it may hold any character but a quote.
SELECTOR = re.compile(r'(?<![\w:])((?:sallyport|process)_\w+)'
                      r'\{((?:[^"}]|"[^"]*")*)\}')
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r'\b(?:by|on|without|ignoring|group_left|group_right)'
                      r'\s*\(([^)]*)\)')

# Those that Prometheus itself adds.
TARGET = {'job', 'instance'}


class Exposed:
    """The metrics that a daemon shows, from its /metrics."""

    def __init__(self, text):
        self.labels = {}
        self.values = {}
        for line in text.splitlines():
            if line.startswith('# TYPE '):
                self.labels.setdefault(line.split()[2], set())
            elif line and not line.startswith('#'):
                name, pairs = re.match(r'(\w+)(?:\{(.*)\})? ', line).groups()
                found = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', pairs or '')
                self.labels.setdefault(name, set()).update(
                    label for label, _ in found)
                for pair in found:
                    self.values.setdefault((name, pair[0]), set()).add(pair[1])

    def add_help(self, text):
        """Labels of metrics that have no value, by `help metrics`."""
        for name, by in re.findall(r'^(\w+)\n    \w+(?:, by (.*))?$', text,
                                   re.M):
            self.labels.setdefault(name, set()).update(
                by.split(', ') if by else ())

    def faults_of(self, query):
        """What the query names and no daemon shows."""
        faults = ['no metric ' + name for name in METRIC.findall(query)
                  if name not in self.labels]
        for name, matchers in SELECTOR.findall(query):
            known = self.labels.get(name, set()) | TARGET
            for label, how, value in MATCHER.findall(matchers):
                if label not in known:
                    faults.append('%s has no label %s' % (name, label))
                elif (name, label) in self.values and '$' not in value and \
                        how in ('=', '=~') and label in ('state', 'fault'):
                    faults += ['%s of %s is never %s' % (label, name, one)
                               for one in value.split('|') if
                               one not in self.values[name, label]]
        known = set.union(TARGET, *(
            self.labels.get(name, set()) for name in METRIC.findall(query)))
        for labels in GROUPING.findall(query):
            faults += ['nothing has the label ' + label
                       for label in re.findall(r'\w+', labels)
                       if label not in known | {'le'}]
        return faults

#!/usr/bin/env python3
"""layering.py SRC OBJECTS PROGRAM

Is the tree of sources SRC in the order of its layers, as ARCHITECTURE.md draws
it?  A file includes and uses its own directory and lower ones, modules of one
directory form no cycle, and only the modules that wrap a library know it.

Uses are read from the symbols of the objects: a function that was declared by
hand is seen, too, and one that is handed over by pointer is not.  The symbols
of the libraries are read from those that PROGRAM is linked with.
"""

import os
import re
import subprocess
import sys

BELOW_CONN = 'base http seal cert net conf policy stats '
# The layers that each layer may know, besides itself.
LAYERS = {
    'base': '',
    'http': 'base',
    'seal': 'base',
    'cert': 'base',
    'net': 'base cert',
    'conf': 'base http seal cert',
    'policy': 'base http cert conf',
    'stats': 'base http conf policy',
    'conn': 'base http net conf policy stats',
    'upstream': BELOW_CONN + 'conn',
    'client': BELOW_CONN + 'conn upstream',
    'sandbox': 'base conf',
    'keys': BELOW_CONN + 'conn upstream client',
    'pages': BELOW_CONN + 'conn upstream client sandbox keys',
    'daemon': BELOW_CONN + 'conn upstream client sandbox keys pages',
    'tty': 'base seal conf',
    'keyfile': 'base seal conf tty',
    'cli': BELOW_CONN + 'conn upstream client sandbox keys pages daemon '
        'tty keyfile',
    '': 'base cli',                     # main.c
}

# Layers and modules that may know a library, by its header or shared object.
LIBRARIES = {
    r'event2/|libevent': 'net daemon/admin daemon/listeners daemon/worker',
    r'ares|libcares': 'net/dns net/dns_channel',
    r'openssl/|libcrypto': 'base/digest base/secret base/secret_veil seal/crypto '
        'seal/mlkem cert net',
    r'openssl/ssl|libssl': 'net',
    r'libconfig': 'conf/tree',
    r'seccomp|libseccomp': 'sandbox/syscall_filter',
    r'zlib\.h|zconf\.h|libz\.': 'upstream/gunzip',
    r'nghttp2/|libnghttp2': 'http',
    r'sys/socket\.h': 'base net sandbox daemon cli',
}


class Use:
    """One file includes or uses another, or a <library>."""

    def __init__(self, file, verb, other, symbol=''):
        self.file, self.other = file, other
        self.text = ' '.join(filter(None, (file, verb, other, symbol)))


def module_of(file):
    return os.path.splitext(file)[0]


def layer_of(file):
    return os.path.dirname(file)


def find_files(src, *ends):
    return sorted(os.path.relpath(os.path.join(folder, name), src)
                  for folder, _, names in os.walk(src)
                  for name in names if name.endswith(ends))


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True,
                          text=True).stdout


def find_includes(src):
    for file in find_files(src, '.c', '.h', '.tbl'):
        with open(os.path.join(src, file), encoding='utf-8') as f:
            for line in f:
                m = re.match(r'#\s*include\s*(?:"(.*)"|(<.*>))', line)
                if m and m[1] != 'config.h':
                    yield Use(file, 'includes', m[1] or m[2])


def symbols(option, paths):
    """(path, name, is it defined there?) of each global symbol."""
    for line in output(os.environ.get('NM', 'nm'), '-AP', option,
                       *paths).splitlines():
        path, name, kind = re.match(r'(.*): (\S+) (\S)', line).groups()
        name = name.partition('@')[0]           # without its version
        if kind in 'Uwv':
            yield path, name, False
        elif kind.isupper():
            yield path, name, True


def libraries_of(program):
    """Path to <name> of the libraries of a program, except the libc."""
    return {path: '<%s>' % name for name, path in
            re.findall(r'(\S+) => (/\S+)', output('ldd', program))
            if not re.match(r'libc\.|libm\.|lib.*san\.', name)}


def find_uses(src, objects, program):
    """Uses by current sources: objects of removed ones may be left."""
    paths = {os.path.join(objects, module_of(file) + '.o'): file
             for file in find_files(src, '.c')}
    found = list(symbols('-g', filter(os.path.exists, paths)))
    home = {name: paths[path] for path, name, defined in found if defined}
    libraries = libraries_of(program)
    for path, name, defined in symbols('-D', libraries):
        if defined:
            home.setdefault(name, libraries[path])
    return [Use(paths[path], 'uses', home[name], name)
            for path, name, defined in found if not defined and name in home]


def wrong_layers(uses):
    for use in uses:
        layer = layer_of(use.file)
        if use.other.startswith('<'):
            continue
        if layer not in LAYERS:
            yield '%s: %s is no layer' % (use.file, layer)
        elif layer_of(use.other) not in [layer, *LAYERS[layer].split()]:
            yield '%s: not below it' % use.text


def wrong_libraries(uses):
    for use in uses:
        for library, knows in LIBRARIES.items():
            if re.match('<(%s)' % library, use.other) and not (
                    {module_of(use.file), layer_of(use.file)} &
                    set(knows.split())):
                yield '%s: the business of %s' % (use.text, knows)


def find_cycle(graph):
    """The modules of a cycle, in order; graph: the uses of each module."""
    done, path = set(), []

    def visit(module):
        if module in path:
            return path[path.index(module):]
        if module in done:
            return None
        path.append(module)
        for other in sorted(graph.get(module, ())):
            cycle = visit(other)
            if cycle:
                return cycle
        done.add(path.pop())
        return None

    for module in sorted(graph):
        cycle = visit(module)
        if cycle:
            return cycle
    return None


def cycles(src, uses):
    """A module is a .c file with its header; headers without code, which
    only declare data, are part of no cycle."""
    code = {module_of(file) for file in find_files(src, '.c')}
    graph, texts = {}, {}
    for use in uses:
        a, b = module_of(use.file), module_of(use.other)
        if a != b and layer_of(a) == layer_of(b) and {a, b} <= code:
            graph.setdefault(a, set()).add(b)
            texts.setdefault((a, b), use.text)
    while True:
        cycle = find_cycle(graph)
        if not cycle:
            return
        edges = list(zip(cycle, cycle[1:] + cycle[:1]))
        yield '\n\t'.join(['a cycle:', *(texts[e] for e in edges)])
        for a, b in edges:              # and look for the next
            graph[a].discard(b)


def main(src, objects, program):
    includes = list(find_includes(src))
    uses = find_uses(src, objects, program)
    faults = [*wrong_layers(includes + uses),
              *wrong_libraries(includes + uses),
              *cycles(src, includes), *cycles(src, uses)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

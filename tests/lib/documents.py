"""What documents show: commands with what they print, and configurations."""

import os
import re

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))


def read(*path):
    with open(os.path.join(TOP, *path)) as f:
        return f.read()


def fences(text, language):
    """The blocks of code of one language."""
    return re.findall(r'^```%s\n(.*?)^```$' % language, text, re.M | re.S)


def typed(text):
    """(command, what is printed) of each prompt, in their order."""
    for block in fences(text, 'console'):
        for part in re.split(r'^\$ ', block, flags=re.M)[1:]:
            command, _, printed = part.partition('\n')
            yield command, printed


def listed(text):
    """The lines of commands that are shown without what they print."""
    return [line for block in fences(text, 'sh')
            for line in block.splitlines()]


def literals(page):
    """The examples of a manual page, as text."""
    part = page.split('\n.Sh EXAMPLES\n')[1].split('\n.Sh ')[0]
    blocks = re.findall(r'^\.Bd -literal.*?\n(.*?)^\.Ed$', part, re.M | re.S)
    return [x.replace('\\e', '\\') for x in blocks]


def pattern(printed):
    """What a document shows as a regular expression: an ellipsis is for
    anything, numbers are those of another day, blanks are as many as it
    takes."""
    made = ''
    for piece in re.findall(r'…|\d+|\s+|[^…\d\s]+', printed.strip()):
        if piece == '…':
            made += '.*'
        elif piece.isdigit():
            made += r'\d+'
        elif piece.isspace():
            made += r'\s+' if made[-2:] != '.*' else r'\s*'
        else:
            made += re.escape(piece)
    # What an ellipsis stands for may be nothing.
    return re.compile(made.replace(r'\s+.*', r'\s*.*'), re.S)


def prints(said, printed):
    return not printed or pattern(printed).fullmatch(said.strip()) is not None

"""Waiting in tests: for a condition, however long a busy machine takes until
it holds.  Where a test is about time itself, a function at the end of this
file says so by its name; nothing else lets time pass.
"""

import os
import time

SANITIZED = bool(os.environ.get('SALLYPORT_SANITIZED'))
# Nothing is left to make release-check.
RELEASE = bool(os.environ.get('SALLYPORT_RELEASE'))
LIMIT = 60 if SANITIZED else 30          # seconds that any wait may take


def wait_until(condition, what, limit=LIMIT):
    """Polls where there is no event; returns the condition's value."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, 'waited in vain: %s' % what
        time.sleep(0.01)


def wait_still(value, what, pause=0.3):
    """Waits until value() is something and stays the same for a pause."""
    seen = [value(), time.monotonic()]

    def is_still():
        now = value()
        if now != seen[0] or not now:
            seen[:] = [now, time.monotonic()]
        return time.monotonic() - seen[1] >= pause
    wait_until(is_still, what)
    return seen[0]


def outlast(seconds):
    """A time in which nothing may happen, or after which something is done to
    the program.  Never in the place of a condition: a busy machine may need
    longer than any time."""
    time.sleep(seconds)


def at_pace(n, seconds):
    """n turns of a slow peer, each after this many seconds."""
    for i in range(n):
        time.sleep(seconds)
        yield i


def keep_below(rate, done, began):
    """Waits so that no more than the rate is done per second since then."""
    time.sleep(max(0, done / rate - (time.monotonic() - began)))


def grows_in(seconds, value):
    """By how much the value grows in this many seconds: a program that does
    not spin takes little of the processor, and makes few calls."""
    before = value()
    time.sleep(seconds)
    return value() - before


def settles(seconds, value, most, stretches=5):
    """Soon the value grows by no more than that in this many seconds."""
    grown = []
    while not grown or grown[-1] > most:
        assert len(grown) < stretches, grown
        grown.append(grows_in(seconds, value))

"""Waiting in tests: for a condition, however long a busy machine takes until
it holds.  Only pass_time() lets time pass, for tests that are about time.
"""

import os
import time

SANITIZED = bool(os.environ.get('SALLYPORT_SANITIZED'))
LIMIT = 60 if SANITIZED else 30          # seconds that any wait may take


def wait_until(condition, what, limit=LIMIT):
    """Polls where nothing can be waited for; the condition's value."""
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


def pass_time(seconds):
    """For what does or does not happen in a time, or at a pace.  Never in
    the place of a condition: who is slow may need longer than any time."""
    time.sleep(seconds)

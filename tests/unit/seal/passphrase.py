#!/usr/bin/env python3
"""Passphrases, both ways with the age of the system, which asks for them on
a terminal only: it gets a pseudo-terminal.  Exit 77 (skipped) without age."""

import os
import pty
import shutil
import sys
import tempfile

from oracle import Oracle

PASSPHRASE = "a passphrase of six plain words"
CONTENT = b"some content\n" * 7000


def on_terminal(command):
    """Runs it and gives the passphrase whenever it asks for one."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen = b""
    while True:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
        if seen.rstrip().endswith(b":"):
            os.write(fd, PASSPHRASE.encode() + b"\n")
            seen = b""
    _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit(f"{command} failed: {seen.decode(errors='replace')}")


def check(what, good):
    print("ok  " if good else "BAD ", what)
    return good


def age_to_us(oracle, plain, sealed):
    on_terminal(["age", "-p", "-a", "-o", sealed, plain])
    with open(sealed, "rb") as f:
        verdict, opened = oracle.ask("open", b"", PASSPHRASE.encode(),
                                     f.read(), b"armored")
    return check("we open what age sealed",
                 verdict == "OK" and opened == CONTENT)


def us_to_age(oracle, plain, sealed):
    verdict, data = oracle.ask("seal", b"", PASSPHRASE.encode(), b"", CONTENT)
    with open(sealed, "wb") as f:
        f.write(data)
    on_terminal(["age", "-d", "-o", plain, sealed])
    with open(plain, "rb") as f:
        return check("age opens what we sealed",
                     verdict == "OK" and f.read() == CONTENT)


def round_trips(oracle, folder):
    plain, sealed = os.path.join(folder, "plain"), os.path.join(folder, "age")
    with open(plain, "wb") as f:
        f.write(CONTENT)
    yield age_to_us(oracle, plain, sealed)
    os.unlink(plain)
    os.unlink(sealed)
    yield us_to_age(oracle, plain, sealed)


def main():
    if shutil.which("age") is None:
        print("skipped: age is not installed")
        return 77
    oracle = Oracle()
    with tempfile.TemporaryDirectory() as folder:
        results = list(round_trips(oracle, folder))
    oracle.end()
    return 0 if all(results) else 1


sys.exit(main())

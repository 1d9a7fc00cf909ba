"""The program tests/unit/seal/oracle, asked from Python."""

import subprocess
import sys


class Oracle:
    """The program under test."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["tests/unit/seal/oracle"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def ask(self, word, *args):
        fields = [a.hex() if isinstance(a, bytes) else a for a in args]
        print(word, *[f or "-" for f in fields], file=self.process.stdin,
              flush=True)
        answer = self.process.stdout.readline().rstrip("\n")
        if not answer:
            sys.exit(f"the oracle is gone: {word}")
        verdict, _, data = answer.partition(" ")
        return verdict, bytes.fromhex(data)

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit("the oracle failed at its end")

#!/usr/bin/env python3
"""Replays foreign corpora of hostile HTTP/1.1 through the codec.

The corpora lie in $SALLYPORT_SHARED/corpora, or ../shared/corpora beside the
project; where they are absent the test is skipped.  Each request stream has a
label by an independent grammar: how many valid requests it holds before the
first error.  No more than those may come out whole, an error must be seen as
one, and no stream may read differently when it comes byte by byte.
"""
import base64
import json
import os
import subprocess
import sys

REQUESTS = ["llhttp/requests.jsonl", "http11probe/cases.jsonl"]
RESPONSES = ["llhttp/responses.jsonl"]

# What is taken although the label says that it is wrong, and why.
TAKEN = {
    "COMP-HOST-EMPTY-VALUE":
        "clients of Unix sockets say nothing in Host; the guard refuses it "
        "on TCP",
    "response/transfer-encoding.md:7":
        "blanks behind a chunk size of a response, which is written anew",
}


def corpora():
    srcdir = os.environ.get("top_srcdir", ".")
    shared = os.environ.get("SALLYPORT_SHARED",
                            os.path.join(srcdir, "..", "shared"))
    return os.path.join(shared, "corpora")


def replay(role, streams):
    """(heads, ends, outcome, split) of each stream."""
    build = os.path.dirname(os.environ.get("SALLYPORT", "./sallyport"))
    program = os.path.join(build, "tests/unit/http/replay")
    lines = "".join(s.hex() + "\n" for s in streams)
    done = subprocess.run([program, role], input=lines, text=True,
                          stdout=subprocess.PIPE, check=True)
    for line in done.stdout.splitlines():
        heads, ends, outcome, split = line.split()
        yield int(heads), int(ends), outcome, split


def cases(name):
    with open(os.path.join(corpora(), name)) as f:
        return [json.loads(line) for line in f]


def judge_request(label, ends, outcome):
    valid = label["valid_requests"]
    if ends > valid:
        return "LENIENT"
    if label["end"] == "error" and outcome != "error":
        return "MISSED"
    return "refused" if ends < valid else "ok"


def judge_response(expectation, ends, outcome):
    if expectation == "reject" and ends != 0:
        return "LENIENT"
    return "refused" if expectation == "accept" and outcome == "error" \
        else "ok"


def run(name, role):
    chosen = [c for c in cases(name)
              if c.get("type", "request") in ("request", "response")]
    streams = [base64.b64decode(c.get("raw_host", c["raw"])) for c in chosen]
    count = {}
    for c, (_, ends, outcome, split) in zip(chosen, replay(role, streams)):
        if split != "same":
            verdict = "SPLIT"
        elif role == "server":
            verdict = judge_request(c["strict"], ends, outcome)
        else:
            verdict = judge_response(c["expectation"], ends, outcome)
        if c["id"] in TAKEN:
            verdict = "taken" if verdict == "LENIENT" else "STALE"
        count[verdict] = count.get(verdict, 0) + 1
        if verdict.isupper():
            print(name, c["id"], verdict, ends, outcome)
    print(name, count)
    return not any(v.isupper() for v in count)


def host_stream(case):
    """A request for the host, in the form the case asks for."""
    host = case["host"].encode()
    target = b"http://" + host + b"/" \
        if case["form"] == "absolute-form" else b"/"
    return b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"


def run_hosts(name):
    """None that is wrong is taken; of the others only odd ones are refused."""
    chosen = cases(name)
    count = {}
    for c, (_, ends, _, split) in zip(
            chosen, replay("server", map(host_stream, chosen))):
        if split != "same":
            verdict = "SPLIT"
        elif c["expectation"] == "reject" and ends != 0:
            verdict = "LENIENT"
        else:
            verdict = "ok" if ends != 0 else "refused"
        count[verdict] = count.get(verdict, 0) + 1
        if verdict.isupper():
            print(name, c["id"], verdict)
        elif verdict == "refused" and c["expectation"] != "reject":
            print(name, c["id"], "refused")
    print(name, count)
    return not any(v.isupper() for v in count)


def main():
    if not os.path.isdir(corpora()):
        print("skipped: no corpora in", corpora())
        return 77
    fine = [run(name, "server") for name in REQUESTS]
    fine += [run(name, "client") for name in RESPONSES]
    fine.append(run_hosts("host-header/hosts.jsonl"))
    return 0 if all(fine) else 1


sys.exit(main())

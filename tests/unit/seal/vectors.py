#!/usr/bin/env python3
"""Vectors that others wrote for what src/seal/ does: the age test kit and
Project Wycheproof.  They are read from the corpora beside the project and
are no part of it: exit 77 (skipped) where they are absent."""

import base64
import hashlib
import json
import os
import pathlib
import sys
import zlib

from oracle import Oracle

CORPORA = pathlib.Path(
    os.environ.get("SALLYPORT_SHARED")
    or pathlib.Path(os.environ.get("top_srcdir", "."), "..", "shared"),
    "corpora")

# What each status means in the words of the age test kit.
CLASSES = {
    "OK": "success",
    "NO_MATCH": "no match",
    "PASSPHRASE": "no match",
    "HEADER_MAC": "HMAC failure",
    "HEADER": "header failure",
    "VERSION": "header failure",
    "NOT_AGE": "header failure",
    "WORK_FACTOR": "header failure",
    "ARMOR": "armor failure",
    "PAYLOAD": "payload failure",
}


class Tally:
    def __init__(self, name):
        self.name, self.good, self.bad, self.left_out = name, 0, [], 0

    def note(self, good, text):
        if good:
            self.good += 1
        else:
            self.bad.append(text)

    def report(self):
        print(f"{self.name}: {self.good} as expected, {len(self.bad)} not, "
              f"{self.left_out} left out")
        for text in self.bad:
            print("   ", text)
        return not self.bad


def age(oracle):
    tally = Tally("age")
    hybrid, _ = oracle.ask("mlkem")
    if hybrid != "ok":
        print("age: post-quantum files are left out: no ML-KEM here")
    for line in (CORPORA / "age" / "vectors.jsonl").open():
        v = json.loads(line)
        if v["recipient"] == "hybrid" and hybrid != "ok":
            tally.left_out += 1
            continue
        raw = base64.b64decode(v["raw"])
        if v["compressed"] == "zlib":
            raw = zlib.decompress(raw)
        verdict, plain = oracle.ask(
            "open", "\n".join(v["identity"]).encode(),
            v["passphrase"][0].encode() if v["passphrase"] else b"", raw,
            b"armored" if v["armored"] else b"")
        good = CLASSES.get(verdict) == v["expect"]
        # Also what a payload failure may have let out before it.
        if v["payload_sha256"]:
            good &= hashlib.sha256(plain).hexdigest() == v["payload_sha256"]
        else:
            good &= plain == b""
        tally.note(good, f"{v['id']}: {v['expect']}, got {verdict}")
    return tally


def wycheproof(name):
    path = CORPORA / "wycheproof" / f"{name}_test.json"
    for group in json.loads(path.read_text())["testGroups"]:
        for test in group["tests"]:
            yield group, test, f"{name} {test['tcId']} {test['comment']}"


def x25519(oracle):
    tally = Tally("x25519")
    for _, t, name in wycheproof("x25519"):
        verdict, shared = oracle.ask("x25519", t["private"], t["public"])
        if set(t["shared"]) == {"0"}:
            good = verdict == "fail"
        else:
            good = verdict == "ok" and shared.hex() == t["shared"]
        tally.note(good, name)
    return tally


def hkdf(oracle):
    tally = Tally("hkdf")
    for _, t, name in wycheproof("hkdf_sha256"):
        verdict, okm = oracle.ask("hkdf", t["ikm"], t["salt"], t["info"],
                                  b"%d\0" % t["size"])
        if t["result"] == "valid":
            good = verdict == "ok" and okm.hex() == t["okm"]
        else:
            good = verdict == "fail"
        tally.note(good, name)
    return tally


def hmac(oracle):
    tally = Tally("hmac")
    for group, t, name in wycheproof("hmac_sha256"):
        _, tag = oracle.ask("hmac", t["key"], t["msg"])
        same = tag[:group["tagSize"] // 8].hex() == t["tag"]
        tally.note(same == (t["result"] == "valid"), name)
    return tally


def hashes(oracle):
    """Against Python's own."""
    tally = Tally("sha3, shake256")
    for n in range(300):
        data = bytes(i * n % 251 for i in range(n))
        _, out = oracle.ask("hashes", data)
        tally.note(out == hashlib.sha3_256(data).digest() +
                   hashlib.shake_256(data).digest(200), f"{n} bytes")
    return tally


def aead(oracle):
    tally = Tally("chacha20-poly1305")
    for group, t, name in wycheproof("chacha20_poly1305"):
        if group["ivSize"] != 96:
            # The nonce of the wrapper has one size.
            tally.left_out += 1
            continue
        sealed = t["ct"] + t["tag"]
        verdict, plain = oracle.ask("aead-open", t["key"], t["iv"], t["aad"],
                                    sealed)
        if t["result"] != "valid":
            tally.note(verdict == "fail", name)
            continue
        good = verdict == "ok" and plain.hex() == t["msg"]
        verdict, ours = oracle.ask("aead-seal", t["key"], t["iv"], t["aad"],
                                   t["msg"])
        tally.note(good and ours.hex() == sealed, name)
    return tally


def main():
    if not (CORPORA / "age" / "vectors.jsonl").exists():
        print(f"skipped: no corpora in {CORPORA}")
        return 77
    oracle = Oracle()
    tallies = [check(oracle) for check in (age, x25519, hkdf, hmac, hashes,
                                      aead)]
    oracle.end()
    return 0 if all([t.report() for t in tallies]) else 1


sys.exit(main())

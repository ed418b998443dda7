#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads log lines with a strict parser and checks what must hold of them.

check.py load [--threads N --lines N] [--missing-ok N] [--bytes-max N] FILE...
check.py truncated --threads N --lines N FILE...
check.py fuzz --lines N [FILE]
check.py kill --acknowledge FILE --threads N --mode sync|async FILE...
"""
import argparse
import gzip
import json
import mmap
import re
import struct
import sys
import zlib

ACKNOWLEDGED_MAX = 1_000_000


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"duplicate key among {keys}")
    return dict(pairs)


def reject(constant):
    raise ValueError(f"{constant} is not JSON")


def parse(line):
    return json.loads(line.decode("utf-8", "strict"), object_pairs_hook=unique, parse_constant=reject)


def lines_of(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") if path != "-" else sys.stdin.buffer as file:
        for number, line in enumerate(file, 1):
            yield number, line


class Load:
    """Numbered lines of several threads: whole, once each, in order."""

    def __init__(self):
        self.seen = {}
        self.reports = 0
        self.reported = 0
        self.failures = []

    def fail(self, text):
        if len(self.failures) < 10:
            self.failures.append(text)

    def read(self, path, torn_end_ok=False):
        for number, line in lines_of(path):
            where = f"{path}:{number}"
            if not line.endswith(b"\n"):
                if not torn_end_ok:
                    self.fail(f"{where}: no newline at the end")
                continue
            try:
                record = parse(line)
            except ValueError as error:
                self.fail(f"{where}: {error}: {line[:120]!r}")
                continue
            if record.get("event") == "log.dropped":
                self.reports += 1
                self.reported += record["count"]
                if sum(record["by_level"].values()) != record["count"]:
                    self.fail(f"{where}: by_level does not add up")
                continue
            thread, sequence = record["thread"], record["sequence"]
            if zlib.crc32(f"{thread}:{sequence}:{record['filler']}".encode()) != record["crc32"]:
                self.fail(f"{where}: wrong checksum")
            self.seen.setdefault(thread, []).append(sequence)

    def finish(self):
        for thread, sequences in self.seen.items():
            for earlier, later in zip(sequences, sequences[1:]):
                if later <= earlier:
                    self.fail(f"thread {thread}: {later} after {earlier}")
                    break

    @property
    def count(self):
        return sum(len(sequences) for sequences in self.seen.values())


def set_aside_order(path):
    """Files set aside by the log: by time, then number; the file itself last."""
    match = re.search(r"\.(\d{8}T\d{6}Z)\.(\d+)$", path)
    return (0, match.group(1), int(match.group(2))) if match else (1, path, 0)


def check_load(options):
    load = Load()
    for path in sorted(options.files, key=set_aside_order) if options.sort else options.files:
        load.read(path)
    load.finish()
    missing = options.threads * options.lines - load.count
    if options.missing_ok is None and missing != 0:
        load.fail(f"{missing} lines are missing")
    if options.missing_ok is not None and missing != options.missing_ok:
        load.fail(f"{missing} lines are missing, {options.missing_ok} were counted as dropped")
    if options.missing_ok is not None and load.reported != options.missing_ok:
        load.fail(f"{load.reported} lines reported as dropped in the log, {options.missing_ok} were counted")
    return load, f"{load.count} lines once each, in order per thread, {missing} dropped and told of"


def check_truncated(options):
    """Copies that were cut off: whole lines but for a copy's end, and what fell between copy and cut is missing."""
    load = Load()
    for path in options.files:
        load.read(path, torn_end_ok=True)
    load.finish()
    missing = options.threads * options.lines - load.count
    if missing < 0:
        load.fail(f"{-missing} lines more than were written")
    return load, f"{load.count} lines whole and in order, {missing} fell between copy and cut"


def check_fuzz(options):
    load = Load()
    count = 0
    for path in options.files:
        for number, line in lines_of(path):
            count += 1
            try:
                record = parse(line)
            except ValueError as error:
                load.fail(f"line {number}: {error}: {line[:160]!r}")
                continue
            if any(byte < 0x20 or byte == 0x7F for byte in line[:-1]) or b"\xc2\x85" in line:
                load.fail(f"line {number}: a raw control byte")
            fields = record.get("Attributes", record)
            if "value" in fields and "expected" in fields:
                if [ord(character) for character in fields["value"]] != fields["expected"]:
                    load.fail(f"line {number}: {fields['value']!r} is not what was logged")
            elif not fields.get("truncated"):
                load.fail(f"line {number}: no value")
    if count != options.lines:
        load.fail(f"{count} lines instead of {options.lines}")
    return load, f"{count} lines read by a strict parser"


def check_kill(options):
    load = Load()
    for path in options.files:
        load.read(path, torn_end_ok=True)
    load.finish()
    with open(options.acknowledge, "rb") as file:
        times = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    acknowledged = lost = 0
    lost_times = []
    newest = 0
    for thread in range(options.threads):
        written = set(load.seen.get(thread, []))
        for sequence in range(ACKNOWLEDGED_MAX):
            offset = (thread * ACKNOWLEDGED_MAX + sequence) * 8
            (time,) = struct.unpack_from("<Q", times, offset)
            if time == 0:
                break
            acknowledged += 1
            newest = max(newest, time)
            if sequence not in written:
                lost += 1
                lost_times.append(time)
    if options.mode == "sync" and lost:
        load.fail(f"{lost} acknowledged lines are lost")
    # Older than 10 ms and yet lost: they must fit into one batch.
    late = sum(1 for time in lost_times if newest - time > 10_000_000)
    if late * options.line_bytes > 65_536:
        load.fail(f"{late} lines older than 10 ms are lost, more than one batch of 64 KB")
    return load, f"{acknowledged} {lost} {late}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("check", choices=["load", "truncated", "fuzz", "kill"])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lines", type=int, default=0)
    parser.add_argument("--missing-ok", type=int)
    parser.add_argument("--sort", action="store_true")
    parser.add_argument("--acknowledge")
    parser.add_argument("--mode", default="sync")
    parser.add_argument("--line-bytes", type=int, default=250)
    options = parser.parse_args()
    checks = {"load": check_load, "truncated": check_truncated, "fuzz": check_fuzz, "kill": check_kill}
    load, figure = checks[options.check](options)
    print(figure if not load.failures else "; ".join(load.failures))
    sys.exit(1 if load.failures else 0)


main()

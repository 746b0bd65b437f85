# SPDX-License-Identifier: BSD-3-Clause
"""Reads event files without xrnn: splits their records, checks both checksums bit by bit and decodes the
events with protoc. Anything wrong ends the program with a sentence."""
import re
import struct
import subprocess
import sys
from pathlib import Path


def crc32c(data):
    """The remainder of the division by Castagnoli's polynomial, a bit at a time."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


if crc32c(b"123456789") != 0xE3069283:
    sys.exit("this script's own checksum is wrong")


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        length, length_crc = struct.unpack_from("<QI", data, at)
        body = data[at + 12:at + 12 + length]
        (body_crc,) = struct.unpack_from("<I", data, at + 12 + length)
        if masked(data[at:at + 8]) != length_crc:
            sys.exit(f"byte {at}: the checksum of the length is wrong")
        if masked(body) != body_crc:
            sys.exit(f"byte {at}: the checksum of the data is wrong")
        yield body
        at += 16 + length


def decoded(record):
    proto = Path(__file__).with_name("event.proto")
    return subprocess.run(["protoc", f"--proto_path={proto.parent}", "--decode=Event", proto.name],
                          input=record, stdout=subprocess.PIPE, check=True).stdout.decode()


def field(text, name, default):
    """A field as protoc shows it; a zero is not there. One that event.proto does not know is shown
    by its number and would not be found."""
    found = re.search(rf"^\s*{name}: (.*)$", text, re.MULTILINE)
    return found.group(1).strip('"') if found else default


def scalars(path):
    """(wall time, step, value, tag) of each event behind the first, which names the version."""
    texts = [decoded(record) for record in records(Path(path).read_bytes())]
    if not texts or field(texts[0], "file_version", "") != "brain.Event:2":
        sys.exit(f"the first event does not name the version: {texts[:1]}")
    for text in texts[1:]:
        if re.search(r"^\s*\d+[:{ ]", text, re.MULTILINE):
            sys.exit(f"a field that event.proto does not know in\n{text}")
    return [(float(field(text, "wall_time", "0")), int(field(text, "step", "0")),
             float(field(text, "simple_value", "nan")), field(text, "tag", ""))
            for text in texts[1:]]

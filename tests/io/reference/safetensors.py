#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes and reads safetensors files with numpy alone, independently of xrnn.

    python3 safetensors.py write mixed.safetensors   the file that safetensors_test.cpp reads
    python3 safetensors.py read FILE                 checks FILE's layout and prints its tensors
"""
import json
import sys

import numpy as np

# The order in which the format's own writer sorts dtypes, and numpy's name of each.
DTYPES = {"BOOL": "?", "U8": "u1", "I8": "i1", "I16": "<i2", "U16": "<u2", "F16": "<f2", "BF16": "<u2",
          "I32": "<i4", "U32": "<u4", "F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8"}


def write(path):
    tensors = {
        "lstm.kernel": ("F32", np.arange(6, dtype="<f4").reshape(2, 3) / 4 - 1),
        "lstm.bias": ("F32", np.array([1.5, -2.25, 3e-20], "<f4")),
        "double": ("F64", np.array([np.pi, -0.0, np.inf], "<f8")),
        "half": ("F16", np.array([1, 0.5], "<f2")),
        "brain": ("BF16", np.array([0x3F80, 0xC000], "<u2")),
        "steps": ("I64", np.array(-7, "<i8")),
        "counts": ("U32", np.array([[1], [4000000000]], "<u4")),
        "words": ("I16", np.array([-1, 2], "<i2")),
        "mask": ("BOOL", np.array([True, False, True])),
        "empty": ("U8", np.zeros((3, 0, 2), "u1")),
        'quote " and \u03c3': ("I8", np.array([-128], "i1")),
    }
    rank = {name: i for i, name in enumerate(DTYPES)}
    order = sorted(tensors, key=lambda n: (-rank[tensors[n][0]], n.encode()))
    header, data = {"__metadata__": {"format": "np", "note": "a\tb \u06af"}}, b""
    for name in order:
        dtype, values = tensors[name]
        raw = values.tobytes()
        header[name] = {"dtype": dtype, "shape": list(values.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def read(path):
    with open(path, "rb") as file:
        raw = file.read()
    length = int.from_bytes(raw[:8], "little")
    header, data = json.loads(raw[8:8 + length].decode()), raw[8 + length:]
    assert length % 8 == 0 and raw[8:9] == b"{"
    print("metadata", header.pop("__metadata__", {}))
    end = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = entry["data_offsets"]
        assert first == end, name
        end = last
        values = np.frombuffer(data[first:last], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        print(name, entry["dtype"], entry["shape"], values.tolist())
    assert end == len(data)


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes INDEX_SP500.csv and STOCK_GOOG.csv from the two packages that PROVENANCE.md names.

    npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz package/data/sp500-2000.csv
    apt-get install python-matplotlib-data python3-numpy
    python3 convert.py package/data/sp500-2000.csv \
        /usr/share/matplotlib/mpl-data/sample_data/goog.npz

The form is that of the exchange's own exports: UTF-16LE without a byte order mark, LF, one file an
instrument, names in angle brackets, a ticker and a name as text columns.
"""
import csv
import pathlib
import sys

import numpy

HEADER = "<TICKER>,<DTYYYYMMDD>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<Name>"


def sp500(path):
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            assert row["adjclose"] == row["close"]  # an index pays no dividend: left out below
            prices = [float(row[name]) for name in ("open", "high", "low", "close")]
            yield row["date"].replace("-", ""), prices, int(row["volume"])


def goog(path):
    for row in numpy.load(path)["price_data"]:
        assert row["adj_close"] == row["close"]
        prices = [float(row[name]) for name in ("open", "high", "low", "close")]
        yield str(row["date"]).replace("-", ""), prices, int(row["volume"])


def write(stem, ticker, name, rows):
    lines = [HEADER]
    for date, prices, volume in rows:
        cells = [ticker, date, *(f"{price:.2f}" for price in prices), str(volume), name]
        lines.append(",".join(cells))
    text = "\n".join(lines) + "\n"
    pathlib.Path(__file__).with_name(stem + ".csv").write_bytes(text.encode("utf-16-le"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write("INDEX_SP500", "SP500", "S&P 500", sp500(sys.argv[1]))
    write("STOCK_GOOG", "GOOG", "Google", goog(sys.argv[2]))

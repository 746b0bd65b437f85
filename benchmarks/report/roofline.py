# SPDX-License-Identifier: BSD-3-Clause
"""What a case must cost at least on this machine: max(flop / peak, bytes / bandwidth), with the
bandwidth of the level in which its weights lie. Limits are those measured in the same run."""

# The peak which a system's products may reach; the others multiply floats, and so does xrnn-bf16,
# which expands its weights first.
PEAK_OF = {"xrnn-bf16-dot": "bf16_dot_peak"}

LEVELS = ("L1", "L2", "L3", "DRAM")


def best_rates(rows):
    """{'fma_peak': 117.0, 'L1': 217.0, ...}: flop or bytes a nanosecond, the best measured."""
    rates = {}
    for row in rows:
        if row["suite"] == "limits":
            parts = row["case"].split("/")
            name = parts[1] if parts[0] == "read" else parts[0]
            rates[name] = max(rates.get(name, 0), row["amount"] / row["min_ns"])
    return rates


def level_of(size, caches):
    """The smallest cache that holds `size` bytes."""
    for level, name in enumerate(LEVELS[:-1], 1):
        if size <= caches.get(level, 0):
            return name
    return "DRAM"


def bound(row, rates, caches):
    """(nanoseconds an item, what binds: 'FLOP' or a level); None without cost or limits."""
    peak = rates.get(PEAK_OF.get(row["system"], "fma_peak")) or rates.get("fma_peak")
    if "flop" not in row or not peak:
        return None
    level = level_of(row["weights"], caches)
    if level not in rates:
        return None
    compute, read = row["flop"] / peak, row["bytes"] / rates[level]
    return (compute, "FLOP") if compute >= read else (read, level)


def annotate(rows, caches):
    """Adds to the rows of xrnn: roofline_ns, bound, of_roofline (1 is the roofline itself), and
    ratios: how many times the time of this row each other system takes for the case (minima)."""
    rates = best_rates(rows)
    times = {}
    for row in rows:
        times.setdefault((row["suite"], row["case"]), {})[row["system"]] = row["min_ns"]
    for row in rows:
        if not row["system"].startswith("xrnn"):
            continue
        least = bound(row, rates, caches)
        if least:
            row["roofline_ns"], row["bound"] = least
            row["of_roofline"] = least[0] / row["min_ns"]
        others = {system: time / row["min_ns"]
                  for system, time in times[row["suite"], row["case"]].items()
                  if system != row["system"]}
        if others:
            row["ratios"] = others

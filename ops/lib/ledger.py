# SPDX-License-Identifier: Apache-2.0
"""Joins stampede's ledger with a dump of the server's journal: was the sale right?

    ledger.py LEDGER DUMP [--kill UNIX_SECONDS] [--json]

LEDGER is what `stampede bench --ledger` wrote, DUMP what `stockade check --dump` did, from the same
server after the run. Only what the run's brand sold is looked at. Verified is that

* every reservation that was acknowledged is in the dump with the units that were acknowledged: what
  isn't is lost;
* no refused one is there;
* each of unknown outcome had its effect once or not at all;
* whatever is in the dump was asked for;
* of no SKU more was granted than there was (oversold), and nobody was refused while there was stock
  left (undersold);
* each account's held and allocated units are those of its reservations.

Prints the figures, a counterexample for each rule that is broken, and PASS or FAIL. Exits with 0, 4
when a rule is broken, or 1 when a file can't be read or isn't whole.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict

FORMAT = 1
# Counterexamples shown of each rule.
EXAMPLES = 3


class Unreadable(Exception):
    """A file that can't be judged."""


def lines(path):
    """The objects of a file of JSON lines, with the lines' numbers."""
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield number, json.loads(line)
                except json.JSONDecodeError as fault:
                    raise Unreadable(f"{path}:{number}: not JSON: {fault}") from None
    except OSError as fault:
        raise Unreadable(f"{path}: {fault.strerror}") from None


class Ledger:
    """What the buyers know."""

    def __init__(self, path):
        self.head, self.rows, end = None, {}, None
        for number, line in lines(path):
            kind = line.get("kind")
            if number == 1:
                if kind != "run" or line.get("format") != FORMAT:
                    raise Unreadable(f"{path}:1: not a ledger of format {FORMAT}")
                self.head = line
            elif kind == "reserve":
                if line["reservation_id"] in self.rows:
                    raise Unreadable(f"{path}:{number}: {line['reservation_id']} comes twice")
                self.rows[line["reservation_id"]] = line
            elif kind == "end":
                end = line
        if end is None or end["rows"] != len(self.rows):
            raise Unreadable(f"{path}: cut off: its last line is missing, or counts other rows")
        self.is_complete = end["complete"]


class Dump:
    """What is on the server's disk, of one brand."""

    def __init__(self, path, brand):
        self.holds, self.accounts = {}, {}
        kinds = Counter()
        for _, line in lines(path):
            kind = line.get("kind")
            kinds[kind] += 1
            if line.get("brand") != brand:
                continue
            if kind == "hold":
                self.holds[line["reservation_id"]] = line
            elif kind == "account":
                self.accounts[line["sku"], line["warehouse"]] = line
        if not kinds:
            raise Unreadable(f"{path}: empty")


def granted(hold):
    """Units of a reservation: what it was granted, whatever became of it since."""
    return sum(leg["granted"] for leg in hold["lines"])


class Verdict:
    """The figures, and what contradicts the rules."""

    def __init__(self, ledger, dump):
        self.ledger, self.dump = ledger, dump
        self.broken = defaultdict(list)
        self.figures = Counter()
        self._follow_rows()
        self._follow_holds()
        self._follow_accounts()

    def _break(self, rule, what, units=1):
        self.broken[rule].append(what)
        self.figures[rule] += units

    def _when(self, row):
        """A row's times, for people: seconds after the run's start."""
        answered = row["answered_us"]
        return (
            f"{row['reservation_id']} ({row['sku']}, sent at {row['sent_us'] / 1e6:.6f} s,"
            + (f" answered at {answered / 1e6:.6f} s" if answered is not None else " no answer")
            + f", attempts {row['attempts']}, {row['status']})"
        )

    def _follow_rows(self):
        for name, row in self.ledger.rows.items():
            hold, outcome = self.dump.holds.get(name), row["outcome"]
            self.figures[outcome] += 1
            self.figures["units_acknowledged"] += row["granted"]
            if outcome == "granted" and hold is None:
                self._break("lost", f"{self._when(row)} was acknowledged and isn't in the dump")
            elif outcome == "granted" and granted(hold) != row["granted"]:
                self._break(
                    "lost",
                    f"{self._when(row)} was granted {row['granted']},"
                    f" the dump says {granted(hold)}",
                )
            elif outcome == "refused" and hold is not None:
                self._break("phantom", f"{self._when(row)} was refused and is in the dump")
            elif outcome == "unknown" and hold is not None:
                self.figures["unknown_applied"] += 1
                if granted(hold) > row["quantity"]:
                    self._break("phantom", f"{self._when(row)} has more than it asked for")
            if row["replayed"] and row["attempts"] == 1:
                self._break("replayed", f"{self._when(row)} was new and answered as a replay")

    def _follow_holds(self):
        for name, hold in self.dump.holds.items():
            if name not in self.ledger.rows:
                self._break("phantom", f"{name} is in the dump and was never asked for")

    def _follow_accounts(self):
        sold, kept, taken = Counter(), Counter(), Counter()
        for hold in self.dump.holds.values():
            for leg in hold["lines"]:
                place = leg["sku"], leg["warehouse"]
                sold[place] += leg["granted"]
                # What was released or has expired counts as free again.
                if hold["state"] == "HELD":
                    kept[place] += leg["granted"]
                elif hold["state"] == "CONFIRMED":
                    taken[place] += leg["confirmed"]
        refused = {
            (row["sku"], row["warehouse"])
            for row in self.ledger.rows.values()
            if row["outcome"] == "refused" and row["status"] == "FAILED_PRECONDITION"
        }
        acknowledged = Counter()
        for row in self.ledger.rows.values():
            acknowledged[row["sku"], row["warehouse"]] += row["granted"]
        stock = self.ledger.head["stock"]
        for place, units in acknowledged.items():
            if units and place not in self.dump.accounts:
                self._break("lost", f"{place[0]} was sold and has no account in the dump")
        for place, account in self.dump.accounts.items():
            name = f"{place[0]} in {place[1]}"
            excess = max(sold[place], acknowledged[place]) - stock
            if excess > 0:
                self._break("oversold", f"{name}: {excess} more than the {stock}", excess)
            if account["held"] != kept[place] or account["allocated"] != taken[place]:
                self._break(
                    "unaccounted",
                    f"{name}: held {account['held']} and allocated {account['allocated']},"
                    f" its reservations have {kept[place]} and {taken[place]}",
                )
            if place in refused and account["available"] > 0:
                self._break(
                    "undersold",
                    f"{name}: somebody was refused, {account['available']} are left",
                    account["available"],
                )

    @property
    def passes(self):
        return not self.broken

    def around(self, kill):
        """Answers before and after a time, in Unix seconds, and the longest silence around it."""
        offset = kill * 1e6 - self.ledger.head["started_unix_us"]
        times = sorted(
            row["answered_us"]
            for row in self.ledger.rows.values()
            if row["answered_us"] is not None
        )
        before = [time for time in times if time <= offset]
        after = [time for time in times if time > offset]
        grants = [row for row in self.ledger.rows.values() if row["outcome"] == "granted"]
        return {
            "kill_after_start_s": round(offset / 1e6, 3),
            "answers_before": len(before),
            "answers_after": len(after),
            "granted_before": sum(row["answered_us"] <= offset for row in grants),
            "granted_after": sum(row["answered_us"] > offset for row in grants),
            "silence_ms": round((after[0] - before[-1]) / 1e3) if before and after else None,
        }


NAMES = ("oversold", "undersold", "lost", "phantom", "unaccounted", "replayed")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("ledger")
    parser.add_argument("dump")
    parser.add_argument(
        "--kill", type=float, help="when the server was killed: answers must lie on both sides"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return parser.parse_args()


def main():
    options = parse()
    try:
        ledger = Ledger(options.ledger)
        dump = Dump(options.dump, ledger.head["brand"])
    except Unreadable as fault:
        print(f"ledger.py: {fault}", file=sys.stderr)
        sys.exit(1)
    verdict = Verdict(ledger, dump)
    around = verdict.around(options.kill) if options.kill is not None else None
    if around and not (around["answers_before"] and around["answers_after"]):
        verdict._break("missed", "the kill missed the run: all answers lie on one side of it")
    figures = verdict.figures
    if options.json:
        print(
            json.dumps(
                {
                    "passes": verdict.passes,
                    "complete": ledger.is_complete,
                    "figures": dict(figures),
                    "kill": around,
                    "broken": verdict.broken,
                }
            )
        )
        sys.exit(0 if verdict.passes else 4)
    for rule, examples in verdict.broken.items():
        for example in examples[:EXAMPLES]:
            print(f"{rule}: {example}")
        if len(examples) > EXAMPLES:
            print(f"{rule}: and {len(examples) - EXAMPLES} more")
    if around:
        print(
            f"killed {around['kill_after_start_s']} s after the start:"
            f" {around['answers_before']:,} answers before ({around['granted_before']:,} granted),"
            f" {around['answers_after']:,} after ({around['granted_after']:,} granted)"
        )
        if around["silence_ms"] is not None:
            print(f"no answer for {around['silence_ms']:,} ms around it")
    retried = sum(row["attempts"] > 1 for row in ledger.rows.values())
    replays = sum(row["replayed"] for row in ledger.rows.values())
    print(
        f"reservations {len(ledger.rows):,}; sent more than once {retried:,},"
        f" of them answered as replays {replays:,}; unknown {figures['unknown']:,}"
        + (f" (applied {figures['unknown_applied']:,})" if figures["unknown"] else "")
    )
    print(
        ("PASS" if verdict.passes else "FAIL")
        + f"  granted {figures['granted']:,}, refused {figures['refused']:,}, "
        + ", ".join(f"{name} {figures[name]:,}" for name in NAMES)
    )
    sys.exit(0 if verdict.passes else 4)


if __name__ == "__main__":
    main()

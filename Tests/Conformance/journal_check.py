# SPDX-License-Identifier: Apache-2.0
"""`stockade check` on a server's data directory."""

import stockade_server


def check(data, *flags, seconds=120):
    """Runs it to its end."""
    return stockade_server.run("check", f"--data={data}", *flags, seconds=seconds)


def check_is_fine(data):
    """Everything in the journal holds together, or a torn tail is all that is wrong."""
    ended = check(data)
    assert ended.returncode == 0, f"check exits {ended.returncode}:\n{ended.stdout}{ended.stderr}"
    return ended


def dump_to(data, file):
    """Writes the state at the end into `file`, one object for each line."""
    ended = check(data, f"--dump={file}")
    assert ended.returncode == 0, f"check exits {ended.returncode}:\n{ended.stderr}"
    return file

// SPDX-License-Identifier: Apache-2.0

import Glibc

// What the wrapper of libpq does with a real Postgres, for Tests/Conformance/test_postgres_wire.py:
// `postgres-probe CONNINFO TEST`, exit 0 and one line of what was found.
guard CommandLine.arguments.count == 3 else {
    print("usage: postgres-probe CONNINFO TEST")
    exit(2)
}
do {
    try PostgresProbe(conninfo: CommandLine.arguments[1]).run(CommandLine.arguments[2])
} catch {
    print("\(error)")
    exit(1)
}

// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI
internal import Transport
internal import Wire

/// Every metric that a server has, in the order in which they are written.
public enum MetricCatalogue {
    /// All of them.
    public static let all: [MetricFamily] =
        calls + connections + core + journal + postgres + server + process

    private static let call = ["grpc_type", "grpc_service", "grpc_method"]
    /// Calls of methods that aren't served count as one more.
    private static let methods = Method.allCases.count + 1

    static let started = MetricFamily(
        .counter, "grpc_server_started_total", call, max: methods,
        "Calls whose headers came. Method unknown: a path that isn't served.")
    static let handled = MetricFamily(
        .counter, "grpc_server_handled_total", call + ["grpc_code"],
        max: methods * StatusCode.allCases.count,
        "Calls that ended, by the status that was sent; Canceled: the caller went away first.")
    static let handling = MetricFamily(
        .histogram, "grpc_server_handling_seconds", call, max: methods * 17,
        "From the turn of the loop that has read a whole request to the turn that lets its answer go, "
            + "the wait for the disk included; answered at once: to the end of that turn. Without "
            + "the network and what waits in sockets.")
    static let refusals = MetricFamily(
        .counter, "stockade_refusals_total", ["reason"], max: Reason.allCases.count,
        "Refusals by their reason, remembered ones again. INSUFFICIENT_STOCK is an answer, not a fault."
    )
    static let replays = MetricFamily(
        .counter, "stockade_idempotent_replays_total",
        "Answers that were given before, remembered refusals too, to a request that came again under "
            + "its id; of a batch, each item.")
    static let undecodable = MetricFamily(
        .counter, "stockade_undecodable_messages_total",
        "Requests whose bytes aren't the message of the call: INTERNAL, by the gRPC rules.")
    static let stressTagged = MetricFamily(
        .counter, "stockade_stress_tagged_calls_total",
        "Calls that carried a stress tag and were refused before they touched anything.")
    static let calls = [
        started, handled, handling, refusals, replays, undecodable, stressTagged,
    ]

    static let open = MetricFamily(
        .gauge, "stockade_connections", "Connections of callers that are open.")
    static let accepted = MetricFamily(
        .counter, "stockade_connections_accepted_total", "Connections that a loop took.")
    static let turnedAway = MetricFamily(
        .counter, "stockade_connections_turned_away_total",
        "Connections that were closed at once, as there was no room for more.")
    static let closed = MetricFamily(
        .counter, "stockade_connections_closed_total", ["cause"],
        max: ConnectionEnd.allCases.count,
        "Connections that ended: by the peer, for a fault of the peer, after a timeout, drained, or "
            + "stopped while open.")
    static let loops = MetricFamily(.gauge, "stockade_loops", "Event loops, a thread each.")
    static let connections = [open, accepted, turnedAway, closed, loops]

    static let accounts = MetricFamily(.gauge, "stockade_accounts", "Stock accounts.")
    static let accountsLimit = MetricFamily(
        .gauge, "stockade_accounts_limit", "Stock accounts at most: --accounts-max.")
    static let codes = MetricFamily(
        .gauge, "stockade_codes", "Brands, SKUs, warehouses and dealers together.")
    static let codesLimit = MetricFamily(
        .gauge, "stockade_codes_limit", "The same at most: --codes-max.")
    static let holds = MetricFamily(.gauge, "stockade_holds", "Live reservations.")
    static let holdsLimit = MetricFamily(
        .gauge, "stockade_holds_limit", "Live reservations at most: --holds-max.")
    static let ids = MetricFamily(
        .gauge, "stockade_ids",
        "Ids that are remembered; a live reservation counts twice, for the order that it may become."
    )
    static let idsLimit = MetricFamily(
        .gauge, "stockade_ids_limit", "Ids at most: --ids-max.")
    static let expiries = MetricFamily(
        .counter, "stockade_expiries_total", "Reservations that ended by their deadline.")
    static let forgotten = MetricFamily(
        .counter, "stockade_forgotten_ids_total", "Ids whose retention is over.")
    static let ringReach = MetricFamily(
        .gauge, "stockade_refusal_ring_reach_seconds",
        "How far back refusals are remembered, where that is least.")
    static let core = [
        accounts, accountsLimit, codes, codesLimit, holds, holdsLimit, ids, idsLimit, expiries,
        forgotten, ringReach,
    ]

    static let records = MetricFamily(
        .counter, "stockade_journal_records_total", "Records made durable since the start.")
    static let recordBytes = MetricFamily(
        .counter, "stockade_journal_record_bytes_total", "Their bytes, without headers and padding."
    )
    static let blocks = MetricFamily(
        .counter, "stockade_journal_blocks_total", "Blocks with records: as many flushes.")
    static let seals = MetricFamily(
        .counter, "stockade_journal_seals_total", "Blocks without records.")
    static let durable = MetricFamily(
        .gauge, "stockade_journal_durable_sequence",
        "The record up to which all is on disk, over the life of the journal.")
    static let epoch = MetricFamily(
        .gauge, "stockade_journal_epoch", "Starts of servers on this journal.")
    static let queueBytes = MetricFamily(
        .gauge, "stockade_journal_queue_bytes",
        "Bytes that wait for the next write, and room of decisions under way.")
    static let queueLimit = MetricFamily(
        .gauge, "stockade_journal_queue_limit_bytes",
        "The same at most; then decisions are refused, JOURNAL_STALLED.")
    static let queueRecords = MetricFamily(
        .gauge, "stockade_journal_queue_records", "Records that wait for the next write.")
    static let writeSeconds = MetricFamily(
        .histogram, "stockade_journal_write_seconds", [], max: 17,
        "Write and flush of one block with records.")
    static let longestWrite = MetricFamily(
        .gauge, "stockade_journal_longest_write_seconds", "The longest of those since the start.")
    static let used = MetricFamily(
        .gauge, "stockade_journal_used_bytes", "Bytes of the journal in use.")
    static let setAside = MetricFamily(
        .gauge, "stockade_journal_set_aside_bytes", "Bytes kept for the ends of what is live.")
    static let journalLimit = MetricFamily(
        .gauge, "stockade_journal_limit_bytes",
        "What new reservations may make of the journal: --journal-max.")
    static let journalState = MetricFamily(
        .gauge, "stockade_journal_state", ["state"], max: JournalState.allCases.count,
        "1 for the state that holds: well, stalled, full (or nearly), failed.")
    static let journal = [
        records, recordBytes, blocks, seals, durable, epoch, queueBytes, queueLimit, queueRecords,
        writeSeconds, longestWrite, used, setAside, journalLimit, journalState,
    ]
}

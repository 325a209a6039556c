// SPDX-License-Identifier: Apache-2.0

/// What Postgres, the process and the server as a whole tell.
extension MetricCatalogue {
    static let phase = MetricFamily(
        .gauge, "stockade_postgres_phase", ["phase"], max: 3,
        "1 for what the writer behind the journal does: connecting, following, off.")
    static let appliedSequence = MetricFamily(
        .gauge, "stockade_postgres_applied_sequence",
        "The record up to which all is in Postgres's tables.")
    static let lagSequences = MetricFamily(
        .gauge, "stockade_postgres_lag_sequences", "Records that are durable and not in the tables."
    )
    static let lagSeconds = MetricFamily(
        .gauge, "stockade_postgres_lag_seconds", "How old the oldest of those is.")
    static let lagBytes = MetricFamily(
        .gauge, "stockade_postgres_lag_bytes", "Bytes of the journal behind what was read.")
    static let outageBudget = MetricFamily(
        .gauge, "stockade_postgres_outage_budget_seconds",
        "Until the journal is full at the present rate; -1: nothing is written to it.")
    static let batches = MetricFamily(
        .counter, "stockade_postgres_batches_total", "Transactions that were committed.")
    static let rows = MetricFamily(.counter, "stockade_postgres_rows_total", "Rows in them.")
    static let retries = MetricFamily(
        .counter, "stockade_postgres_retries_total", "Times that something had to be tried again.")
    static let fenceRejections = MetricFamily(
        .counter, "stockade_postgres_fence_rejections_total",
        "Transactions that met another writer.")
    static let deadLetters = MetricFamily(
        .counter, "stockade_postgres_dead_letters_total", "Records that were buried.")
    static let longestBatch = MetricFamily(
        .gauge, "stockade_postgres_longest_batch_seconds", "The longest transaction so far.")
    static let postgres = [
        phase, appliedSequence, lagSequences, lagSeconds, lagBytes, outageBudget, batches, rows,
        retries, fenceRejections, deadLetters, longestBatch,
    ]

    static let ready = MetricFamily(
        .gauge, "stockade_ready", "1 while /readyz says yes. Postgres never matters to it.")
    static let serverPhase = MetricFamily(
        .gauge, "stockade_phase", ["phase"], max: ServerPhase.allCases.count,
        "1 for where the server's life is: starting, replaying, serving, draining, failed.")
    static let replayRecords = MetricFamily(
        .gauge, "stockade_replay_records", "Records of the journal that this start has read.")
    static let logLines = MetricFamily(
        .counter, "stockade_log_lines_total", ["level"], max: 7, "Lines of the log, by level.")
    static let logSuppressed = MetricFamily(
        .counter, "stockade_log_suppressed_total",
        "Lines that weren't written, as they only said again what was said just before.")
    static let buildInfo = MetricFamily(
        .gauge, "stockade_build_info", ["version", "commit", "swift", "journal_format"], max: 1,
        "1; the labels say what was built.")
    static let scrapeDuration = MetricFamily(
        .gauge, "stockade_scrape_duration_seconds", "What making all of this took.")
    static let server = [
        ready, serverPhase, replayRecords, logLines, logSuppressed, buildInfo, scrapeDuration,
    ]

    static let cpu = MetricFamily(
        .counter, "process_cpu_seconds_total", "Processor time, user and system.")
    static let resident = MetricFamily(
        .gauge, "process_resident_memory_bytes", "Memory that is in use.")
    static let virtual = MetricFamily(
        .gauge, "process_virtual_memory_bytes", "Address space.")
    static let openFiles = MetricFamily(.gauge, "process_open_fds", "Open descriptors.")
    static let maxFiles = MetricFamily(
        .gauge, "process_max_fds", "Descriptors at most: the soft limit.")
    static let startTime = MetricFamily(
        .gauge, "process_start_time_seconds", "When the process began, Unix time.")
    static let threads = MetricFamily(.gauge, "process_threads", "Threads.")
    static let process = [cpu, resident, virtual, openFiles, maxFiles, startTime, threads]
}

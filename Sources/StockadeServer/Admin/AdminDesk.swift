// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import ReservationCore
internal import Transport

/// What the administration side answers to each request: knows the server, and no HTTP library.
final class AdminDesk: Sendable {
    let life: ServerLife
    let history: StatusHistory
    private let logs: LogDesk
    private let configuration: ServerConfiguration
    private let log = Logger(label: "stockade.admin")

    init(_ life: ServerLife, _ logs: LogDesk, _ configuration: ServerConfiguration) {
        self.life = life
        self.logs = logs
        self.configuration = configuration
        history = StatusHistory(life)
    }

    /// A path and what it is for.
    private struct Route: Sendable {
        var method: String
        var path: String
        var purpose: String
        var answer: @Sendable (AdminDesk, AdminRequest) -> AdminAnswer
    }

    private static let routes = [
        Route(method: "GET", path: "/livez", purpose: "200 while the process lives") { _, _ in
            .fine("ok")
        },
        Route(
            method: "GET", path: "/readyz",
            purpose: "200 when calls should come here; ?verbose names each check"
        ) { desk, request in desk.ready(verbose: request.value("verbose") != nil) },
        Route(method: "GET", path: "/startupz", purpose: "200 once the journal is read") {
            desk, _ in
            desk.started()
        },
        Route(method: "GET", path: "/version", purpose: "what was built, JSON") { desk, _ in
            .json(desk.version)
        },
        Route(method: "GET", path: "/metrics", purpose: "for Prometheus") { desk, request in
            desk.metrics(request)
        },
        Route(method: "GET", path: "/status", purpose: "a page for people") { _, _ in
            AdminAnswer(
                code: 200, phrase: "OK", contentType: "text/html; charset=utf-8",
                body: StatusPage.html,
                headers: [("Content-Security-Policy", StatusPage.contentSecurityPolicy)])
        },
        Route(method: "GET", path: "/status.json", purpose: "what that page draws") { desk, _ in
            .json(desk.status)
        },
        Route(method: "GET", path: "/config", purpose: "what is in force, JSON, no secrets") {
            desk, _ in .json(desk.configuration.inForce(desk.logs))
        },
        Route(method: "POST", path: "/drain", purpose: "the same as SIGTERM") { desk, _ in
            desk.drain()
        },
        Route(
            method: "POST", path: "/logging",
            purpose:
                "?level=LEVEL: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { desk, request in desk.setLevel(request.value("level")) },
    ]

    /// Answers. Any thread; only looks at what others have, but for drain and level.
    func answer(_ request: AdminRequest) -> AdminAnswer {
        guard request.method != "POST" || !isForeign(request) else {
            return .text(
                403, "Forbidden",
                "a page of another site may not do this; call it with curl or from the same address"
            )
        }
        guard let route = AdminDesk.routes.first(where: { $0.path == request.path }) else {
            let list = AdminDesk.routes.map { "\($0.method) \($0.path)  \($0.purpose)" }
            return .text(
                404, "Not Found",
                "no such path; there are:\n" + list.joined(separator: "\n"))
        }
        guard route.method == request.method else {
            var answer = AdminAnswer.text(
                405, "Method Not Allowed", "\(route.path) takes \(route.method) only")
            answer.headers = [("Allow", route.method)]
            return answer
        }
        return route.answer(self, request)
    }

    /// Browsers send an Origin with what changes something: it must be this address itself.
    private func isForeign(_ request: AdminRequest) -> Bool {
        guard let origin = request.origin else { return false }
        return origin != "http://\(request.host ?? "")"
    }

    // MARK: - Health

    private func ready(verbose: Bool) -> AdminAnswer {
        let checks = Readiness.checks(life, now: { TurnTime.fromSystem().monotonicNanoseconds })
        let isReady = checks.allSatisfy { $0.problem == nil }
        var lines = checks.filter { verbose || $0.problem != nil }.map(\.line)
        if verbose {
            let full = FullTables(life, history.all)
            lines += full.warnings.map { "[!] room: \($0)" }
            lines += full.usedUp.map { "[i] room: \($0)" }
        }
        let verdict = isReady ? "ok" : "not ready"
        let body = verbose || !isReady ? (lines + [verdict]).joined(separator: "\n") : verdict
        return isReady ? .fine(body) : .text(503, "Service Unavailable", body)
    }

    private func started() -> AdminAnswer {
        switch life.phase {
        case .serving, .draining: .fine("ok")
        case .starting: .text(503, "Service Unavailable", "making tables")
        case .replaying:
            .text(503, "Service Unavailable", "reading the journal: \(Readiness.progress(life))")
        case .failed: .text(503, "Service Unavailable", "failed: \(life.failure ?? "")")
        }
    }

    private var version: String {
        var json = JSONText()
        json.beginObject()
        json.member("version", ServerVersion.text)
        json.member("commit", configuration.commit)
        json.member("swift", ServerVersion.swift)
        json.member("journal_format", ServerVersion.journalFormat)
        json.endObject()
        return json.text
    }

    // MARK: - Figures

    private func metrics(_ request: AdminRequest) -> AdminAnswer {
        let began = TurnTime.fromSystem().monotonicNanoseconds
        let format = Exposition.Format(accept: request.accept)
        return AdminAnswer(
            code: 200, phrase: "OK", contentType: format.contentType,
            body: MetricsPage.make(
                format, life, logs, isReady: Readiness.isReady(life),
                commit: configuration.commit, began: began))
    }

    private var status: String {
        StatusJSON.make(life, history, isReady: Readiness.isReady(life), configuration)
    }

    // MARK: - What changes something

    private func drain() -> AdminAnswer {
        guard let loops = life.parts.loops, life.phase == .serving || life.phase == .draining else {
            return .text(
                409, "Conflict", "it isn't serving (\(life.phase.name)); to end it, send SIGTERM")
        }
        log.info("asked over HTTP: draining", metadata: ["event": "drain_asked"])
        loops.drain()
        return .text(202, "Accepted", "draining: calls that were begun are finished")
    }

    private func setLevel(_ name: String?) -> AdminAnswer {
        let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        guard let name, let level = Logger.Level(rawValue: name) else {
            return .text(400, "Bad Request", "?level= must be one of \(names)")
        }
        logs.level = level
        log.notice("log level is \(level.rawValue)", metadata: ["event": "log_level"])
        return .fine("level \(level.rawValue)")
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import FlyingFox
internal import FlyingSocks
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Transport

/// The administration side on its socket: HTTP to `AdminDesk` and back. Its threads are Swift's pool,
/// never a loop's; it lives as long as the process.
enum AdminServer {
    /// How often somebody looks whether the journal moves.
    private static let watchMicroseconds: UInt32 = 200_000
    /// How long it may take until it listens.
    private static let startTimeout = 5.0
    /// How long one request may take.
    private static let requestTimeout = 15.0

    /// Listens, says where, and goes on in the background.
    static func start(
        _ desk: AdminDesk, at address: Transport.SocketAddress, log: Logger
    ) throws(ServerFailure) {
        let started = StartAnswer()
        Task.detached {
            do {
                let server = try server(desk, address)
                let running = Task {
                    do {
                        try await server.run()
                    } catch { started.give("\(address): \(error)") }
                }
                try await server.waitUntilListening(timeout: startTimeout)
                let port = await server.listeningAddress?.port ?? address.port
                log.info("admin \(address.with(port: port))", metadata: ["event": "admin"])
                started.give(nil)
                await running.value
            } catch { started.give("\(address): \(error)") }
        }
        if let problem = started.wait(atMost: .seconds(startTimeout + 1)) {
            throw ServerFailure(
                .forbidden, "the administration side can't listen: \(problem); see --admin")
        }
        do throws(TransportError) {
            try WorkerThread(name: "admin-watch") { watch(desk) }.detach()
        } catch { throw ServerFailure(.failed, error.explanation) }
    }

    private static func server(
        _ desk: AdminDesk, _ address: Transport.SocketAddress
    ) throws -> HTTPServer {
        let handler = DeskHandler(desk: desk)
        if address.host.contains(":") {
            return HTTPServer(
                address: try sockaddr_in6.inet6(ip6: address.host, port: address.port),
                timeout: requestTimeout, logger: .disabled, handler: handler)
        }
        return HTTPServer(
            address: try sockaddr_in.inet(ip4: address.host, port: address.port),
            timeout: requestTimeout, logger: .disabled, handler: handler)
    }

    private static func watch(_ desk: AdminDesk) {
        while true {
            let now = TurnTime.fromSystem()
            desk.life.watchJournal(at: now.monotonicNanoseconds)
            desk.history.look(at: now)
            usleep(watchMicroseconds)
        }
    }
}

/// Requests and answers in the library's types.
private struct DeskHandler: HTTPHandler {
    let desk: AdminDesk

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        let answer = desk.answer(
            AdminRequest(
                method: request.method.rawValue, path: request.path,
                query: request.query.map { ($0.name, $0.value) },
                accept: request.headers[HTTPHeader("Accept")],
                host: request.headers[HTTPHeader("Host")],
                origin: request.headers[HTTPHeader("Origin")]))
        var headers: HTTPHeaders = [
            HTTPHeader("Content-Type"): answer.contentType,
            HTTPHeader("Cache-Control"): "no-store",
            HTTPHeader("X-Content-Type-Options"): "nosniff",
        ]
        for header in answer.headers { headers[HTTPHeader(header.name)] = header.value }
        return HTTPResponse(
            statusCode: HTTPStatusCode(answer.code, phrase: answer.phrase), headers: headers,
            body: Data(answer.body.utf8))
    }
}

extension Socket.Address {
    fileprivate var port: UInt16? {
        switch self {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix: nil
        }
    }
}

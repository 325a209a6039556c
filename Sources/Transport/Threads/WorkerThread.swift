// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// A thread of the operating system with a name, to be waited for with `join`.
@safe public struct WorkerThread: ~Copyable, Sendable {
    private let thread: pthread_t

    /// Starts a thread that runs `body` once.
    ///
    /// - Parameters:
    ///   - name: what tools show; at most 15 bytes of it.
    ///   - body: what runs on the thread.
    /// - Throws: `TransportError` with `.startThread`.
    public init(name: String, _ body: sending @escaping () -> Void) throws(TransportError) {
        let work = Work(body)
        var started = pthread_t()
        // SAFETY: the work is retained here and released by the thread that runs it.
        let context = unsafe Unmanaged.passRetained(work).toOpaque()
        let code = unsafe pthread_create(
            &started, nil,
            { context in
                unsafe Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, context)
        guard code == 0 else {
            unsafe Unmanaged<Work>.fromOpaque(context).release()
            throw TransportError(.startThread, errorNumber: code)
        }
        _ = unsafe pthread_setname_np(started, String(name.prefix(15)))
        thread = started
    }

    /// Waits until the thread has ended.
    public consuming func join() {
        // SAFETY: joined once: this consumes the only value that names the thread.
        _ = pthread_join(thread, nil)
    }

    /// Lets the thread run on its own: nobody waits for it, and it ends with the process.
    public consuming func detach() {
        // SAFETY: detached once: this consumes the only value that names the thread.
        _ = pthread_detach(thread)
    }

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Makes a loop's wait return, from any thread.
struct WakeSignal: ~Copyable, Sendable {
    let descriptor: Int32

    init() throws(TransportError) {
        descriptor = stockade_eventfd_create()
        guard descriptor >= 0 else { throw .fromSystem(.createWake) }
    }

    deinit { stockade_close(descriptor) }

    /// One system call; many before the loop looks count as one.
    func signal() { stockade_eventfd_signal(descriptor) }

    /// Takes the signal: the loop has seen it.
    func clear() { stockade_eventfd_clear(descriptor) }
}

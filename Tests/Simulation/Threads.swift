// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Real threads, because that is what the core is shared between.
enum Threads {
    /// Runs `body` on `count` new threads at once and waits for all of them.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        var threads: [pthread_t] = []
        for number in 0..<count {
            let work = Work { body(number) }
            var thread = pthread_t()
            let context = unsafe Unmanaged.passRetained(work).toOpaque()
            let status = unsafe pthread_create(
                &thread, nil,
                { context in
                    // SAFETY: the one retain of `run` ends here.
                    unsafe Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().body()
                    return nil
                }, context)
            precondition(status == 0, "no thread")
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

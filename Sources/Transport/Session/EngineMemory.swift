// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Glibc

/// nghttp2's memory: freed blocks of small sizes wait for the next call that wants one.
///
/// A call makes nghttp2 take and give back some eight small blocks of the same few sizes. The latest
/// to be freed is the next to be taken, as its bytes are still in the cache (decision 0021). One per
/// loop, on its thread; each session keeps it alive.
@safe final class EngineMemory {
    private let cache: UnsafeMutablePointer<BlockCache>

    init() {
        unsafe cache = .allocate(capacity: 1)
        unsafe cache.initialize(to: BlockCache())
    }

    deinit {
        unsafe cache.pointee.empty()
        unsafe cache.deinitialize(count: 1)
        unsafe cache.deallocate()
    }

    /// What a session is made with; nghttp2 copies it. The sessions must end before this does.
    var functions: nghttp2_mem {
        unsafe nghttp2_mem(
            mem_user_data: cache,
            malloc: { count, context in unsafe cacheOf(context).pointee.allocate(count) },
            free: { block, context in
                if let block = unsafe block { unsafe cacheOf(context).pointee.release(block) }
            },
            calloc: { count, size, context in
                let (total, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow, let block = unsafe cacheOf(context).pointee.allocate(total) else {
                    return nil
                }
                return unsafe memset(block, 0, total)
            },
            realloc: { block, count, context in
                guard let block = unsafe block else {
                    return unsafe cacheOf(context).pointee.allocate(count)
                }
                return unsafe cacheOf(context).pointee.reallocate(block, count)
            })
    }
}

@inline(__always)
private func cacheOf(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<BlockCache> {
    // SAFETY: the context that `functions` gave.
    unsafe context!.assumingMemoryBound(to: BlockCache.self)
}

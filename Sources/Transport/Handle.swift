// SPDX-License-Identifier: Apache-2.0

/// A place in memory that outlives whoever holds the handle: a slot of a slab, the state of a
/// session, what a loop's sessions share.
///
/// Why not a class: a class costs a retain, a release and an exclusivity check per touch. Why not a
/// plain value: nghttp2's callbacks come back to the same state in the midst of a call into it. So
/// each access must be short: nobody may keep `value` borrowed over a call into nghttp2.
@safe struct Handle<Value: ~Copyable>: BitwiseCopyable {
    let raw: UnsafeMutablePointer<Value>

    init(_ raw: UnsafeMutablePointer<Value>) {
        unsafe self.raw = raw
    }

    /// What lies at the place.
    @inline(__always) var value: Value {
        // SAFETY: the owner keeps the place initialised for as long as handles to it exist; all of
        // them belong to one loop and so to one thread.
        unsafeAddress { unsafe UnsafePointer(raw) }
        nonmutating unsafeMutableAddress { unsafe raw }
    }

    /// True when both lead to the same place.
    static func == (left: Handle, right: Handle) -> Bool {
        unsafe left.raw == right.raw
    }
}

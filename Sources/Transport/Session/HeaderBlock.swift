// SPDX-License-Identifier: Apache-2.0

/// Reading a header block without decoding it (RFC 7541 section 6).
enum HeaderBlock {
    /// Whether decoding the block leaves the table of fields as it is: nothing is added to it and its
    /// size isn't changed. Then the same bytes say the same again, until another block changes the
    /// table. False also for what isn't whole.
    static func leavesTheTable(_ block: Span<UInt8>) -> Bool {
        var at = 0
        while at < block.count {
            let first = block[at]
            if first & 0x80 != 0 {
                // A field of the table.
                guard skipNumber(in: block, at: &at, prefix: 0x7f) != nil else { return false }
            } else if first & 0xe0 != 0 {
                // One that is added to it, or another size.
                return false
            } else {
                // A literal that isn't added, its name from the table or not.
                guard let name = skipNumber(in: block, at: &at, prefix: 0x0f),
                    name != 0 || skipText(in: block, at: &at), skipText(in: block, at: &at)
                else { return false }
            }
        }
        return true
    }

    private static func skipText(in block: Span<UInt8>, at: inout Int) -> Bool {
        guard at < block.count,
            let length = skipNumber(in: block, at: &at, prefix: 0x7f), length <= block.count - at
        else { return false }
        at += length
        return true
    }

    /// RFC 7541 section 5.1, up to two bytes behind the prefix: no block that is remembered needs more.
    private static func skipNumber(
        in block: Span<UInt8>, at: inout Int, prefix: UInt8
    ) -> Int? {
        var number = Int(block[at] & prefix)
        at += 1
        guard number == Int(prefix) else { return number }
        for shift in [0, 7] {
            guard at < block.count else { return nil }
            let byte = block[at]
            at += 1
            number += Int(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return number }
        }
        return nil
    }
}

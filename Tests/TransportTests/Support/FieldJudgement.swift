// SPDX-License-Identifier: Apache-2.0

@testable import Transport

/// What came of the fields of one header block.
struct FieldJudgement: Equatable {
    /// Of each field; none when the block isn't accepted: then the two may notice it at different
    /// fields.
    var verdicts: [RequestRules.Verdict] = []
    /// The block makes a request, or trailers.
    var isAccepted = false

    init(verdicts: [RequestRules.Verdict], isAccepted: Bool) {
        self.verdicts = isAccepted ? verdicts : []
        self.isAccepted = isAccepted
    }

    /// What our own rules say.
    init(_ fields: [RawField], asTrailers: Bool) {
        var rules = RequestRules(isTrailer: asTrailers)
        let verdicts = fields.map { rules.take($0.name.span, $0.text.span) }
        self.init(verdicts: verdicts, isAccepted: rules.isWellFormed)
    }
}

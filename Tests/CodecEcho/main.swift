// SPDX-License-Identifier: Apache-2.0

// A tool for the codec's tests in other languages.
//
// `codec-echo --catalogue` prints what the codec knows, one thing a line, its parts between tabs.
//
// `codec-echo` answers frames from standard input until it ends. A frame is the full name of a
// message type and the bytes of such a message; lengths are four bytes, highest first:
//     length name length bytes
// The answer is the message decoded and encoded again, or what is wrong with the bytes:
//     0 length bytes
//     1 code offset              (the code one byte, the offset four)
// An unknown name ends the tool with status 64, a frame cut short with 65.

import Foundation
import Recoding

if CommandLine.arguments.dropFirst() == ["--catalogue"] {
    for entry in Catalogue.entries { print(entry) }
} else {
    var frames = FrameStream()
    while let (name, bytes) = frames.next() {
        guard let recoder = Catalogue.recoders.first(where: { $0.name == name }) else {
            exit(64)
        }
        do {
            frames.answer(try recoder.recode(bytes))
        } catch {
            frames.answer(error)
        }
    }
}

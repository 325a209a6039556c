// SPDX-License-Identifier: Apache-2.0

public import Primitives
internal import Wire

/// The answer that a rush is made of: a reservation that is held, of one line that one warehouse
/// granted in whole.
///
/// Its bytes are those that `ReservationReply` writes; this form knows their order and that no
/// length takes a second byte, and takes a third of the instructions.
public struct GrantedReply: Equatable, Sendable, BitwiseCopyable {
    /// The id that the client gave it: 16 bytes.
    public var reservationID: ByteRange
    /// The brand's code.
    public var brand: ByteRange
    /// The dealer's code.
    public var dealer: ByteRange
    /// When it was made, in Unix milliseconds.
    public var createdMilliseconds: Int64
    /// When it expires, in Unix milliseconds.
    public var deadlineMilliseconds: Int64
    /// The line's number, not 0.
    public var lineNumber: UInt32
    /// The units, more than 0.
    public var granted: Int64
    /// The warehouse's code.
    public var warehouse: ByteRange

    /// Makes the answer from its fields.
    public init(
        reservationID: ByteRange, brand: ByteRange, dealer: ByteRange, createdMilliseconds: Int64,
        deadlineMilliseconds: Int64, lineNumber: UInt32, granted: Int64, warehouse: ByteRange
    ) {
        self.reservationID = reservationID
        self.brand = brand
        self.dealer = dealer
        self.createdMilliseconds = createdMilliseconds
        self.deadlineMilliseconds = deadlineMilliseconds
        self.lineNumber = lineNumber
        self.granted = granted
        self.warehouse = warehouse
    }

    /// With codes of so many bytes in all, the reservation's length takes one byte, whatever the
    /// numbers are: 127, less 18 for the id, 2 before each of the codes, 2 for the state, 11 for each
    /// time, 2 for the line with 6 and 11 for its number and units, and 2 and 11 for its allocation.
    static let codeBytesMax = 127 - 18 - 3 * 2 - 2 - 2 * 11 - (2 + 6 + 11) - (2 + 11)

    /// Whether this form can write it; nothing may be the default, which isn't written.
    public var isShort: Bool {
        Int(brand.count) + Int(dealer.count) + Int(warehouse.count) <= GrantedReply.codeBytesMax
            && reservationID.count == UInt32(ClientID.byteCount) && !brand.isEmpty
            && !dealer.isEmpty && !warehouse.isEmpty && createdMilliseconds != 0
            && deadlineMilliseconds != 0 && lineNumber != 0 && granted != 0
    }

    /// Writes the answer, which `isShort`.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        precondition(isShort)
        let reply = writer.beginMessage(1)
        writer.appendPresentField(1, texts.extracting(reservationID.indices))
        writer.appendPresentField(2, texts.extracting(brand.indices))
        writer.appendPresentField(3, texts.extracting(dealer.indices))
        writer.append(GrantedReply.tag(.varint(4)))
        writer.append(ReservationState.held.rawValue)
        writer.append(GrantedReply.tag(.varint(5)))
        writer.append(base128: UInt64(bitPattern: createdMilliseconds))
        writer.append(GrantedReply.tag(.varint(6)))
        writer.append(base128: UInt64(bitPattern: deadlineMilliseconds))
        let line = writer.beginMessage(7)
        writer.append(GrantedReply.tag(.varint(1)))
        writer.append(base128: UInt64(lineNumber))
        writer.append(GrantedReply.tag(.varint(2)))
        writer.append(base128: UInt64(bitPattern: granted))
        let allocation = writer.beginMessage(6)
        writer.appendPresentField(1, texts.extracting(warehouse.indices))
        writer.append(GrantedReply.tag(.varint(2)))
        writer.append(base128: UInt64(bitPattern: granted))
        writer.endShortMessage(allocation)
        writer.endShortMessage(line)
        writer.endShortMessage(reply)
    }

    private static func tag(_ tag: FieldTag) -> UInt8 { UInt8(tag.rawValue) }
}

// SPDX-License-Identifier: Apache-2.0

/// Answers Reserve.
public typealias ReserveResponse = ReservationReply
/// Answers Confirm.
public typealias ConfirmResponse = ReservationReply
/// Answers Release.
public typealias ReleaseResponse = ReservationReply
/// Answers GetReservation.
public typealias GetReservationResponse = ReservationReply
/// Answers Extend.
public typealias ExtendResponse = ReservationReply

// SPDX-License-Identifier: Apache-2.0

internal import ReservationCore

/// The core's fill mode beside the API's of the same name. `ReservationCore.FillMode` can't be
/// written: the module has a class of its own name, which is looked into first.
typealias CoreFillMode = FillMode

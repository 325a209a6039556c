// SPDX-License-Identifier: Apache-2.0

#if PlantedFaults
    public import ArgumentParser
    public import ReservationCore

    extension PlantedFault: ExpressibleByArgument {}
#endif

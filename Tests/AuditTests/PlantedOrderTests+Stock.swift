// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

@testable import Audit

/// What is wrong with extensions, policies and transfers.
extension PlantedOrderTests {
    static let extendPlants = [
        Plant(name: "extends nothing", rule: .notHeld, words: ["extends", "never granted"]) {
            $0.edit(.extend, 1) { $0.id = Bookkeeper.id(77) }
        },
        Plant(name: "deadline goes back", rule: .deadline, words: ["back, from"]) {
            $0.edit(.extend, 1) { $0.deadline -= 60_001 }
        },
        Plant(name: "deadline too far", rule: .deadline, words: ["86400000 ms after"]) {
            $0.edit(.extend, 1) { $0.deadline = 1_010 + 86_400_001 }
        },
        Plant(name: "extension of what is due", rule: .deadline, words: ["extends"], count: 2) {
            $0.delay(from: .extend, 1, by: 60_000)
            $0.edit(.extend, 1) { $0.deadline += 60_000 }
            // The other two are due as well when they are ordered.
            $0.edit(.reserve, 1) { $0.timeToLive = 120_000 }
        },
        Plant(name: "extension's request", rule: .requestTwice, words: ["second effect"]) {
            $0.edit(.extend, 1) { $0.request = Bookkeeper.id(2) }
        },
        Plant(name: "extension without a request", rule: .form, words: ["request id"]) {
            $0.edit(.extend, 1) { $0.request = ClientID(high: 0, low: 0) }
        },
    ]

    static let policyPlants = [
        Plant(name: "backorder limit", rule: .form, words: ["backorder limit of -1"]) {
            $0.edit(.setPolicy, 1) { $0.policy.backorderLimit = -1 }
        },
        Plant(name: "low above high", rule: .form, words: ["above the high water"]) {
            $0.edit(.setPolicy, 1) { $0.policy.lowWater = 21 }
        },
        Plant(name: "policy's time to live", rule: .form, words: ["of 999 ms"]) {
            $0.edit(.setPolicy, 1) { $0.policy.holdTimeToLiveMilliseconds = 999 }
        },
        Plant(name: "policy of an account never set", rule: .account, words: ["the policy of"]) {
            $0.setPolicy(8, StockPolicy())
        },
        Plant(name: "policy changes what is on hand", rule: .onHand, words: ["99"], count: 2) {
            $0.edit(.setPolicy, 1) { $0.stock.onHand = 99 }
        },
        Plant(name: "safety without a policy", rule: .safety, words: ["can't change"]) {
            $0.edit(.transfer, 1) { $0.stock.safety = 9 }
        },
    ]

    static let transferPlants = [
        Plant(name: "giver's figure", rule: .onHand, words: ["transfers -30", "make 70"]) {
            $0.edit(.transfer, 1) { $0.stock.onHand = 71 }
        },
        Plant(name: "taker gets more", rule: .onHand, words: ["transfers 30", "make 50"]) {
            $0.edit(.transfer, 1) { $0.otherStock.onHand = 51 }
        },
        Plant(name: "quantity", rule: .onHand, words: ["transfers -29"], count: 2) {
            $0.edit(.transfer, 1) { $0.quantity = 29 }
        },
        Plant(name: "nothing moves", rule: .form, words: ["moves 0 units"]) {
            $0.transfer(0, from: 11, to: 7)
        },
        Plant(name: "to another SKU", rule: .account, words: ["another warehouse"]) {
            $0.transfer(1, from: 11, to: 9)
        },
        Plant(name: "more than is available", rule: .oversold, words: ["leave -1"]) {
            $0.transfer(1, from: 7, to: 11)
        },
        Plant(name: "taker never set", rule: .account, words: ["gives to account 8"]) {
            $0.transfer(1, from: 11, to: 8)
        },
        Plant(name: "transfer's request", rule: .requestTwice, words: ["second effect"]) {
            $0.edit(.transfer, 1) { $0.id = Bookkeeper.id(1) }
        },
    ]
}

// SPDX-License-Identifier: Apache-2.0

/// The headers that mark stress traffic: ours, and those that fleets with full-chain stress tests
/// already send. A header that is present is a tag, whatever its value.
enum StressTag {
    static let headers: [StaticString] = ["x-stockade-shadow", "p-pradar-cluster-test", "you-zan"]
}

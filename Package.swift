// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Tests check O(n) invariants too; the product doesn't pay for them.
let checked: [SwiftSetting] = strict + [.define("INVARIANTS", .when(configuration: .debug))]

// ops/build says which commit it is. Asking git here would not do: what a manifest found is kept, and
// the next commit would be called by this one's name.
let commit = Context.environment["STOCKADE_COMMIT"] ?? "unknown"

let package = Package(
    name: "stockade",
    products: [
        .executable(name: "stockade", targets: ["stockade"]),
        .executable(name: "stampede", targets: ["stampede"]),
        .executable(name: "codec-echo", targets: ["CodecEcho"]),
        .executable(name: "decision-probe", targets: ["DecisionProbe"]),
        .executable(name: "postgres-probe", targets: ["PostgresProbe"]),
        .executable(name: "projection-bench", targets: ["ProjectionBench"]),
    ],
    traits: [
        // Off unless asked for: the product has not a byte of it (decision 0012).
        .trait(
            name: "PlantedFaults",
            description: "A server that breaks its promises on purpose, to prove checkers."
        )
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
    ],
    targets: [
        // The C side: a module map and a header each, nothing else; but for what the build is told.
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(name: "CIntrinsics", path: "Sources/CIntrinsics"),
        .systemLibrary(
            name: "CNghttp2", path: "Sources/CNghttp2", pkgConfig: "libnghttp2",
            providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]),
        .systemLibrary(
            name: "CPostgres", path: "Sources/CPostgres", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(
            name: "CBuild", path: "Sources/CBuild",
            cSettings: [.define("STOCKADE_COMMIT", to: "\"\(commit)\"")]),

        // The product, lowest layer first. An arrow here is a promise (Tests/Architecture).
        .target(name: "Primitives", dependencies: ["CIntrinsics"], swiftSettings: checked),
        .target(name: "Effects", dependencies: ["Primitives"], swiftSettings: checked),
        .target(name: "Wire", dependencies: ["Primitives"], swiftSettings: checked),
        .target(name: "StockadeAPI", dependencies: ["Wire"], swiftSettings: checked),
        .target(
            name: "ReservationCore", dependencies: ["Effects", "Primitives"],
            swiftSettings: checked),
        .target(
            name: "Journal", dependencies: ["Primitives", "CLinux"], swiftSettings: checked),
        .target(
            name: "PostgresClient", dependencies: ["Primitives", "CPostgres"],
            swiftSettings: checked),
        .target(
            name: "Audit", dependencies: ["Journal", "Effects", "PostgresClient", "Primitives"],
            swiftSettings: checked),
        .target(
            name: "Projection",
            dependencies: ["Journal", "Effects", "PostgresClient", "Primitives"],
            swiftSettings: checked),
        .target(
            name: "Transport", dependencies: ["Wire", "Primitives", "CLinux", "CNghttp2"],
            swiftSettings: checked),
        .target(
            name: "StockadeServer",
            dependencies: [
                "Transport", "StockadeAPI", "ReservationCore", "Journal", "Projection",
                "PostgresClient", "Effects", "Wire", "Primitives",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: checked),
        .executableTarget(
            name: "stockade",
            dependencies: [
                "StockadeServer", "Projection", "PostgresClient", "Audit", "Journal",
                "Transport", "CBuild",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // The load tester shares the codec and the transport, never the core.
        .target(
            name: "LoadGenerator",
            dependencies: [
                "StockadeAPI", "Transport", "Wire", "Primitives", "CLinux",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Yams", package: "Yams"),
            ],
            path: "loadtest/LoadGenerator", swiftSettings: checked),
        .executableTarget(
            name: "stampede",
            dependencies: [
                "LoadGenerator", "Transport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "loadtest/stampede", swiftSettings: strict),

        // Tests: one folder per module, and the tools that they drive.
        .target(
            name: "Recoding", dependencies: ["StockadeAPI", "Wire", "Primitives"],
            path: "Tests/Recoding", swiftSettings: strict),
        .executableTarget(
            name: "CodecEcho", dependencies: ["Recoding", "StockadeAPI", "Wire", "Primitives"],
            path: "Tests/CodecEcho", swiftSettings: strict),
        .executableTarget(
            name: "DecisionProbe",
            dependencies: ["StockadeServer", "ReservationCore", "Effects", "Primitives"],
            path: "Tests/DecisionProbe", swiftSettings: strict),
        .executableTarget(
            name: "PostgresProbe", dependencies: ["PostgresClient", "Primitives"],
            path: "Tests/PostgresProbe", swiftSettings: strict),
        .executableTarget(
            name: "ProjectionBench",
            dependencies: [
                "Projection", "PostgresClient", "Journal", "Effects", "Transport", "Primitives",
                "CLinux",
            ],
            path: "Tests/ProjectionBench", swiftSettings: strict),
        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: strict),
        .testTarget(
            name: "WireTests", dependencies: ["Wire", "Primitives"], swiftSettings: strict),
        .testTarget(
            name: "StockadeAPITests",
            dependencies: ["Recoding", "StockadeAPI", "Wire", "Primitives"],
            swiftSettings: strict),
        .testTarget(
            name: "ReservationCoreTests",
            dependencies: ["ReservationCore", "Effects", "Primitives"], swiftSettings: strict),
        .testTarget(
            name: "Simulation",
            dependencies: ["Journal", "ReservationCore", "Effects", "Primitives"],
            swiftSettings: strict),
        .testTarget(
            name: "AuditTests",
            dependencies: ["Audit", "Journal", "ReservationCore", "Effects", "Primitives"],
            swiftSettings: strict),
        .testTarget(
            name: "PostgresClientTests", dependencies: ["PostgresClient", "Primitives"],
            swiftSettings: strict),
        .testTarget(
            name: "ProjectionTests",
            dependencies: [
                "Projection", "PostgresClient", "Audit", "Journal", "Effects", "Primitives",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "JournalTests", dependencies: ["Journal", "Primitives"],
            swiftSettings: strict),
        .testTarget(
            name: "StockadeServerTests",
            dependencies: [
                "StockadeServer", "StockadeAPI", "ReservationCore", "Primitives",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: ["Transport", "Wire", "Primitives", "CLinux", "CNghttp2"],
            swiftSettings: strict),
        .testTarget(
            name: "LoadGeneratorTests",
            dependencies: [
                "LoadGenerator", "StockadeAPI", "Transport", "Wire", "Primitives",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict),
        .testTarget(name: "Architecture", swiftSettings: strict),
    ]
)

// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that what it compares against never becomes a dependency of the root package.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "instrument", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    ],
    targets: [
        .target(name: "Harness"),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Harness",
                .product(name: "Instrument", package: "instrument"),
                .product(name: "StructuredLog", package: "instrument"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ]
        ),
        .executableTarget(
            name: "IncrementLoop",
            dependencies: [.product(name: "Instrument", package: "instrument")]
        ),
    ]
)

// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "instrument",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Instrument", targets: ["Instrument"]),
        .library(name: "StructuredLog", targets: ["StructuredLog"]),
        .library(name: "HealthProbes", targets: ["HealthProbes"]),
        .library(name: "InstrumentHTTP", targets: ["InstrumentHTTP"]),
        .executable(name: "demo", targets: ["Demo"]),
    ],
    dependencies: [],
    targets: [
        .target(name: "Instrument"),
        .target(name: "StructuredLog", dependencies: ["Instrument"]),
        .target(name: "HealthProbes", dependencies: ["Instrument"]),
        .target(name: "InstrumentHTTP", dependencies: ["Instrument", "StructuredLog", "HealthProbes"]),

        .executableTarget(
            name: "Demo",
            dependencies: ["Instrument", "StructuredLog", "HealthProbes", "InstrumentHTTP"],
            path: "Examples/Demo"
        ),
        .executableTarget(
            name: "OwnHandler", dependencies: ["Instrument", "StructuredLog", "InstrumentHTTP"],
            path: "Examples/OwnHandler"
        ),

        .target(name: "TestSupport", dependencies: ["Instrument"], path: "Tests/TestSupport"),
        .testTarget(name: "InstrumentTests", dependencies: ["Instrument", "TestSupport"]),
        .testTarget(name: "StructuredLogTests", dependencies: ["Instrument", "StructuredLog", "TestSupport"]),
        .testTarget(
            name: "HealthProbesTests", dependencies: ["Instrument", "HealthProbes", "HealthRig", "TestSupport"]
        ),
        .testTarget(
            name: "InstrumentHTTPTests",
            dependencies: ["Instrument", "StructuredLog", "HealthProbes", "InstrumentHTTP", "HTTPRig", "TestSupport"]
        ),
        .testTarget(
            name: "DemoTests", dependencies: ["Demo", "OwnHandler", "Instrument", "StructuredLog", "TestSupport"]),

        // Rigs: what floods, starves, signals or kills a whole process is run as a child, by tests and Scripts/live.
        .executableTarget(name: "MetricsRig", dependencies: ["Instrument", "TestSupport"], path: "Tests/MetricsRig"),
        .executableTarget(name: "LogRig", dependencies: ["Instrument", "StructuredLog"], path: "Tests/LogRig"),
        .executableTarget(
            name: "HealthRig", dependencies: ["Instrument", "HealthProbes", "InstrumentHTTP", "TestSupport"],
            path: "Tests/HealthRig"
        ),
        .executableTarget(
            name: "HTTPRig", dependencies: ["Instrument", "HealthProbes", "InstrumentHTTP", "TestSupport"],
            path: "Tests/HTTPRig"
        ),
    ]
)

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

        .target(name: "TestSupport", dependencies: ["Instrument"], path: "Tests/TestSupport"),
        .testTarget(name: "InstrumentTests", dependencies: ["Instrument", "TestSupport"]),
        // What is killed, starved and signalled by Scripts/live/log-*.sh.
        .executableTarget(name: "LogProbe", dependencies: ["Instrument", "StructuredLog"], path: "Tests/LogProbe"),
        .testTarget(name: "StructuredLogTests", dependencies: ["Instrument", "StructuredLog", "TestSupport"]),
        .testTarget(
            name: "HealthProbesTests", dependencies: ["Instrument", "HealthProbes", "HealthRig", "TestSupport"]
        ),
        // What signals, stops or blocks a whole process: the health tests and live checks run it as a child.
        .executableTarget(
            name: "HealthRig", dependencies: ["Instrument", "HealthProbes", "InstrumentHTTP"], path: "Tests/HealthRig"
        ),
        .testTarget(
            name: "InstrumentHTTPTests",
            dependencies: ["Instrument", "StructuredLog", "HealthProbes", "InstrumentHTTP", "HTTPRig", "TestSupport"]
        ),
        // What floods, starves or blocks a whole process: the HTTP tests, live checks and benchmarks run it as a child.
        .executableTarget(
            name: "HTTPRig", dependencies: ["Instrument", "HealthProbes", "InstrumentHTTP", "TestSupport"],
            path: "Tests/HTTPRig"
        ),
        .testTarget(name: "DemoTests", dependencies: ["Demo", "TestSupport"]),
    ]
)

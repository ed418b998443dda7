// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let instrument: [Target.Dependency] = [
    .product(name: "Instrument", package: "instrument"),
    .product(name: "StructuredLog", package: "instrument"),
    .product(name: "HealthProbes", package: "instrument"),
    .product(name: "InstrumentHTTP", package: "instrument"),
]

let package = Package(
    name: "systems",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "pleiotropy", targets: ["Pleiotropy"]),
        .executable(name: "genesis-orchestrator", targets: ["GenesisOrchestrator"]),
        .executable(name: "moai-flow", targets: ["MoAIFlow"]),
        .executable(name: "analysis-platform", targets: ["AnalysisPlatform"]),
        .executable(name: "tmux-monitor", targets: ["TmuxMonitor"]),
    ],
    dependencies: [.package(name: "instrument", path: "../..")],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "SQLite", dependencies: ["CSQLite"]),
        .target(name: "RedisClient", dependencies: ["CHiredis"]),
        .executableTarget(
            name: "Pleiotropy", dependencies: instrument + ["RedisClient"], exclude: ["README.md"]),
        .executableTarget(
            name: "GenesisOrchestrator", dependencies: instrument + ["SQLite"], exclude: ["README.md"]),
        .executableTarget(name: "MoAIFlow", dependencies: instrument + ["SQLite"], exclude: ["README.md"]),
        .executableTarget(name: "AnalysisPlatform", dependencies: instrument + ["SQLite"], exclude: ["README.md"]),
        .executableTarget(name: "TmuxMonitor", dependencies: instrument, exclude: ["README.md"]),
        .testTarget(name: "SQLiteTests", dependencies: ["CSQLite", "SQLite"]),
    ]
)

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
    dependencies: [.package(name: "instrument", path: "../..")],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "SQLite", dependencies: ["CSQLite"]),
        .executableTarget(name: "GenesisOrchestrator", dependencies: instrument + ["SQLite"], exclude: ["README.md"]),
        .testTarget(name: "SQLiteTests", dependencies: ["CSQLite", "SQLite"]),
    ]
)

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Harness

/// zerolog's figures, measured by its own program in the same run; none where Go or zerolog is not installed.
final class Zerolog {
    private lazy var costs = Self.measure()

    /// Builds and runs the program.
    private static func measure() -> [String: Cost] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Peers/zerolog").standardizedFileURL.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["go", "run", folder + "/main.go"]
        var environment = ProcessInfo.processInfo.environment
        environment["GO111MODULE"] = "off"
        environment["GOPATH"] = environment["GOPATH"] ?? "/usr/share/gocode"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return [:] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var costs: [String: Cost] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            guard parts.count == 3, let minimum = Double(parts[1]), let median = Double(parts[2]) else { continue }
            costs[String(parts[0])] = Cost(minimum: minimum, median: median)
        }
        if costs.isEmpty { print("zerolog: not measured; it needs golang and golang-github-rs-zerolog-dev") }
        return costs
    }

    func cost(_ name: String) -> Cost? { costs[name] }

    /// Measures a case of ours and puts zerolog's figure beside it.
    func add(
        _ suite: Suite, _ name: String, bar: Double?, peer: String, _ body: @escaping @Sendable (Int) -> Void
    ) {
        guard suite.takes(name) else { return }
        suite.add(name, bar: bar, ours: Cost.run(body), reference: "zerolog " + peer, cost: cost(peer))
    }
}

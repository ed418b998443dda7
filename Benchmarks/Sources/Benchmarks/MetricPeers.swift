// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Foundation
import Harness
import Synchronization

/// Other metrics libraries, measured in the same run: swift-metrics here, the others by programs of their own. One whose
/// toolchain or package is not installed is named as absent.
enum MetricPeers {
    /// Measures the peers and prints their lines beside ours.
    static func run(_ suite: Suite) {
        swiftMetrics(suite)
        let peers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Peers").standardizedFileURL.path
        let go = ["GO111MODULE": "off", "GOPATH": ProcessInfo.processInfo.environment["GOPATH"] ?? "/usr/share/gocode"]
        add(suite, "client_golang", ["go", "run", peers + "/client_golang/main.go"], go)
        let binary = FileManager.default.temporaryDirectory.appendingPathComponent("prometheus-cpp-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: binary) }
        let build = [
            "g++", "-O2", "-std=c++17", peers + "/prometheus-cpp/main.cpp", "-o", binary, "-lprometheus-cpp-core",
            "-lpthread",
        ]
        add(suite, "prometheus-cpp", output(of: build, [:]) == nil ? [] : [binary], [:])
    }

    private static func add(_ suite: Suite, _ peer: String, _ command: [String], _ environment: [String: String]) {
        let names = suite.caseNames
        guard !names.isEmpty else { return }
        guard !command.isEmpty, let text = output(of: command, environment), !text.isEmpty else {
            print("\(peer): absent; its toolchain and package are not installed")
            return
        }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            guard parts.count == 3, let minimum = Double(parts[1]), let median = Double(parts[2]),
                let ours = suite.cost(of: String(parts[0]))
            else { continue }
            suite.add(
                String(parts[0]) + " beside " + peer, ours: ours, reference: peer,
                cost: Cost(minimum: minimum, median: median))
        }
    }

    /// What a command prints; nil when it fails.
    private static func output(of command: [String], _ environment: [String: String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text : nil
    }

    // MARK: swift-metrics

    /// The least that a backend of swift-metrics can do: one atomic add.
    private final class AtomicCounter: CounterHandler {
        private let total = Atomic<Int64>(0)

        func increment(by amount: Int64) { total.wrappingAdd(amount, ordering: .relaxed) }

        func reset() { total.store(0, ordering: .relaxed) }
    }

    private static func swiftMetrics(_ suite: Suite) {
        for threads in [1, 2, 4] {
            let name = "Counter.increment/\(threads) threads"
            guard let ours = suite.cost(of: name) else { continue }
            let counter = CoreMetrics.Counter(label: "c", dimensions: [], handler: AtomicCounter())
            let cost = Cost.run(threads: threads) { count in for _ in 0..<count { counter.increment() } }
            suite.add(
                name + " beside swift-metrics", ours: ours, reference: "swift-metrics over one atomic", cost: cost)
        }
    }
}

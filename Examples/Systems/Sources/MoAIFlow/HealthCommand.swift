// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

/// `moai-flow health`: asks the running service how it is, for exec probes in images without curl.
struct HealthCommand {
    /// The checks that `--all` lists.
    static let names = ["database", "disk_space", "memory", "query_performance", "agents"]

    let settings: Settings

    /// What `/health/{check}` tells on the port for details.
    private struct Check: Decodable {
        var healthy: Bool
        var message: String
        var details: [String: String]
    }

    /// Prints how the service is and returns the exit code: 0 when it may be used, else 1.
    ///
    /// - Parameter question: `live`, `ready`, `startup`, `--all`, or nil for everything in one line.
    func run(_ question: String?) -> Int32 {
        switch question {
        case nil: ask("/healthz")
        case "live": ask("/livez")
        case "ready": ask("/readyz")
        case "startup": ask("/startupz")
        case "--all": askAll()
        default: usage()
        }
    }

    /// One line for a probe.
    private func ask(_ path: String) -> Int32 {
        let outcome = SelfProbe(port: UInt16(settings.port), path: path, timeout: .seconds(5)).run()
        print(outcome.exitCode == 0 ? "✅ Healthy - \(outcome.line)" : "❌ Unhealthy - \(outcome.line)")
        return outcome.exitCode
    }

    /// A line for each of the named checks, with details of those that fail.
    private func askAll() -> Int32 {
        var allHealthy = true
        for name in Self.names {
            let outcome = SelfProbe(
                port: UInt16(settings.detailsPort), path: "/health/\(name)", timeout: .seconds(5)
            ).run()
            guard let check = try? JSONDecoder().decode(Check.self, from: Data(outcome.body.utf8)) else {
                print("❌ \(name): \(outcome.line)")
                allHealthy = false
                continue
            }
            print(
                "\(check.healthy ? "✅" : "❌") \(name): \(check.message.isEmpty ? "within its target" : check.message)")
            if !check.healthy {
                allHealthy = false
                let details = check.details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                if !details.isEmpty { print("   Details: \(details.joined(separator: ", "))") }
            }
        }
        print(allHealthy ? "\n✅ All health checks passed" : "\n❌ Some health checks failed")
        return allHealthy ? 0 : 1
    }

    private func usage() -> Int32 {
        print("usage: moai-flow health [live | ready | startup | --all]")
        return 64
    }
}

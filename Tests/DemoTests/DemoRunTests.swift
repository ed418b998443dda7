// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Demo

/// The real binary over real sockets, from its first line to its exit code. Real time is the subject here.
@Suite struct DemoRunTests {
    private func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "Alpha beta, alpha.\n".write(
            to: folder.appendingPathComponent("one.txt"), atomically: true, encoding: .utf8)
        try "ALPHA gamma\n".write(to: folder.appendingPathComponent("two.txt"), atomically: true, encoding: .utf8)
        return try await body(folder.path)
    }

    private func end(of demo: DemoProcess) async throws -> DemoProcess.Ended {
        try #require(try await eventually { try demo.ended() })
    }

    @Test func theServiceIndexesAnswersTellsAndDrains() async throws {
        try await withFolder { folder in
            let demo = try DemoProcess([folder, "--port", "0"], environment: ["DRAIN_DELAY": "0.2"])
            let base = try #require(try await eventually { try demo.base() })
            #expect(try await eventually { try await DemoProcess.get(base + "/startupz").status == 200 })

            let search = try await DemoProcess.get(base + "/search?q=alpha")
            #expect(
                String(decoding: search.body, as: UTF8.self)
                    == #"{"files":[{"count":2,"file":"one.txt"},{"count":1,"file":"two.txt"}],"#
                    + #""query":"alpha","total_count":3,"total_files":2}"#)
            #expect(try await DemoProcess.get(base + "/search").status == 400)
            #expect(try await DemoProcess.get(base + "/nowhere").status == 404)
            for path in [
                "/livez", "/readyz", "/healthz", "/health", "/health/live", "/health/ready", "/health/startup",
            ] {
                #expect(try await DemoProcess.get(base + path).status == 200, "\(path)")
            }

            let agents = try JSONDecoder().decode(
                [[String: String]].self, from: try await DemoProcess.get(base + "/api/agents/status").body)
            #expect(agents.map { $0["name"] } == Indexer.agentNames)
            #expect(agents.allSatisfy { $0["status"] == "active" && $0["last_seen"] != nil && $0.count == 3 })

            let metrics = String(decoding: try await DemoProcess.get(base + "/metrics").body, as: UTF8.self)
            #expect(metrics.contains("\nhttp_requests_total{method=\"GET\",endpoint=\"/search\",status=\"200\"} 1\n"))
            #expect(metrics.contains("\nhttp_requests_total{method=\"GET\",endpoint=\"/search\",status=\"400\"} 1\n"))
            #expect(metrics.contains("\ndemo_index_files 2\n"))
            #expect(metrics.contains("\ndemo_cycle_duration_seconds_bucket{le=\"+Inf\"} "))

            let port = try #require(base.split(separator: ":").last)
            let probe = try await end(of: DemoProcess(["health", "--port", String(port)]))
            #expect(probe.code == 0)
            #expect(probe.output.hasPrefix("200 "))

            demo.terminate()
            let ended = try await end(of: demo)
            #expect(ended.code == 0)
            for line in ended.output.split(separator: "\n") {
                #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any], "\(line)")
            }
            #expect(ended.output.contains(#""message":"index complete""#))
        }
    }

    @Test func aTakenPortIsTold() async throws {
        try await withFolder { folder in
            let first = try DemoProcess([folder, "--port", "0"])
            let base = try #require(try await eventually { try first.base() })
            let port = try #require(base.split(separator: ":").last)
            let second = try await end(of: DemoProcess([folder, "--port", String(port)]))
            #expect(second.code == 69)
            #expect(
                second.errors
                    == "demo: address \"127.0.0.1:\(port)\": something else listens there; stop it or choose another port\n"
            )
        }
    }

    @Test func mistakesEndWithTheirCodes() async throws {
        let missing = try await end(of: DemoProcess(["/does/not/exist"]))
        #expect(missing.code == 66)
        #expect(
            missing.errors == "demo: folder \"/does/not/exist\" does not exist or is no folder; name one that does\n")
        let usage = try await end(of: DemoProcess(["--loud"]))
        #expect(usage.code == 64)
        #expect(usage.errors == "demo: unknown option \"--loud\"\n\(DemoArguments.usage)\n")
        let nobody = try await end(of: DemoProcess(["health", "--port", "1"]))
        #expect(nobody.code == 1)
    }

    /// Root may read every folder, so a root test runs a copy of the demo as nobody.
    @Test(.enabled(if: getuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"), "no setpriv"))
    func anUnreadableFolderIsTold() async throws {
        try await withFolder { folder in
            let binary = folder + "-demo"
            try FileManager.default.copyItem(atPath: DemoProcess.binary, toPath: binary)
            defer { try? FileManager.default.removeItem(atPath: binary) }
            chmod(folder, 0)
            defer { chmod(folder, 0o755) }
            let asNobody = getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"] : []
            // 126: not yet, as a child of another test still holds the fresh copy open.
            let ended = try #require(
                try await eventually {
                    let ended = try await end(of: DemoProcess(command: asNobody + [binary, folder]))
                    return ended.code == 126 ? nil : ended
                })
            #expect(ended.code == 77)
            #expect(
                ended.errors
                    == "demo: folder \"\(folder)\" cannot be listed; grant read permission or name another\n")
        }
    }
}

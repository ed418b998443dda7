// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import InstrumentHTTP
import Testing

@Suite struct ArtifactsRouteTests {
    private static let token = "correct-horse"
    private static let bearer = "Authorization: Bearer \(token)\r\n"

    private func server(_ change: (inout EndpointConfiguration) -> Void = { _ in }) throws -> InstrumentServer {
        let metrics = MetricRegistry()
        return try InstrumentServer(
            metrics: metrics,
            configuration: .testing {
                $0.artifacts = ServiceArtifacts(job: "orders", metrics: [metrics])
                try! $0.credentials.add(token: Self.token)
                change(&$0)
            })
    }

    @Test func theTokenShowsTheFilesAsTheyAreWritten() async throws {
        let (list, answers, files) = try await withServer(try server()) { server in
            let client = try TestClient(port: server.port)
            let files = try server.artifacts?.files() ?? []
            return (
                try client.get("/artifacts", fields: Self.bearer),
                try files.map { try client.get("/artifacts/\($0.name)", fields: Self.bearer) }, files
            )
        }
        #expect(list.status == 200)
        #expect(list.fields["content-type"] == "application/json")
        let entries = files.map {
            #"{"bytes":\#($0.text.utf8.count),"name":"\#($0.name)","type":"\#($0.mediaType.rawValue)"}"#
        }
        #expect(list.body == "[\(entries.joined(separator: ","))]")
        #expect(
            files.map(\.name) == [
                "alerts.yml", "alerts.test.yml", "prometheus.yml", "alertmanager.yml", "dashboard.json",
                "kubernetes.yml",
            ])
        for (answer, file) in zip(answers, files) {
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == file.mediaType.rawValue)
            #expect(answer.body == file.text)
        }
    }

    @Test func nobodyElseSeesThem() async throws {
        let paths = ["/artifacts", "/artifacts/alerts.yml", "/artifacts/nothing.yml"]
        let (open, wrong, details) = try await withServer(try server { $0.detailsPort = 0 }) { server in
            let client = try TestClient(port: server.port)
            let details = try TestClient(port: server.detailsPort)
            return (
                try paths.map { try client.get($0) },
                try paths.map { try client.get($0, fields: "Authorization: Bearer guess\r\n").status },
                try paths.map { try details.get($0).status }
            )
        }
        #expect(open.map(\.status) == [401, 401, 401])
        #expect(open.allSatisfy { !$0.body.contains("orders") })
        #expect(wrong == [401, 401, 401])
        #expect(details == [200, 200, 404])
        let closed = try InstrumentServer(
            configuration: .testing { $0.artifacts = ServiceArtifacts(job: "orders", metrics: []) })
        let statuses = try await withServer(closed) { server in
            let client = try TestClient(port: server.port)
            return try paths.map { try client.get($0).status }
        }
        #expect(statuses == [403, 403, 403])
    }

    @Test func namesOutsideTheListAndOtherMethodsAreRefused() async throws {
        let statuses = try await withServer(try server()) { server in
            let client = try TestClient(port: server.port)
            return try [
                "/artifacts/", "/artifacts/a/b", "/artifacts/..%2f..%2fetc%2fpasswd", "/artifacts/alerts.yml%00",
            ]
            .map { try client.get($0, fields: Self.bearer).status }
                + [try client.get("/artifacts/alerts.yml", method: "DELETE", fields: Self.bearer).status]
        }
        #expect(statuses == [404, 404, 404, 404, 405])
    }

    @Test func theyCanBeMovedAndSwitchedOff() async throws {
        let paths = ["/artifacts", "/artifacts/alerts.yml", "/internal/files", "/internal/files/alerts.yml"]
        func statuses(_ server: InstrumentServer) async throws -> [Int] {
            try await withServer(server) { server in
                let client = try TestClient(port: server.port)
                return try paths.map { try client.get($0, fields: Self.bearer).status }
            }
        }
        #expect(try await statuses(server { $0.paths.artifacts = "/internal/files" }) == [404, 404, 200, 200])
        #expect(try await statuses(server { $0.paths.artifacts = nil }) == [404, 404, 404, 404])
        #expect(try await statuses(server { $0.paths.switchedOff = ["/artifacts"] }) == [404, 404, 404, 404])
        #expect(try await statuses(server { $0.artifacts = nil }) == [404, 404, 404, 404])
    }

    @Test func whatIsRegisteredLaterIsInThemToo() async throws {
        let metrics = MetricRegistry()
        let server = try InstrumentServer(
            metrics: metrics,
            configuration: .testing {
                $0.artifacts = ServiceArtifacts(job: "orders", metrics: [metrics])
                $0.detailsPort = 0
            })
        let (before, after) = try await withServer(server) { server in
            let client = try TestClient(port: server.detailsPort)
            let before = try client.get("/artifacts/dashboard.json").body
            _ = try metrics.gauge("queue_length", help: "Waiting jobs.")
            return (before, try client.get("/artifacts/dashboard.json").body)
        }
        #expect(!before.contains("queue_length"))
        #expect(after.contains("queue_length"))
    }
}

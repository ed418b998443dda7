// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import InstrumentHTTP
import Testing

@Suite struct ListenerTests {
    private func path() -> String { "/tmp/http-\(UInt64.random(in: 0 ... .max)).sock" }

    @Test func servesOnAUnixSocketOfItsModeAndRemovesItsFile() async throws {
        let path = path()
        let server = try InstrumentServer(
            configuration: .testing {
                $0.listensOnTCP = false
                $0.unixSocket = UnixSocket(path: path, mode: 0o600)
            })
        try server.route(.get, "/peer") { .text($0.peer) }
        let (status, peer, mode) = try await withServer(server) { server in
            var status = stat()
            lstat(path, &status)
            let client = try TestClient(path: path)
            return (try client.get("/livez").status, try client.get("/peer").body, status.st_mode & 0o777)
        }
        #expect(status == 200)
        #expect(peer == "unix")
        #expect(mode == 0o600)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aStaleSocketIsReplacedALiveOneAndAFileAreNot() async throws {
        let path = path()
        func server() throws -> InstrumentServer {
            try InstrumentServer(
                configuration: .testing {
                    $0.listensOnTCP = false
                    $0.unixSocket = UnixSocket(path: path)
                })
        }
        func code(_ body: () throws -> Void) -> ServerError.Code? {
            do {
                try body()
                return nil
            } catch {
                return (error as? ServerError)?.code
            }
        }
        // What a killed process leaves behind: bound, and nobody listens.
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        do {
            let stale = Descriptor(owning: socket(AF_UNIX, Platform.streamSocket, 0))
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(stale.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(bound == 0)
        }
        #expect(FileManager.default.fileExists(atPath: path))
        let first = try server()
        try first.start()
        #expect(code { try server().start() } == .addressInUse)
        first.stop(deadline: .zero)
        try "precious".write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        #expect(code { try server().start() } == .addressInUse)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func aPathThatIsTooLongIsAClearError() throws {
        let server = try InstrumentServer(
            configuration: .testing { $0.unixSocket = UnixSocket(path: "/" + String(repeating: "x", count: 200)) })
        do {
            try server.start()
            Issue.record("started")
        } catch {
            #expect(error.code == .invalidConfiguration)
            #expect(error.description.contains("has 201 bytes, allowed are 1 to"))
        }
    }

    @Test func bothFamiliesReachAServerOnEveryAddress() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.host = "::" })
        try server.route(.get, "/peer") { .text($0.peer) }
        let peer = try await withServer(server) { try TestClient(port: $0.port).get("/peer").body }
        #expect(peer == "127.0.0.1")
    }

    @Test func listeningNowhereIsAnError() throws {
        let server = try InstrumentServer(configuration: .testing { $0.listensOnTCP = false })
        #expect(throws: ServerError.self) { try server.start() }
    }
}

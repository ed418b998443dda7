// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument

/// Asks a service's own endpoint how it is, for container images that have no `curl`.
///
/// ```swift
/// if CommandLine.arguments.dropFirst().first == "health" {
///     let outcome = SelfProbe(port: 8080).run()
///     print(outcome.line)
///     exit(outcome.exitCode)
/// }
/// ```
public struct SelfProbe: Sendable {
    /// What came of asking.
    public struct Outcome: Sendable, Equatable {
        /// 0 when the service says that it may be used, else 1.
        public let exitCode: Int32
        /// One line about it, without its line break.
        public let line: String
        /// What was answered, up to 64 KiB; empty without an answer.
        public let body: String
    }

    private let host: String
    private let port: UInt16
    private let path: String
    private let timeout: Duration

    /// Describes where to ask.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: the port.
    ///   - path: what is asked for.
    ///   - timeout: how long it may take altogether.
    /// - Precondition: the path contains no line break.
    public init(
        host: String = "127.0.0.1", port: UInt16, path: String = "/healthz", timeout: Duration = .seconds(1)
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.timeout = timeout
    }

    /// Asks once, on the calling thread.
    public func run() -> Outcome {
        let patience = UInt64(max(0, timeout.saturatedNanoseconds))
        let deadline = TimeSource.systemMonotonicNanoseconds() &+ patience
        do {
            let answer = try HTTPProbe(host: host, port: port, path: path).get(deadline: deadline, readsBody: true)
            let isServing = (200..<400).contains(answer.status)
            let body = answer.body.split(whereSeparator: \.isNewline).prefix(17).joined(separator: " ")
            return Outcome(
                exitCode: isServing ? 0 : 1, line: "\(answer.status) \(body.prefix(1_024))", body: answer.body)
        } catch {
            return Outcome(exitCode: 1, line: "no answer from \(host):\(port)\(path): \(error)", body: "")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import StructuredLog

/// Writes a line for each request once it has ended: errors of the server as errors, everything else as information.
/// The lines do not tell where they were logged.
public struct AccessLog: RequestMiddleware {
    private let log: StructuredLogger

    /// Makes an access log.
    public init(_ log: StructuredLogger) { self.log = log }

    /// Does nothing: a line is written at the end.
    public func begin(_ observation: inout RequestObservation) {}

    /// Writes the line.
    public func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {
        let request = observation.request
        log.logWithoutSource(outcome.status >= 500 ? .error : .info, "request") {
            $0["method"] = request.method.name
            $0["path"] = request.path
            $0["route"] = request.route ?? RequestMetrics.unmatched
            $0["status"] = outcome.status
            $0["duration_ms"] = Double(outcome.durationNanoseconds / 1_000) / 1_000
            $0["request_bytes"] = request.requestBytes
            $0["response_bytes"] = outcome.responseBytes
            $0["peer"] = request.peer
            observation.addFields(to: &$0)
            if let errorType = outcome.errorType { $0["error_type"] = errorType }
        }
    }
}

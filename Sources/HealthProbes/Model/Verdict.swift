// SPDX-License-Identifier: Apache-2.0

/// The answer to one probe's question.
public struct Verdict: Sendable, Equatable {
    /// Pass, warn or fail.
    public let status: CheckStatus
    /// Why it is not a plain pass although no check says so: `draining`, `maintenance`, `starting`; else empty.
    public let reason: String
    /// The names of the checks that fail or degrade it, in order of registration, the failing ones first.
    public let causes: [String]

    /// Whether the service may be used: pass and warn are served with 200, fail with 503.
    public var isServing: Bool { status != .fail }

    /// Why in a few words: the reason and the first names, for a log line.
    package var summary: String {
        let names = causes.prefix(8).joined(separator: ", ")
        let more = causes.count > 8 ? " and \(causes.count - 8) more" : ""
        return reason.isEmpty ? names + more : names.isEmpty ? reason : "\(reason): \(names)\(more)"
    }

    init(_ status: CheckStatus, reason: String = "", causes: [String] = []) {
        self.status = status
        self.reason = reason
        self.causes = causes
    }
}

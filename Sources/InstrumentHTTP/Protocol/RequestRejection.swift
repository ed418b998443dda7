// SPDX-License-Identifier: Apache-2.0

/// Why a request is not served: the status to answer with, and a short fixed reason that echoes nothing of it.
///
/// The connection is closed after every rejection: where a request ends is no longer certain.
package struct RequestRejection: Error, Sendable, CustomStringConvertible {
    /// The answer's status.
    package let status: ResponseStatus
    /// What was wrong; a literal, so nothing that the client sent can come back to it.
    package let reason: StaticString

    package init(_ status: ResponseStatus, _ reason: StaticString) {
        self.status = status
        self.reason = reason
    }

    /// A 400.
    static func bad(_ reason: StaticString) -> RequestRejection { RequestRejection(.badRequest, reason) }

    package var description: String { "\(status.code) \(reason)" }
}

extension RequestRejection: Equatable {
    package static func == (left: RequestRejection, right: RequestRejection) -> Bool {
        left.status == right.status && left.description == right.description
    }
}

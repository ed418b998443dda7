// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A failed call into the operating system: which one, and its errno.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The errno value.
    package let code: Int32
    /// The call that failed, such as `bind`.
    package let operation: String

    package init(code: Int32, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The failure that errno holds right after `operation`.
    package static func last(_ operation: String) -> SystemError {
        SystemError(code: errno, operation: operation)
    }

    package var description: String { "\(operation): \(String(cString: strerror(code))) (errno \(code))" }
}

// SPDX-License-Identifier: Apache-2.0

/// Why a log could not be set up. Nothing throws once a logger exists.
public struct LogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure; open, so that new kinds do not break a `switch`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind { case fileUnavailable, threadUnavailable, signalUnavailable, metricUnavailable }

        private let kind: Kind

        /// The file cannot be opened for appending.
        public static let fileUnavailable = Code(kind: .fileUnavailable)
        /// The system has no thread to give to the writer.
        public static let threadUnavailable = Code(kind: .threadUnavailable)
        /// The signal's handler cannot be installed.
        public static let signalUnavailable = Code(kind: .signalUnavailable)
        /// The registry refused the log's own metrics.
        public static let metricUnavailable = Code(kind: .metricUnavailable)

        /// The kind's name.
        public var description: String { "\(kind)" }
    }

    /// The kind of failure.
    public let code: Code
    /// Subject, what is wrong, and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

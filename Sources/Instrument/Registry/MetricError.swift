// SPDX-License-Identifier: Apache-2.0

/// Why a metric could not be registered, found or written: a caller's mistake, described with its remedy.
///
/// ```
/// metric "http requests": name has " " at byte 4; use letters, digits, _ and :, and no digit first
/// ```
public struct MetricError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of mistake it is. New kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// A metric's name breaks the data model, or lacks the suffix that its type asks for.
        public static let invalidName = Code(description: "invalid name")
        /// A label's name breaks the data model, is reserved, or stands twice.
        public static let invalidLabel = Code(description: "invalid label")
        /// The name, or the name of a derived sample, belongs to another metric.
        public static let nameTaken = Code(description: "name taken")
        /// The name is registered with another type, other labels or other options.
        public static let shapeMismatch = Code(description: "shape mismatch")
        /// The number of label values differs from the number of label names.
        public static let wrongLabelCount = Code(description: "wrong label count")
        /// Buckets, objectives, states or another option make no sense.
        public static let invalidOption = Code(description: "invalid option")
        /// A file that state is kept in could not be read or written.
        public static let storage = Code(description: "storage")
    }

    /// The kind of mistake.
    public let code: Code
    /// What it is about, such as the metric's name.
    public let subject: String
    /// What is wrong, and what to do.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: the kind of mistake.
    ///   - subject: what it is about.
    ///   - reason: what is wrong (got, expected), then what to do.
    public init(_ code: Code, subject: String, reason: String) {
        self.code = code
        self.subject = subject
        self.reason = reason
    }

    /// One line: subject, what is wrong, what to do.
    public var description: String { "metric \"\(subject)\": \(reason)" }
}

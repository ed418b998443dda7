// SPDX-License-Identifier: Apache-2.0

/// Why a registration or a start was refused.
public struct HealthError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code; more may be added.
    public struct Code: Sendable, Hashable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The name breaks the rules.
        public static let invalidName = Code("invalidName")
        /// The name is taken.
        public static let duplicateName = Code("duplicateName")
        /// An interval, timeout, threshold or set of kinds makes no sense.
        public static let invalidOption = Code("invalidOption")
        /// A dependency check was put on liveness without saying so explicitly.
        public static let dependencyOnLiveness = Code("dependencyOnLiveness")
        /// `dependsOn` names a check that is not there.
        public static let unknownDependency = Code("unknownDependency")
        /// No check has that name.
        public static let unknownCheck = Code("unknownCheck")
        /// The registry holds as many checks as it may.
        public static let tooManyChecks = Code("tooManyChecks")
        /// Another registry of this process owns the signals.
        public static let signalsTaken = Code("signalsTaken")
        /// The operating system refused a thread, a pipe or a signal handler.
        public static let system = Code("system")
    }

    /// What went wrong, for code.
    public let code: Code
    /// What went wrong and what to do, for people.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

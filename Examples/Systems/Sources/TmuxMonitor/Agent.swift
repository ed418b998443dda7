// SPDX-License-Identifier: Apache-2.0

/// An agent as a cycle found it.
struct Agent: Codable, Equatable, Sendable {
    /// How it is.
    enum State: String, Codable, Sendable {
        /// It runs, and used CPU time since the cycle before.
        case active
        /// It runs, and waits.
        case idle
        /// Its process is gone.
        case crashed
    }

    var name: String
    var pid: Int32
    /// When its process started, in ticks since boot; 0 when it is gone.
    var startTicks: UInt64
    var state: State
    var note: String
}

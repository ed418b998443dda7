// SPDX-License-Identifier: Apache-2.0

/// How a heartbeat looks at the moment.
public enum HeartbeatStatus: String, Sendable, Hashable, CaseIterable {
    /// The newest beat is no older than interval and tolerance.
    case active
    /// The last two beats came closer together than interval less tolerance.
    case early
    /// It said that it waits for work.
    case idle
    /// No beat within interval and tolerance.
    case missing
    /// No beat yet, and none overdue.
    case unknown
}

/// What is known of a heartbeat.
public struct HeartbeatReport: Sendable {
    /// The name of the heartbeat and of its check.
    public let name: String
    /// The expected time between two beats.
    public let interval: Duration
    /// How much earlier or later a beat may come.
    public let tolerance: Duration
    /// How it looks at the moment.
    public let status: HeartbeatStatus
    /// When the newest beat came, in nanoseconds since 1970; nil before the first.
    public let lastSeenUnixNanoseconds: Int64?
    /// How long ago the newest beat came; nil before the first.
    public let age: Duration?
    /// Beats so far.
    public let beats: UInt64
    /// Beats that came too early.
    public let earlyBeats: UInt64
    /// Beats that came too late.
    public let lateBeats: UInt64
}

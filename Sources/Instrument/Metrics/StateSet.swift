// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which of several named states hold: a circuit breaker that is closed, open or half open.
///
/// Exported as one sample for each state, 1 where it holds, under a label with the metric's name.
///
/// ```swift
/// enum Breaker: String, CaseIterable { case closed, open, halfOpen = "half_open" }
/// let breaker = try metrics.stateSet("breaker", help: "State of the breaker.", of: Breaker.self)
/// breaker.set(.open)      // breaker{breaker="closed"} 0, breaker{breaker="open"} 1, ...
/// ```
public struct StateSet<State: CaseIterable & Sendable>: Metric {
    /// State set.
    public static var kind: MetricKind { .stateSet }
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to a state set's series.
    public init(series: SeriesReference) { self.series = series }

    /// Makes `state` the only one that holds.
    public func set(_ state: State) { series.integer.pointee.store(bit(state), ordering: .relaxed) }

    /// Sets whether `state` holds, beside the others.
    public func set(_ state: State, isActive: Bool) {
        if isActive {
            series.integer.pointee.bitwiseOr(bit(state), ordering: .relaxed)
        } else {
            series.integer.pointee.bitwiseAnd(~bit(state), ordering: .relaxed)
        }
    }

    /// Whether `state` holds.
    public func isActive(_ state: State) -> Bool {
        series.integer.pointee.load(ordering: .relaxed) & bit(state) != 0
    }

    private func bit(_ state: State) -> UInt64 { 1 << UInt64(EnumOrdinal.of(state)) }
}

/// Text that describes the process, as labels of a sample whose value is 1: version, commit, region.
///
/// ```swift
/// try metrics.info("build_info", help: "What runs.", ["version": "1.4.0", "commit": "ab12"])
/// ```
public struct Info: Metric {
    /// Info.
    public static let kind = MetricKind.info
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to an info's series.
    public init(series: SeriesReference) { self.series = series }
}

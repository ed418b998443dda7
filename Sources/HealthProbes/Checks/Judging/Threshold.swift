// SPDX-License-Identifier: Apache-2.0

import Instrument

/// From which reading on something degrades, and from which on it fails.
///
/// ```swift
/// try health.register("cpu", .info, every: .seconds(5),
///     .threshold(.above(warn: 70, fail: 90, for: .seconds(300), clearBand: 5), unit: "percent") { cpu.percent })
/// ```
public struct Threshold: Sendable {
    /// The two limits at one moment; a nil limit is never reached.
    public struct Limits: Sendable, Equatable {
        /// Beyond this it degrades.
        public var warn: Double?
        /// Beyond this it fails.
        public var fail: Double?

        /// Makes limits.
        ///
        /// - Parameters:
        ///   - warn: beyond this it degrades; nil never does.
        ///   - fail: beyond this it fails; nil never does.
        public init(warn: Double? = nil, fail: Double? = nil) {
            self.warn = warn
            self.fail = fail
        }
    }

    /// One row of a table of limits: they apply up to a load.
    public struct Row: Sendable, Equatable {
        /// The highest load that the row applies to.
        public var loadMax: Double
        /// What applies then.
        public var limits: Limits

        /// Makes a row.
        ///
        /// - Parameters:
        ///   - loadMax: the highest load that the row applies to; `.infinity` for the last row.
        ///   - warn: beyond this it degrades; nil never does.
        ///   - fail: beyond this it fails; nil never does.
        public init(upTo loadMax: Double, warn: Double? = nil, fail: Double? = nil) {
            self.loadMax = loadMax
            limits = Limits(warn: warn, fail: fail)
        }
    }

    /// On which side of a limit the trouble is.
    enum Direction: Sendable {
        case above
        case below
    }

    let direction: Direction
    /// How long readings must stay beyond a limit before it counts.
    let sustained: Duration
    /// How far back behind a limit readings must come before it no longer counts.
    let clearBand: Double
    let limits: @Sendable () -> Limits

    /// Trouble is above the limits: CPU, memory, latency.
    ///
    /// - Parameters:
    ///   - warn: above this it degrades; nil never does.
    ///   - fail: above this it fails; nil never does.
    ///   - sustained: how long readings must stay above a limit before it counts.
    ///   - clearBand: how far below a limit readings must come before it no longer counts; 0 or more.
    public static func above(
        warn: Double? = nil, fail: Double? = nil, for sustained: Duration = .zero, clearBand: Double = 0
    ) -> Threshold {
        let limits = Limits(warn: warn, fail: fail)
        return Threshold(direction: .above, sustained: sustained, clearBand: clearBand) { limits }
    }

    /// Trouble is below the limits: hit ratio, free places, throughput.
    ///
    /// - Parameters:
    ///   - warn: below this it degrades; nil never does.
    ///   - fail: below this it fails; nil never does.
    ///   - sustained: how long readings must stay below a limit before it counts.
    ///   - clearBand: how far above a limit readings must come before it no longer counts; 0 or more.
    public static func below(
        warn: Double? = nil, fail: Double? = nil, for sustained: Duration = .zero, clearBand: Double = 0
    ) -> Threshold {
        let limits = Limits(warn: warn, fail: fail)
        return Threshold(direction: .below, sustained: sustained, clearBand: clearBand) { limits }
    }

    /// Trouble is above limits that depend on a load, such as the number of agents.
    ///
    /// - Parameters:
    ///   - load: read before each reading.
    ///   - rows: by rising load; beyond the last row nothing is wrong.
    ///   - sustained: how long readings must stay above a limit before it counts.
    ///   - clearBand: how far below a limit readings must come before it no longer counts; 0 or more.
    public static func above(
        byLoad load: @escaping @Sendable () -> Double, _ rows: [Row], for sustained: Duration = .zero,
        clearBand: Double = 0
    ) -> Threshold {
        let rows = rows.sorted { $0.loadMax < $1.loadMax }
        return Threshold(direction: .above, sustained: sustained, clearBand: clearBand) {
            let load = load()
            return rows.first { load <= $0.loadMax }?.limits ?? Limits()
        }
    }

    /// Trouble is above a multiple of what is usual.
    ///
    /// - Parameters:
    ///   - baseline: the usual reading; while it is not above 0 nothing is wrong.
    ///   - warn: the multiple above which it degrades; nil never does.
    ///   - fail: the multiple above which it fails; nil never does.
    ///   - sustained: how long readings must stay above a limit before it counts.
    public static func above(
        baseline: @escaping @Sendable () -> Double, warn: Double? = nil, fail: Double? = nil,
        for sustained: Duration = .zero
    ) -> Threshold {
        Threshold(direction: .above, sustained: sustained, clearBand: 0) {
            let usual = baseline()
            guard usual > 0 else { return Limits() }
            return Limits(warn: warn.map { $0 * usual }, fail: fail.map { $0 * usual })
        }
    }

    private init(
        direction: Direction, sustained: Duration, clearBand: Double, limits: @escaping @Sendable () -> Limits
    ) {
        precondition(clearBand >= 0, "Threshold: clear band is \(clearBand); use 0 or more")
        self.direction = direction
        self.sustained = sustained
        self.clearBand = clearBand
        self.limits = limits
    }
}

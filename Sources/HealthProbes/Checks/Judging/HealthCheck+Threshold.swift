// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A threshold with what it remembers, for checks that judge a reading. One check runs at most once at a time, so the
/// lock is never waited for.
final class Judge: Sendable {
    private let threshold: Threshold
    private let unit: String?
    private let machine: Lock<ThresholdMachine>

    init(_ threshold: Threshold, unit: String?) {
        self.threshold = threshold
        self.unit = unit
        machine = Lock(ThresholdMachine(threshold))
    }

    /// Judges one reading and says so in words, after `subject` if there is more than one.
    func result(_ reading: Double, subject: String = "", now: UInt64) -> CheckResult {
        guard !reading.isNaN else { return .fail("\(subject)the reading is not a number") }
        let limits = threshold.limits()
        let status = machine.withLock { $0.record(reading, limits: limits, now: now) }
        func words(_ limit: Double?) -> String {
            let side = threshold.direction == .above ? "above" : "below"
            // A clear band or a span may hold a status while the reading itself is fine.
            let limit = limit.map { Judge.rounded($0) } ?? "its limit"
            let sustained = threshold.sustained > .zero ? " for \(threshold.sustained)" : ""
            return "\(subject)\(Judge.rounded(reading)) is \(side) \(limit)\(sustained)"
        }
        return switch status {
        case .fail: .fail(words(limits.fail), value: reading, unit: unit)
        case .warn: .warn(words(limits.warn), value: reading, unit: unit)
        case .pass, .unknown: .pass("", value: reading, unit: unit)
        }
    }

    /// A figure for people: three decimals at most.
    static func rounded(_ value: Double) -> String {
        guard value.magnitude < 1e12 else { return "\(value)" }
        let thousandths = (value * 1_000).rounded()
        return thousandths.truncatingRemainder(dividingBy: 1_000) == 0
            ? "\(Int64(thousandths / 1_000))" : "\(thousandths / 1_000)"
    }
}

extension HealthCheck {
    /// Judges a reading by a threshold.
    ///
    /// A reading that is not a number fails: nothing can be said of it.
    ///
    /// - Parameters:
    ///   - threshold: the limits.
    ///   - unit: the unit of the reading, for display.
    ///   - read: takes the reading; it may block and may throw, which is a failure.
    public static func threshold(
        _ threshold: Threshold, unit: String? = nil, _ read: @escaping @Sendable () throws -> Double
    ) -> HealthCheck {
        let judge = Judge(threshold, unit: unit)
        return HealthCheck(.blocking { context in judge.result(try read(), now: context.now) })
    }

    /// Judges a gauge's value by a threshold.
    ///
    /// - Parameters:
    ///   - gauge: what is read.
    ///   - threshold: the limits.
    ///   - unit: the unit of the gauge, for display.
    public static func threshold(_ gauge: Gauge, _ threshold: Threshold, unit: String? = nil) -> HealthCheck {
        .threshold(threshold, unit: unit) { gauge.value }
    }

    /// Judges how fast a counter grows, by a threshold per second or per any other span.
    ///
    /// - Parameters:
    ///   - counter: what is read.
    ///   - span: what the rate refers to: `.seconds(60)` makes "5" mean five a minute.
    ///   - window: how far back growth is looked at; at least one interval of the check.
    ///   - threshold: the limits.
    public static func rate(
        of counter: Counter, per span: Duration = .seconds(1), over window: Duration = .seconds(60),
        _ threshold: Threshold
    ) -> HealthCheck {
        let spanSeconds = Double(span.saturatedNanoseconds) / 1e9
        return growth(over: window, threshold, unit: nil, read: { (counter.value, 0) }) { growth in
            growth.first / growth.seconds * spanSeconds
        }
    }

    /// Judges the share of one counter's growth in another's, in percent: failures among requests.
    ///
    /// While the other one does not grow, the share is 0.
    ///
    /// - Parameters:
    ///   - part: what is part of `whole`.
    ///   - whole: what the part is part of.
    ///   - window: how far back growth is looked at; at least one interval of the check.
    ///   - threshold: the limits, in percent.
    public static func share(
        of part: Counter, in whole: Counter, over window: Duration = .seconds(300), _ threshold: Threshold
    ) -> HealthCheck {
        growth(over: window, threshold, unit: "percent", read: { (part.value, whole.value) }) { growth in
            growth.second > 0 ? 100 * growth.first / growth.second : 0
        }
    }

    private static func growth(
        over window: Duration, _ threshold: Threshold, unit: String?,
        read: @escaping @Sendable () -> (Double, Double),
        _ figure: @escaping @Sendable (GrowthWindow.Growth) -> Double
    ) -> HealthCheck {
        let judge = Judge(threshold, unit: unit)
        let samples = Samples(length: UInt64(max(0, window.saturatedNanoseconds)))
        return HealthCheck(
            .blocking { context in
                let (first, second) = read()
                guard let growth = samples.window.withLock({ $0.record(first, second, now: context.now) }) else {
                    return .pass("no growth to look at yet")
                }
                return judge.result(figure(growth), now: context.now)
            })
    }

    private final class Samples: Sendable {
        let window: Lock<GrowthWindow>

        init(length: UInt64) { window = Lock(GrowthWindow(length: length)) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Judges a row of readings by a threshold. Pure: time and limits come in.
struct ThresholdMachine: Sendable {
    /// One of the two limits at work.
    private struct Level: Sendable {
        /// Since when readings have been beyond it without a break.
        var beyondSince: UInt64?
        /// Whether it counts: beyond for long enough, and not come back by the band since.
        var isActive = false

        mutating func record(excess: Double, band: Double, sustained: UInt64, now: UInt64) {
            if isActive {
                if excess <= -band { self = Level() }
                return
            }
            guard excess > 0 else { return beyondSince = nil }
            let since = beyondSince ?? now
            beyondSince = since
            isActive = now - min(since, now) >= sustained
        }
    }

    private let direction: Threshold.Direction
    private let sustained: UInt64
    private let band: Double
    private var warn = Level()
    private var fail = Level()

    init(_ threshold: Threshold) {
        direction = threshold.direction
        sustained = UInt64(max(0, threshold.sustained.saturatedNanoseconds))
        band = threshold.clearBand
    }

    /// Takes one reading in, in nanoseconds of monotonic time, and returns the status after it.
    mutating func record(_ reading: Double, limits: Threshold.Limits, now: UInt64) -> CheckStatus {
        judge(&warn, reading, limits.warn, now)
        judge(&fail, reading, limits.fail, now)
        return fail.isActive ? .fail : warn.isActive ? .warn : .pass
    }

    private func judge(_ level: inout Level, _ reading: Double, _ limit: Double?, _ now: UInt64) {
        guard let limit else { return level = Level() }
        let excess = direction == .above ? reading - limit : limit - reading
        level.record(excess: excess, band: band, sustained: sustained, now: now)
    }
}

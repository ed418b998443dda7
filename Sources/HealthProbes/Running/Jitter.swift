// SPDX-License-Identifier: Apache-2.0

/// Spreads runs in time, so that checks of many services do not fall on a dependency at the same moment.
///
/// SplitMix64: one word, seeded, so that a test can replay it.
struct Jitter: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A point within the first interval: where a check's own rhythm starts.
    mutating func splay(_ interval: UInt64) -> UInt64 {
        UInt64.random(in: interval / 10...max(interval, 1), using: &self)
    }

    /// The interval, up to a tenth shorter or longer.
    mutating func jittered(_ interval: UInt64) -> UInt64 {
        let tenth = interval / 10
        return interval - tenth + UInt64.random(in: 0...2 * tenth, using: &self)
    }
}

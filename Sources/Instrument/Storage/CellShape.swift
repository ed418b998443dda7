// SPDX-License-Identifier: Apache-2.0

/// What the series of a family consist of beside the words in their header.
struct CellShape: Sendable, Equatable {
    /// Ascending finite upper bounds of a classic histogram.
    private(set) var bounds: [Double] = []
    /// The exponential buckets of a native histogram.
    private(set) var native: NativeBuckets?
    /// Shares that a summary tells the values of, ascending.
    private(set) var quantiles: [Double] = []
    /// How far back a summary looks.
    private(set) var window = Duration.seconds(600)
    /// Names of a state set's states, by ordinal.
    private(set) var states: [String] = []
    /// Bytes after the header, a multiple of 64.
    private(set) var cellBytes = 0
    /// Bytes of one stripe, a multiple of 64.
    private(set) var laneBytes = 64

    /// One or two words: they stand in the header.
    static let scalar = CellShape()

    private init() {}

    /// The words of a histogram.
    init(bounds: [Double], native: NativeBuckets? = nil) {
        self.bounds = bounds
        self.native = native
        let words = bounds.count + 1
        let recordWords = words + (native == nil ? 0 : HistogramLane.nativeRecordWords)
        let laneWords = words + (native == nil ? 0 : HistogramLane.nativeLaneWords)
        cellBytes = (recordWords * 8 + 63) & ~63
        laneBytes = (HistogramLane.stripeHeaderBytes + laneWords * 8 + 63) & ~63
    }

    /// The words of a summary.
    init(quantiles: [Double], window: Duration) {
        self.quantiles = quantiles
        self.window = window
    }

    /// The words of a state set.
    init(states: [String]) { self.states = states }
}

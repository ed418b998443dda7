// SPDX-License-Identifier: Apache-2.0

/// Notices a check that cannot make up its mind: whether the last 20 results changed between failure and success too
/// often.
///
/// Flapping begins at six changes and ends at two, so that the notice itself does not flap.
struct FlapDetector: Equatable, Sendable {
    /// Results that are looked at.
    static let window = 20
    /// Changes within the window from which on a check flaps.
    static let changesMax = 6
    /// Changes within the window at which it is steady again.
    static let changesSteady = 2

    /// The newest result is the lowest bit; a failure is 1.
    private var history: UInt32 = 0
    private var count = 0
    private(set) var isFlapping = false

    /// Changes among the results in the window.
    var changes: Int {
        guard count > 1 else { return 0 }
        let pairs = UInt32(1) << UInt32(count - 1) - 1
        return ((history ^ (history >> 1)) & pairs).nonzeroBitCount
    }

    /// Takes one result in.
    mutating func record(isFailure: Bool) {
        history = (history << 1 | (isFailure ? 1 : 0)) & (1 << UInt32(FlapDetector.window) - 1)
        count = min(count + 1, FlapDetector.window)
        let changes = changes
        if changes >= FlapDetector.changesMax { isFlapping = true }
        if changes <= FlapDetector.changesSteady { isFlapping = false }
    }
}

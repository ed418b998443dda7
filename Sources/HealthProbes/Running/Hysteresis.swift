// SPDX-License-Identifier: Apache-2.0

/// Decides when a row of results changes a status.
///
/// The first result decides at once. After that it takes `failureThreshold` failures in a row to fail and
/// `successThreshold` results in a row that are no failure to recover. Pass and warn replace each other at once.
struct Hysteresis: Equatable, Sendable {
    let failureThreshold: Int
    let successThreshold: Int
    private(set) var status: CheckStatus = .unknown
    private(set) var consecutiveFailures = 0
    private(set) var consecutiveSuccesses = 0

    init(failureThreshold: Int = 1, successThreshold: Int = 1) {
        self.failureThreshold = failureThreshold
        self.successThreshold = successThreshold
    }

    /// Takes one result in and returns the status after it.
    @discardableResult
    mutating func record(_ result: CheckStatus) -> CheckStatus {
        if result == .fail {
            consecutiveFailures += 1
            consecutiveSuccesses = 0
        } else {
            consecutiveFailures = 0
            consecutiveSuccesses += 1
        }
        switch (status, result) {
        case (.unknown, _): status = result
        case (.fail, .fail): break
        case (.fail, _): if consecutiveSuccesses >= successThreshold { status = result }
        case (_, .fail): if consecutiveFailures >= failureThreshold { status = result }
        default: status = result
        }
        return status
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Which share of its time a service could be used.
///
/// `@unchecked Sendable`: everything that changes is touched only while `lock` is held.
final class Uptime: @unchecked Sendable {
    private let lock = NSLock()
    private var lastNanoseconds: UInt64?
    private var usable: UInt64 = 0
    private var total: UInt64 = 0

    /// Counts the time since the last call, by how the service is now.
    ///
    /// - Returns: the share so far, in percent.
    func note(isServing: Bool) -> Double {
        lock.withLock {
            let now = TimeSource.systemMonotonicNanoseconds()
            let span = now - (lastNanoseconds ?? now)
            lastNanoseconds = now
            total += span
            if isServing { usable += span }
            return total == 0 ? 100 : 100 * Double(usable) / Double(total)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Hides series whose value has not changed for a while; for families with a ``SeriesLimits/idleExpiry``.
///
/// Looked at by scrapes alone: no thread runs for it, and updates cost nothing more.
final class IdleSeries: Sendable {
    private struct Seen {
        var fingerprint: UInt64
        var changedNanoseconds: UInt64
    }

    private let expiryNanoseconds: UInt64
    private let seen = Lock<[UInt: Seen]>([:])

    init(expiry: Duration) { expiryNanoseconds = UInt64(max(0, expiry.saturatedNanoseconds)) }

    /// Whether a shown series has been idle for too long.
    func isExpired(_ series: SeriesReference, fingerprint: UInt64, now: UInt64) -> Bool {
        seen.withLock { seen in
            let address = UInt(bitPattern: series.base)
            guard let last = seen[address], last.fingerprint == fingerprint else {
                seen[address] = Seen(fingerprint: fingerprint, changedNanoseconds: now)
                return false
            }
            guard now >= last.changedNanoseconds, now - last.changedNanoseconds >= expiryNanoseconds else {
                return false
            }
            // Its time starts anew if it is shown again.
            seen[address] = nil
            return true
        }
    }
}

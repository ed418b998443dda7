// SPDX-License-Identifier: Apache-2.0

import Synchronization

// One overload for each number of labels. Those of strings take no lock and do not allocate once the series exists.

extension Family where Labels == String {
    /// The series of one label value, made at first use.
    @inlinable
    public func with(_ first: String) -> M { M(series: head.series(first)) }
}

extension Family where Labels == (String, String) {
    /// The series of two label values, made at first use.
    @inlinable
    public func with(_ first: String, _ second: String) -> M { M(series: head.series(first, second)) }
}

extension Family where Labels == (String, String, String) {
    /// The series of three label values, made at first use.
    @inlinable
    public func with(_ first: String, _ second: String, _ third: String) -> M {
        M(series: head.series(first, second, third))
    }
}

extension Family where Labels == (String, String, String, String) {
    /// The series of four label values, made at first use.
    @inlinable
    public func with(_ first: String, _ second: String, _ third: String, _ fourth: String) -> M {
        M(series: head.series(first, second, third, fourth))
    }
}

extension Family where Labels == (String, String, String, String, String) {
    /// The series of five label values, made at first use.
    @inlinable
    public func with(_ first: String, _ second: String, _ third: String, _ fourth: String, _ fifth: String) -> M {
        M(series: head.series(first, second, third, fourth, fifth))
    }
}

extension Family where Labels == (String, String, String, String, String, String) {
    /// The series of six label values, made at first use.
    @inlinable
    public func with(
        _ first: String, _ second: String, _ third: String, _ fourth: String, _ fifth: String, _ sixth: String
    ) -> M {
        M(series: head.series(first, second, third, fourth, fifth, sixth))
    }
}

extension UnsafeMutablePointer where Pointee == FamilyHead {
    @usableFromInline
    func series(_ first: String) -> SeriesReference {
        first.withLabelBytes { first in
            find(hash { $0.combine(first) }) { $0.take(first) }
        } ?? make([first])
    }

    @usableFromInline
    func series(_ first: String, _ second: String) -> SeriesReference {
        first.withLabelBytes { first in
            second.withLabelBytes { second in
                find(
                    hash {
                        $0.combine(first)
                        $0.combine(second)
                    }
                ) { $0.take(first) && $0.take(second) }
            }
        } ?? make([first, second])
    }

    @usableFromInline
    func series(_ first: String, _ second: String, _ third: String) -> SeriesReference {
        first.withLabelBytes { first in
            second.withLabelBytes { second in
                third.withLabelBytes { third in
                    find(
                        hash {
                            $0.combine(first)
                            $0.combine(second)
                            $0.combine(third)
                        }
                    ) { $0.take(first) && $0.take(second) && $0.take(third) }
                }
            }
        } ?? make([first, second, third])
    }

    @usableFromInline
    func series(_ first: String, _ second: String, _ third: String, _ fourth: String) -> SeriesReference {
        first.withLabelBytes { first in
            second.withLabelBytes { second in
                third.withLabelBytes { third in
                    fourth.withLabelBytes { fourth in
                        find(
                            hash {
                                $0.combine(first)
                                $0.combine(second)
                                $0.combine(third)
                                $0.combine(fourth)
                            }
                        ) { $0.take(first) && $0.take(second) && $0.take(third) && $0.take(fourth) }
                    }
                }
            }
        } ?? make([first, second, third, fourth])
    }

    @usableFromInline
    func series(
        _ first: String, _ second: String, _ third: String, _ fourth: String, _ fifth: String
    ) -> SeriesReference { find([first, second, third, fourth, fifth]) }

    @usableFromInline
    func series(
        _ first: String, _ second: String, _ third: String, _ fourth: String, _ fifth: String, _ sixth: String
    ) -> SeriesReference { find([first, second, third, fourth, fifth, sixth]) }

    /// Any number of values, without a lock but with an array.
    func find(_ values: [String]) -> SeriesReference {
        let hash = hash { hash in
            for value in values { value.withLabelBytes { hash.combine($0) } }
        }
        return find(hash) { cursor in
            values.allSatisfy { value in value.withLabelBytes { cursor.take($0) } }
        } ?? make(values)
    }

    @inline(__always)
    private func hash(_ combine: (inout LabelHash) -> Void) -> UInt64 {
        var hash = LabelHash(seed: pointee.seed)
        combine(&hash)
        return hash.finish()
    }

    /// The shown series whose values `matches` takes one after the other.
    @inline(__always)
    private func find(_ hash: UInt64, _ matches: (inout LabelValueCursor) -> Bool) -> SeriesReference? {
        guard let table = SeriesTable(address: pointee.table.load(ordering: .acquiring)) else { return nil }
        let found = table.find(hash) { series in
            var cursor = LabelValueCursor(series)
            return matches(&cursor)
        }
        guard let found, !found.isHidden else { return nil }
        return found
    }

    /// The slow way: under the family's lock.
    @inline(never)
    func make(_ values: [String]) -> SeriesReference {
        pointee.storage._withUnsafeGuaranteedRef { $0.makeSeries(values) }
    }
}

/// Compares the values of a record with others, one after the other.
struct LabelValueCursor {
    private var position: UnsafeRawPointer

    @inline(__always)
    init(_ series: SeriesReference) { position = series.labelValues.baseAddress.unsafelyUnwrapped }

    /// Whether the next value is `value`, byte for byte.
    @inline(__always)
    mutating func take(_ value: UnsafeRawBufferPointer) -> Bool {
        let length = Int(position.loadUnaligned(as: UInt16.self))
        guard length == value.count else { return false }
        let start = position + 2
        position = start + length
        guard let other = value.baseAddress else { return true }
        return equalBytes(start, other, length)
    }
}

extension String {
    /// The string's UTF-8 in place; no copy and no reference counting for native strings.
    @inline(__always)
    func withLabelBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let fast = utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
        if let fast { return fast }
        var copy = self
        return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization

// Labels that are enums index a dense table: no hash, no comparison.

extension Family where Labels: CaseIterable {
    /// The series of one case, made at first use.
    @inlinable
    public func with(_ first: Labels) -> M {
        let ordinal = EnumOrdinal.of(first)
        return M(series: head.denseSeries(ordinal) ?? head.makeDense([ordinal]))
    }
}

extension Family {
    /// The series of two cases, made at first use.
    @inlinable
    public func with<A: CaseIterable, B: CaseIterable>(_ first: A, _ second: B) -> M where Labels == (A, B) {
        let a = EnumOrdinal.of(first)
        let b = EnumOrdinal.of(second)
        return M(series: head.denseSeries(a &* head.pointee.cases.1 &+ b) ?? head.makeDense([a, b]))
    }

    /// The series of three cases, made at first use.
    @inlinable
    public func with<A: CaseIterable, B: CaseIterable, C: CaseIterable>(
        _ first: A, _ second: B, _ third: C
    ) -> M where Labels == (A, B, C) {
        let a = EnumOrdinal.of(first)
        let b = EnumOrdinal.of(second)
        let c = EnumOrdinal.of(third)
        let cases = head.pointee.cases
        return M(series: head.denseSeries((a &* cases.1 &+ b) &* cases.2 &+ c) ?? head.makeDense([a, b, c]))
    }

    /// The series of four cases, made at first use.
    @inlinable
    public func with<A: CaseIterable, B: CaseIterable, C: CaseIterable, D: CaseIterable>(
        _ first: A, _ second: B, _ third: C, _ fourth: D
    ) -> M where Labels == (A, B, C, D) {
        let a = EnumOrdinal.of(first)
        let b = EnumOrdinal.of(second)
        let c = EnumOrdinal.of(third)
        let d = EnumOrdinal.of(fourth)
        let cases = head.pointee.cases
        let index = ((a &* cases.1 &+ b) &* cases.2 &+ c) &* cases.3 &+ d
        return M(series: head.denseSeries(index) ?? head.makeDense([a, b, c, d]))
    }

    /// The series of any mix of strings and enums, made at first use. Takes no lock, but makes an array of the values'
    /// texts on the way; labels of one sort alone are faster.
    public func with<each Value>(mixed values: repeat each Value) -> M where Labels == (repeat each Value) {
        var texts: [String] = []
        for value in repeat each values {
            texts.append(value as? String ?? EnumOrdinal.text(of: value))
        }
        return M(series: head.find(texts))
    }
}

extension UnsafeMutablePointer where Pointee == FamilyHead {
    /// The series at `index` of the dense table; nil when it is not made or hidden.
    @inlinable @inline(__always)
    func denseSeries(_ index: Int) -> SeriesReference? {
        let address = pointee.dense.unsafelyUnwrapped[index].load(ordering: .acquiring)
        return UnsafeMutableRawPointer(bitPattern: address).map { SeriesReference($0) }
    }

    /// Makes or shows the series of these ordinals.
    @usableFromInline @inline(never)
    func makeDense(_ ordinals: [Int]) -> SeriesReference {
        pointee.storage._withUnsafeGuaranteedRef { storage in
            storage.makeSeries(zip(storage.description.labels, ordinals).map { $0.cases![$1] })
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Writes families in one format.
protocol FamilyWriter {
    /// Appends a family's shown series in order of creation; nothing when it has none.
    ///
    /// - Parameter family: one entry, or the entries of several registries of one name.
    mutating func write(_ family: FamilyParts, scratch: ScrapeScratch, into output: inout ByteBuffer)

    /// Appends what ends the document.
    mutating func finish(into output: inout ByteBuffer)
}

/// A family as a scrape writes it: one entry, or the entries of several registries of one name, type and labels.
struct FamilyParts {
    let entries: ArraySlice<MetricRegistry.Entry>

    /// What all parts agree on.
    var description: FamilyDescription { entries[entries.startIndex].storage.description }
    /// Names and headers.
    var text: FamilyText { entries[entries.startIndex].storage.text }

    /// Calls `body` with every shown series in order of creation. Takes no lock, but for series that were hidden.
    @inline(__always)
    func forEachShown(_ body: (SeriesReference) -> Void) {
        for part in entries { part.storage.forEachShown(body) }
    }
}

extension FamilyStorage {
    /// Calls `body` with every shown series in order of creation. Takes no lock, but for series that were hidden.
    @inline(__always)
    func forEachShown(_ body: (SeriesReference) -> Void) {
        slabs.forEach { series in
            if isShown(series) { body(series) }
        }
    }
}

/// Memory that a scrape reads buckets into, kept from family to family.
final class ScrapeScratch {
    private var base: UnsafeMutablePointer<UInt64>?
    private var capacity = 0

    deinit { base?.deallocate() }

    /// Room for `count` buckets.
    func buckets(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        if let base, count <= capacity { return base }
        base?.deallocate()
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        base = larger
        capacity = count
        return larger
    }
}

extension SeriesReference {
    /// The labels without what closes them, so that another label may follow: empty, or `{a="b"`.
    @inline(__always)
    var openLabels: UnsafeRawBufferPointer {
        let rendered = renderedLabels
        return UnsafeRawBufferPointer(start: rendered.baseAddress, count: rendered.count > 1 ? rendered.count - 2 : 0)
    }

    /// The value of a gauge, an untyped metric or an info.
    @inline(__always)
    var plainValue: Double { Double(bitPattern: floating.pointee.load(ordering: .relaxed)) }
}

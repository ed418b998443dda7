// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where a series lives: the address of its record, which never moves and is never freed.
///
/// Metric handles are small values around one of these, so that copying, capturing and calling them touches no
/// reference count. A record starts on a cache line and consists of
///
/// | bytes | what |
/// |---|---|
/// | 0..<64 | the header, below |
/// | 64..<64+cells | buckets and other words of the metric's kind, padded to cache lines |
/// | then 16 | lengths: record, label values, rendered labels (4 bytes each), 4 spare |
/// | then | label values, each behind its length (2 bytes) |
/// | then | the labels as text, ` ` or `{a="b",c="d"} ` |
///
/// `@unchecked Sendable`: the words that change are reached through `Atomic` alone; the others are written once, before
/// the record's address is published with release ordering.
public struct SeriesReference: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer

    @usableFromInline
    init(_ base: UnsafeMutableRawPointer) { self.base = base }

    /// Bytes of the header: one cache line.
    static let headerBytes = 64
    /// Bytes of the three lengths that stand after the cells.
    static let lengthsBytes = 16

    @inlinable @inline(__always)
    func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// The integer part of the value: whole increments, or nanoseconds.
    @inlinable var integer: UnsafeMutablePointer<Atomic<UInt64>> {
        @inline(__always) get { word(0) }
    }

    /// The floating part of the value, as a double's bits; the value is the sum of both parts.
    @inlinable var floating: UnsafeMutablePointer<Atomic<UInt64>> {
        @inline(__always) get { word(8) }
    }

    /// 0, or the address of the stripes with their count less one in the low bits, or a counter's mark that its increments
    /// ask for exemplars (``Stripes``).
    @inlinable var stripes: UnsafeMutablePointer<Atomic<UInt64>> {
        @inline(__always) get { word(16) }
    }

    /// The family's head. Written once.
    @inlinable var head: UnsafeMutablePointer<FamilyHead> {
        @inline(__always) get {
            (base + 24).assumingMemoryBound(to: UnsafeMutablePointer<FamilyHead>.self).pointee
        }
    }

    /// What ``fingerprint`` was when the series was hidden.
    var fingerprintWhenHidden: UnsafeMutablePointer<Atomic<UInt64>> { word(32) }

    /// Unix nanoseconds of the first sample; rewritten when a native histogram starts over.
    var created: UnsafeMutablePointer<Atomic<UInt64>> { word(40) }

    /// 0, or the address of what only some series need: exemplars, or the object behind a cold kind of metric.
    var extra: UnsafeMutablePointer<Atomic<UInt64>> { word(48) }

    /// The lower half of the hash of the label values. Written once.
    var hash: UInt32 {
        @inline(__always) get { (base + 56).load(as: UInt32.self) }
    }

    /// Whether a thread is writing a histogram's words, see ``HistogramLane``.
    var owner: UnsafeMutablePointer<Atomic<UInt8>> {
        @inline(__always) get { (base + 60).assumingMemoryBound(to: Atomic<UInt8>.self) }
    }

    /// 1 when removal or expiry took the series out of the exposition.
    var hidden: UnsafeMutablePointer<Atomic<UInt8>> {
        @inline(__always) get { (base + 61).assumingMemoryBound(to: Atomic<UInt8>.self) }
    }

    /// How often threads were seen to collide before the series got stripes.
    var collisions: UnsafeMutablePointer<Atomic<UInt16>> {
        (base + 62).assumingMemoryBound(to: Atomic<UInt16>.self)
    }

    /// Whether removal or expiry took the series out of the exposition.
    var isHidden: Bool {
        @inline(__always) get { hidden.pointee.load(ordering: .relaxed) != 0 }
    }

    /// The metric's own words after the header.
    var cells: UnsafeMutableRawPointer {
        @inline(__always) get { base + Self.headerBytes }
    }

    private var lengths: UnsafeMutablePointer<UInt32> {
        @inline(__always) get {
            (cells + head.pointee.cellBytes).assumingMemoryBound(to: UInt32.self)
        }
    }

    /// Bytes of the whole record, a multiple of the cache line.
    var recordBytes: Int { Int(lengths[0]) }

    /// The label values, each behind its length in two bytes.
    var labelValues: UnsafeRawBufferPointer {
        @inline(__always) get {
            let lengths = lengths
            return UnsafeRawBufferPointer(
                start: UnsafeRawPointer(lengths) + Self.lengthsBytes, count: Int(lengths[1]))
        }
    }

    /// The labels as text: one space, or `{a="b",c="d"} ` with constant labels first.
    var renderedLabels: UnsafeRawBufferPointer {
        @inline(__always) get {
            let lengths = lengths
            return UnsafeRawBufferPointer(
                start: UnsafeRawPointer(lengths) + Self.lengthsBytes + Int(lengths[1]), count: Int(lengths[2]))
        }
    }

    /// Calls `body` with the number and the UTF-8 of each label value, in the order of the family's label names.
    @inline(__always)
    func forEachLabelValue(_ body: (Int, UnsafeRawBufferPointer) -> Void) {
        let values = labelValues
        var position = 0
        var index = 0
        while position < values.count {
            let length = Int(values.loadUnaligned(fromByteOffset: position, as: UInt16.self))
            body(index, UnsafeRawBufferPointer(rebasing: values[(position + 2)..<(position + 2 + length)]))
            position += 2 + length
            index += 1
        }
    }

    /// The label values as strings, in the order of the family's label names.
    var labelValueStrings: [String] {
        var strings: [String] = []
        forEachLabelValue { strings.append(String(decoding: $1, as: UTF8.self)) }
        return strings
    }

    /// Bytes that a record takes.
    static func recordBytes(cellBytes: Int, valuesBytes: Int, renderedBytes: Int) -> Int {
        let bytes = headerBytes + cellBytes + lengthsBytes + valuesBytes + renderedBytes
        return (bytes + 63) & ~63
    }

    /// Writes a fresh record into zeroed memory. The caller publishes it afterwards.
    static func initialize(
        at base: UnsafeMutableRawPointer, head: UnsafeMutablePointer<FamilyHead>, hash: UInt64, created: Int64,
        values: UnsafeRawBufferPointer, rendered: UnsafeRawBufferPointer
    ) -> SeriesReference {
        let series = SeriesReference(base)
        (base + 24).initializeMemory(as: UnsafeMutablePointer<FamilyHead>.self, to: head)
        series.created.pointee.store(UInt64(bitPattern: created), ordering: .relaxed)
        (base + 56).initializeMemory(as: UInt32.self, to: UInt32(truncatingIfNeeded: hash))
        let lengths = series.lengths
        let bytes = recordBytes(
            cellBytes: head.pointee.cellBytes, valuesBytes: values.count, renderedBytes: rendered.count)
        lengths[0] = UInt32(bytes)
        lengths[1] = UInt32(values.count)
        lengths[2] = UInt32(rendered.count)
        let text = UnsafeMutableRawPointer(lengths) + lengthsBytes
        if let start = values.baseAddress { text.copyMemory(from: start, byteCount: values.count) }
        if let start = rendered.baseAddress {
            (text + values.count).copyMemory(from: start, byteCount: rendered.count)
        }
        return series
    }
}

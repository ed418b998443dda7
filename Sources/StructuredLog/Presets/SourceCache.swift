// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The sources that a thread logged from last, as they stand in its lines: a call site renders its own once.
///
/// A literal's bytes are part of the program and never move or change (code with Swift in it cannot be unloaded), so
/// equal addresses and lengths mean equal texts. Six kilobytes for each thread that logs.
///
/// Raw memory for entries of one size: it is part of a thread's line state and has that one owner.
struct SourceCache: ~Copyable {
    /// What a text was made of.
    private struct Origin: Equatable {
        var file: UnsafeRawPointer?
        var function: UnsafeRawPointer?
        var fileBytes: Int32
        var functionBytes: Int32
        var line: UInt
        var layout: LogPreset.Layout

        @inline(__always)
        init(_ source: LogSource, _ layout: LogPreset.Layout) {
            let (file, function) = (source.file, source.functionName)
            self.file = file.baseAddress
            self.function = function.baseAddress
            fileBytes = Int32(truncatingIfNeeded: file.count)
            functionBytes = Int32(truncatingIfNeeded: function.count)
            line = source.line
            self.layout = layout
        }

        /// Where it is kept.
        @inline(__always)
        var slot: Int {
            let mixed = (UInt64(UInt(bitPattern: function)) ^ UInt64(line) &<< 32) &* 0x9E37_79B9_7F4A_7C15
            return Int(truncatingIfNeeded: mixed &>> 59)
        }
    }

    private struct Entry {
        var origin: Origin
        var byteCount: Int
    }

    /// One for each value of five bits.
    private static let slotCount = 32
    private static let entryBytes = 192
    /// Longer texts are rendered each time.
    private static var textBytesMax: Int { entryBytes - MemoryLayout<Entry>.stride }

    private let entries: UnsafeMutableRawPointer

    init() {
        entries = .allocate(byteCount: Self.slotCount * Self.entryBytes, alignment: MemoryLayout<Entry>.alignment)
        // No call site has a literal at address zero.
        entries.initializeMemory(as: UInt8.self, repeating: 0, count: Self.slotCount * Self.entryBytes)
    }

    deinit { entries.deallocate() }

    /// Appends the text of a source.
    ///
    /// - Returns: false when it is not kept.
    @inline(__always)
    func append(_ source: LogSource, _ layout: LogPreset.Layout, to line: inout ByteBuffer) -> Bool {
        let origin = Origin(source, layout)
        let place = entries + origin.slot &* Self.entryBytes
        let entry = place.assumingMemoryBound(to: Entry.self)
        guard entry.pointee.origin == origin, entry.pointee.byteCount > 0 else { return false }
        line.append(place + MemoryLayout<Entry>.stride, count: entry.pointee.byteCount)
        return true
    }

    /// Keeps the text of a source, which stands in `line` from `start` on, in place of another one's.
    @inline(never)
    func keep(_ source: LogSource, _ layout: LogPreset.Layout, _ line: borrowing ByteBuffer, from start: Int) {
        let byteCount = line.count - start
        guard byteCount <= Self.textBytesMax else { return }
        let origin = Origin(source, layout)
        let place = entries + origin.slot &* Self.entryBytes
        place.storeBytes(of: Entry(origin: origin, byteCount: byteCount), as: Entry.self)
        (place + MemoryLayout<Entry>.stride).copyMemory(from: line.base + start, byteCount: byteCount)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Fields that are written once and copied into every line: `,"key":value,...` with their marks.
///
/// `@unchecked Sendable`: immutable once made.
@usableFromInline
final class ContextBytes: @unchecked Sendable {
    let bytes: ByteBuffer
    let marks: FieldMarks
    /// The fields' keys.
    let keys: KeySet
    /// Bytes of fields that were too long to be kept; every line with this context misses them.
    let skippedBytes: Int

    /// Takes what stands in `state` from `start` on.
    init(_ state: borrowing LineState, from start: Int) {
        var bytes = ByteBuffer(capacity: state.line.count - start + 8)
        bytes.append(state.line.base + start, count: state.line.count - start)
        var marks = FieldMarks(capacity: state.marks.count)
        var keys = KeySet()
        for index in 0..<state.marks.count {
            var mark = state.marks[index]
            mark.start -= start
            marks.append(mark)
            _ = keys.insert(mark.hash)
        }
        self.bytes = bytes
        self.marks = marks
        self.keys = keys
        skippedBytes = state.skippedBytes
    }
}

extension LineState {
    /// Copies a context into an empty place of the line. Its marks are only copied if a field overrides one of them.
    @inline(__always)
    mutating func append(_ context: Unmanaged<ContextBytes>) {
        context._withUnsafeGuaranteedRef {
            skippedBytes += $0.skippedBytes
            guard $0.bytes.count > 0 else { return }
            contextStart = line.count
            self.context = context
            seen.formUnion($0.keys)
            line.append($0.bytes)
        }
    }

    /// Copies a second context behind the first, whose fields of the same names it cuts.
    @inline(never)
    mutating func appendOver(_ later: ContextBytes) {
        skippedBytes += later.skippedBytes
        guard later.bytes.count > 0 else { return }
        adoptContext()
        if seen.mayIntersect(later.keys) {
            for index in 0..<later.marks.count {
                let mark = later.marks[index]
                let overridden = marks.index(
                    in: 0..<contextMarks, hash: mark.hash, key: later.bytes.base + mark.keyStart,
                    keyBytes: mark.keyBytes, line: line.base)
                if let overridden { cutContextField(overridden) }
            }
        }
        seen.formUnion(later.keys)
        let start = line.count
        line.append(later.bytes)
        for index in 0..<later.marks.count {
            var mark = later.marks[index]
            mark.start += start
            marks.append(mark)
        }
        contextMarks = marks.count
    }

    /// Takes a field of the context out of the line.
    mutating func cutContextField(_ index: Int) {
        let end = index + 1 < marks.count ? marks[index + 1].start : line.count
        let range = marks[index].start..<end
        line.removeSubrange(range)
        marks.remove(at: index)
        marks.shift(from: index, by: -range.count)
        contextMarks -= 1
    }
}

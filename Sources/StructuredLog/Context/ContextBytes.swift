// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Fields that are written once and copied into every line: `,"key":value,...` with their marks.
///
/// `@unchecked Sendable`: immutable once made.
@usableFromInline
final class ContextBytes: @unchecked Sendable {
    let bytes: ByteBuffer
    let marks: FieldMarks
    /// The union of the keys' bits.
    let mask: UInt64
    /// Names that clashed with reserved keys when the context was made; every line with this context carries them.
    let renamedKeys: Int

    /// Takes what stands in `state` from `start` on.
    init(_ state: borrowing LineState, from start: Int) {
        var bytes = ByteBuffer(capacity: state.line.count - start + 8)
        bytes.append(state.line.base + start, count: state.line.count - start)
        var marks = FieldMarks(capacity: state.marks.count)
        var mask: UInt64 = 0
        for index in 0..<state.marks.count {
            var mark = state.marks[index]
            mark.start -= start
            marks.append(mark)
            mask |= keyBit(mark.hash)
        }
        self.bytes = bytes
        self.marks = marks
        self.mask = mask
        renamedKeys = state.renamedKeys
    }
}

extension LineState {
    /// Copies a context into an empty place of the line. Its marks are only copied if a field overrides one of them.
    @inline(__always)
    mutating func append(_ context: Unmanaged<ContextBytes>) {
        context._withUnsafeGuaranteedRef {
            guard $0.bytes.count > 0 else { return }
            contextStart = line.count
            self.context = context
            seen |= $0.mask
            line.append($0.bytes)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// What a thread needs to build one line: the buffers, the marks of the fields written so far, and the kept timestamp.
///
/// It lives behind one pointer, belongs to one thread, and is used for one line at a time, so nothing on the hot path
/// needs a lock, a reference count or an exclusivity check. `@unchecked Sendable` is not needed: it never leaves its
/// thread.
@usableFromInline
struct LineState: ~Copyable {
    /// The line under construction: head, context, fields.
    var line = ByteBuffer(capacity: 1_024)
    /// The fields, set aside with their marks when several outputs need them behind heads of their own.
    var asideBytes = ByteBuffer(capacity: 16)
    var asideMarks = FieldMarks(capacity: 1)
    var asideSkippedBytes = 0
    /// The fields of the open objects; those of the innermost start at `scopeStart`.
    var marks = FieldMarks()
    var timestamp = TimestampWriter()
    let sources = SourceCache()

    /// The keys that the innermost object may hold; at depth 0 also those of the context and reserved keys.
    var seen = KeySet()
    var scopeStart = 0
    var depth = 0
    /// The field of the innermost object that the field being written replaces, or -1.
    var replaces = -1
    /// Whether keys are compared with redaction rules; then the paths of the innermost object and of the value being
    /// written are kept.
    var redacts = false
    var scopePath = RedactionTable.root
    var valuePath = RedactionTable.root
    /// Bytes of long values that were never written; they count towards `original_bytes`.
    var skippedBytes = 0
    /// Past this size some field has to go; past twice this size fields are measured but not kept.
    var fullBytes = Int.max
    /// Fields whose name clashed with a reserved key.
    var renamedKeys = 0

    /// Where the context stands in `line`, and its marks while they have not been copied to `marks`.
    var contextStart = 0
    var context: Unmanaged<ContextBytes>?
    var contextMarks = 0
    /// Where the message stands in `line`, without its quotes.
    var message = 0..<0
    /// Where the attributes of OpenTelemetry's layout start in `line`, behind their brace; without meaning in others.
    var attributesStart = 0

    /// The tables of the pipeline; set for each line, and alive while it is written.
    var shared: UnsafePointer<PipelineState>
    /// Whether a line is being written: logging from within a field closure takes a state of its own.
    var isBusy = false
    /// Whether it is the thread's own, or made for one line.
    var isKept = false

    init(shared: UnsafePointer<PipelineState>) { self.shared = shared }

    /// Longest nesting of objects and arrays; a value nested deeper is replaced by a string.
    static let depthMax = 8
    /// Longest buffer that is kept for the next line.
    static let keptBytesMax = 65_536

    /// Empties the state for a new line.
    @inline(__always)
    mutating func begin(_ shared: UnsafePointer<PipelineState>) {
        self.shared = shared
        isBusy = true
        line.removeAll(keeping: Self.keptBytesMax)
        marks.truncate(to: 0)
        seen = shared.pointee.reserved.keys
        fullBytes = shared.pointee.lineBytesMax
        redacts = !shared.pointee.redaction.isEmpty
        scopePath = RedactionTable.root
        scopeStart = 0
        depth = 0
        replaces = -1
        skippedBytes = 0
        renamedKeys = 0
        context = nil
        contextMarks = 0
        contextStart = 0
        message = 0..<0
    }

    // MARK: Fields

    /// Writes `,"key":`. The value follows, then `endField`.
    ///
    /// - Returns: false when the value is hidden: the field is complete then.
    @inline(__always)
    mutating func beginField(_ key: StaticString) -> Bool { beginField(LiteralKey(key)) }

    /// Writes `,"key":` for a key that is only known at run time.
    mutating func beginField(dynamic key: String, of type: (any Any.Type)? = nil) -> Bool {
        var key = key
        return key.withUTF8 { beginField(UnsafeRawBufferPointer($0), of: type) }
    }

    @inline(__always)
    mutating func beginField(_ key: UnsafeRawBufferPointer, of type: (any Any.Type)? = nil) -> Bool {
        guard let bytes = key.baseAddress else { return beginField(escaping: key, of: type) }
        let start = line.count
        var cleanHash: UInt32?
        line.append(most: key.count &+ 10) { output in
            let raw = UnsafeMutableRawPointer(output)
            raw.storeBytes(of: Self.comma, as: UInt16.self)
            cleanHash = copyCleanKey(bytes, count: key.count, to: raw + 2)
            return cleanHash == nil ? 0 : key.count &+ 2
        }
        guard var hash = cleanHash else { return beginField(escaping: key, of: type) }
        var keyBytes = key.count
        if seen.insert(hash) { settleKey(start &+ 2, &keyBytes, &hash) }
        return completeKey(from: start, keyBytes, hash, of: type)
    }

    /// Writes `,"key":` for a key that may need escapes.
    @inline(never)
    private mutating func beginField(escaping key: UnsafeRawBufferPointer, of type: (any Any.Type)?) -> Bool {
        let start = line.count
        openKey()
        line.append(jsonEscaping: key)
        return completeKey(from: start, of: type)
    }

    /// Writes `,"key":` for a key that has its escapes already.
    mutating func beginField(escaped key: UnsafeRawBufferPointer) -> Bool {
        let start = line.count
        openKey()
        line.append(key)
        return completeKey(from: start, of: nil)
    }

    @inline(__always)
    private mutating func openKey() {
        line.append(most: 2) { output in
            UnsafeMutableRawPointer(output).storeBytes(of: Self.comma, as: UInt16.self)
            return 2
        }
    }

    @inline(__always)
    private mutating func completeKey(from start: Int, of type: (any Any.Type)?) -> Bool {
        line.reserve(8)
        let keyStart = start &+ 2
        var keyBytes = line.count &- keyStart
        var hash = keyHash(line.base + keyStart, count: keyBytes)
        if seen.insert(hash) { settleKey(keyStart, &keyBytes, &hash) }
        return completeKey(from: start, keyBytes, hash, of: type)
    }

    @inline(__always)
    private mutating func completeKey(
        from start: Int, _ keyBytes: Int, _ hash: UInt32, of type: (any Any.Type)?
    ) -> Bool {
        line.append(most: 2) { output in
            UnsafeMutableRawPointer(output).storeBytes(of: Self.colon, as: UInt16.self)
            return 2
        }
        marks.append(FieldMark(start: start, hash: hash, keyBytes: keyBytes))
        return !redacts || !isHidden(start &+ 2, keyBytes, type)
    }

    /// `,"`, which opens a key.
    private static var comma: UInt16 {
        @inline(__always) get { UInt16(littleEndian: 0x222C) }
    }
    /// `":`, which closes it.
    private static var colon: UInt16 {
        @inline(__always) get { UInt16(littleEndian: 0x3A22) }
    }

    /// Asks the redaction rules about the field just begun, and completes it if its value is hidden.
    @inline(never)
    private mutating func isHidden(_ keyStart: Int, _ keyBytes: Int, _ type: (any Any.Type)?) -> Bool {
        let key = RedactionTable.hash(UnsafeRawBufferPointer(start: line.base + keyStart, count: keyBytes))
        valuePath = RedactionTable.step(scopePath, key)
        if shared.pointee.redaction.hides(key: key, path: valuePath) {
            line.append(json: RedactionTable.replacement)
        } else {
            guard let type, hideValue(of: type) else { return false }
        }
        endField()
        return true
    }

    /// Keeps the fields written so far, without a head, for `appendFieldsSetAside`.
    mutating func setFieldsAside() {
        adoptContext()
        asideBytes.removeAll(keeping: Self.keptBytesMax)
        asideMarks.truncate(to: 0)
        asideMarks.prepend(marks, movedBy: 0)
        asideSkippedBytes = skippedBytes
        swap(&line, &asideBytes)
        restart()
    }

    /// Puts the fields set aside behind the head that stands in the line.
    mutating func appendFieldsSetAside(_ layout: LogPreset.Layout) {
        guard layout.isJSON else { return appendTextFieldsSetAside() }
        let start = line.count
        line.append(asideBytes)
        for index in 0..<asideMarks.count {
            var mark = asideMarks[index]
            mark.start += start
            marks.append(mark)
        }
        skippedBytes += asideSkippedBytes
    }

    /// Empties the line between two outputs.
    mutating func restart() {
        line.removeAll(keeping: Self.keptBytesMax)
        marks.truncate(to: 0)
        skippedBytes = 0
        contextMarks = 0
        context = nil
        message = 0..<0
    }

    /// Completes the field begun last.
    @inline(__always)
    mutating func endField() {
        if replaces >= 0 || line.count > fullBytes { settleField() }
    }

    /// Looks at a key whose bit was seen before: renames a reserved one, finds the field that it replaces.
    @inline(never)
    private mutating func settleKey(_ keyStart: Int, _ keyBytes: inout Int, _ hash: inout UInt32) {
        if depth == 0 {
            while shared.pointee.reserved.contains(line.base + keyStart, count: keyBytes, hash: hash) {
                line.append(UInt8(ascii: "_"))
                line.reserve(8)
                keyBytes += 1
                hash = keyHash(line.base + keyStart, count: keyBytes)
                renamedKeys += 1
                _ = seen.insert(hash)
            }
            adoptContext(ifItHolds: line.base + keyStart, keyBytes, hash)
        }
        let found = marks.index(
            in: scopeStart..<marks.count, hash: hash, key: line.base + keyStart, keyBytes: keyBytes, line: line.base)
        if let found { replaces = found }
    }

    /// Copies the context's marks in front of the line's own, if the context holds this key.
    private mutating func adoptContext(ifItHolds key: UnsafePointer<UInt8>, _ keyBytes: Int, _ hash: UInt32) {
        guard let context else { return }
        let holds = context._withUnsafeGuaranteedRef {
            $0.marks.index(
                in: 0..<$0.marks.count, hash: hash, key: key, keyBytes: keyBytes, line: line.base + contextStart) != nil
        }
        if holds { adoptContext() }
    }

    /// Makes the context's fields fields of the line, so that they can be cut one by one.
    mutating func adoptContext() {
        guard let context else { return }
        self.context = nil
        context._withUnsafeGuaranteedRef {
            contextMarks = $0.marks.count
            marks.prepend($0.marks, movedBy: contextStart)
        }
    }

    /// Puts the field just written in the place of the one that it replaces, or drops it when the line is too full.
    @inline(never)
    private mutating func settleField() {
        let last = marks.count - 1
        if replaces >= 0 {
            let old = replaces
            replaces = -1
            if depth == 0, old < contextMarks {
                // A field of the context gives way to one of the call site, which keeps its own place.
                cutContextField(old)
            } else {
                let field = marks[last]
                let oldRange = marks[old].start..<marks[old + 1].start
                let newBytes = line.count - field.start
                line.moveTail(from: field.start, over: oldRange)
                marks[old].keyBytes = field.keyBytes
                marks.truncate(to: last)
                marks.shift(from: old + 1, by: newBytes - oldRange.count)
            }
        } else if line.count - marks[last].start > fullBytes || line.count > fullBytes * 2 {
            // A field that fits no line, or one more than will be chosen from at the end: memory stays bounded.
            skippedBytes += line.count - marks[last].start
            line.truncate(to: marks[last].start)
            marks.truncate(to: last)
        }
    }
}

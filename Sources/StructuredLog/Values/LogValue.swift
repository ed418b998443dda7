// SPDX-License-Identifier: Apache-2.0

/// A value that can be a field of a log line.
///
/// Numbers, strings, booleans, dates, durations, arrays and dictionaries are log values. A type of your own becomes one
/// by writing itself:
///
/// ```swift
/// extension Order: LogValue {
///     func write(to value: inout LogValueWriter) {
///         value.object { $0["id"] = id; $0["total"] = total }
///     }
/// }
/// log.info("order placed") { $0["order"] = order }
/// // ... "message":"order placed", ... "order":{"id":17,"total":12.5}
/// ```
public protocol LogValue {
    /// Writes this value. The first value written counts; a method that writes nothing writes null.
    func write(to value: inout LogValueWriter)
}

/// Where a `LogValue` writes itself: exactly one value.
public struct LogValueWriter: ~Copyable {
    private let state: UnsafeMutablePointer<LineState>
    private var isWritten = false

    @inline(__always)
    init(_ state: UnsafeMutablePointer<LineState>) { self.state = state }

    @inline(__always)
    private mutating func claim() -> Bool {
        defer { isWritten = true }
        return !isWritten
    }

    /// Writes null if nothing was written.
    @inline(__always)
    mutating func finish() { if !isWritten { null() } }

    /// Writes a string.
    public mutating func string(_ string: String) { if claim() { state.pointee.writeString(string) } }

    /// Writes bytes that are meant to be UTF-8; each part that is not becomes U+FFFD.
    public mutating func string(utf8 bytes: UnsafeRawBufferPointer) {
        if claim() { state.pointee.writeString(String(decoding: bytes, as: UTF8.self)) }
    }

    /// Writes a whole number, exactly.
    public mutating func integer(_ integer: Int64) { if claim() { state.pointee.line.append(decimal: integer) } }

    /// Writes a whole number, exactly.
    public mutating func integer(_ integer: UInt64) { if claim() { state.pointee.line.append(decimal: integer) } }

    /// Writes a number that reads back to the same bits; NaN and the infinities become strings.
    public mutating func number(_ number: Double) { if claim() { state.pointee.writeDouble(number) } }

    /// Writes a number by the shortest digits that read back to the same `Float`.
    public mutating func number(_ number: Float) { if claim() { state.pointee.writeFloat(number) } }

    /// Writes `true` or `false`.
    public mutating func boolean(_ boolean: Bool) { if claim() { state.pointee.writeBool(boolean) } }

    /// Writes another value in this one's place.
    public mutating func value(_ value: some LogValue) { if claim() { state.write(value) } }

    /// Writes `null`.
    public mutating func null() { if claim() { state.pointee.line.append("null") } }

    /// Writes an object.
    public mutating func object(_ fields: (inout LogFields) -> Void) {
        if claim() { state.writeObject(fields) }
    }

    /// Writes an array.
    public mutating func array(_ elements: (inout LogElements) -> Void) {
        if claim() { state.writeArray(elements) }
    }
}

extension UnsafeMutablePointer where Pointee == LineState {
    func writeObject(_ fields: (inout LogFields) -> Void) {
        let scope = pointee.open(UInt8(ascii: "{"))
        if !scope.isTooDeep {
            var writer = LogFields(self)
            fields(&writer)
        }
        pointee.close(scope, UInt8(ascii: "}"))
    }

    func writeArray(_ elements: (inout LogElements) -> Void) {
        let scope = pointee.open(UInt8(ascii: "["))
        if !scope.isTooDeep {
            var writer = LogElements(self)
            elements(&writer)
        }
        pointee.close(scope, UInt8(ascii: "]"))
    }

    @inline(__always)
    func write<Value: LogValue>(_ value: Value) {
        if pointee.shared.pointee.redaction.hasTypes, pointee.hideValue(of: Value.self) { return }
        var writer = LogValueWriter(self)
        value.write(to: &writer)
        writer.finish()
    }
}

extension UnsafeMutablePointer where Pointee == LineState {
    /// Writes a value through its witness alone, without a copy into generic code.
    func write(existential value: any LogValue) {
        if pointee.shared.pointee.redaction.hasTypes, pointee.hideValue(of: type(of: value)) { return }
        var writer = LogValueWriter(self)
        value.write(to: &writer)
        writer.finish()
    }
}

/// The elements of an array under construction.
public struct LogElements: ~Copyable {
    private let state: UnsafeMutablePointer<LineState>

    init(_ state: UnsafeMutablePointer<LineState>) { self.state = state }

    /// Appends a value.
    public mutating func append(_ value: some LogValue) {
        let start = state.pointee.line.count
        state.pointee.beginElement()
        state.write(value)
        state.pointee.endElement(from: start)
    }

    /// Appends an object.
    public mutating func object(_ fields: (inout LogFields) -> Void) {
        let start = state.pointee.line.count
        state.pointee.beginElement()
        state.writeObject(fields)
        state.pointee.endElement(from: start)
    }

    /// Appends an array.
    public mutating func array(_ elements: (inout LogElements) -> Void) {
        let start = state.pointee.line.count
        state.pointee.beginElement()
        state.writeArray(elements)
        state.pointee.endElement(from: start)
    }
}

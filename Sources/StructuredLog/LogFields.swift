// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The fields of one log line, or of one object in it, while they are written.
///
/// ```swift
/// log.info("handled") {
///     $0["status"] = 200
///     $0["ms"] = 12.5
///     $0[dynamic: header.name] = header.value
///     $0.object("user") { $0["id"] = id }
///     $0.array("tags") { $0.append("a"); $0.append("b") }
///     $0["cache"] = nil                              // null
/// }
/// ```
///
/// Keys are unique: setting a key again replaces its value where it stands. A key that the preset needs for itself is
/// written with `_` appended. Literal keys are `StaticString`, so none is allocated; keys that are only known at run time
/// use `dynamic:`. It cannot be copied or kept beyond the closure. Setting fields does not allocate once the thread's
/// buffer has grown to its lines.
public struct LogFields: ~Copyable {
    // Invariant: points to the calling thread's line state, which is busy with this line until the closure returns.
    @usableFromInline let state: UnsafeMutablePointer<LineState>

    @inline(__always)
    init(_ state: UnsafeMutablePointer<LineState>) { self.state = state }

    /// Sets a field to a string.
    public subscript(key: StaticString) -> String {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        @inlinable set { state.setField(LiteralKey(key), newValue) }
    }

    /// Sets a field to a whole number.
    public subscript(key: StaticString) -> Int {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        @inlinable set { state.setField(LiteralKey(key), newValue) }
    }

    /// Sets a field to a number; NaN and the infinities become strings.
    public subscript(key: StaticString) -> Double {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        @inlinable set { state.setField(LiteralKey(key), newValue) }
    }

    /// Sets a field to `true` or `false`.
    public subscript(key: StaticString) -> Bool {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        @inlinable set { state.setField(LiteralKey(key), newValue) }
    }

    /// Sets a field to null: `$0["reply"] = nil`.
    public subscript(key: StaticString) -> LogNull? {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        set {
            guard state.pointee.beginField(key) else { return }
            state.pointee.line.append("null")
            state.pointee.endField()
        }
    }

    /// Sets a field to any other log value; an optional without a value is null.
    public subscript<Value: LogValue>(key: StaticString) -> Value {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        set {
            guard state.pointee.beginField(key) else { return }
            state.write(newValue)
            state.pointee.endField()
        }
    }

    /// Sets a field whose key is only known at run time.
    public subscript<Value: LogValue>(dynamic key: String) -> Value {
        @available(*, unavailable, message: "fields can be set, not read") get { fatalError("fields cannot be read") }
        set {
            guard state.pointee.beginField(dynamic: key) else { return }
            state.write(newValue)
            state.pointee.endField()
        }
    }

    /// Sets a field to an object.
    public mutating func object(_ key: StaticString, _ fields: (inout LogFields) -> Void) {
        guard state.pointee.beginField(key) else { return }
        state.writeObject(fields)
        state.pointee.endField()
    }

    /// Sets a field to an object under a key that is only known at run time.
    public mutating func object(dynamic key: String, _ fields: (inout LogFields) -> Void) {
        guard state.pointee.beginField(dynamic: key) else { return }
        state.writeObject(fields)
        state.pointee.endField()
    }

    /// Sets a field to an array.
    public mutating func array(_ key: StaticString, _ elements: (inout LogElements) -> Void) {
        guard state.pointee.beginField(key) else { return }
        state.writeArray(elements)
        state.pointee.endField()
    }

    /// Sets a field to an array under a key that is only known at run time.
    public mutating func array(dynamic key: String, _ elements: (inout LogElements) -> Void) {
        guard state.pointee.beginField(dynamic: key) else { return }
        state.writeArray(elements)
        state.pointee.endField()
    }
}

/// The type of the literal `nil` as a field's value; it has no values of its own.
public enum LogNull {}

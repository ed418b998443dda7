// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension String: LogValue {
    /// Writes the string.
    public func write(to value: inout LogValueWriter) { value.string(self) }
}

extension Substring: LogValue {
    /// Writes the text as a string.
    public func write(to value: inout LogValueWriter) { value.string(String(self)) }
}

extension StaticString: LogValue {
    /// Writes the literal as a string.
    public func write(to value: inout LogValueWriter) {
        withUTF8Buffer { value.string(utf8: UnsafeRawBufferPointer($0)) }
    }
}

extension Character: LogValue {
    /// Writes the character as a string.
    public func write(to value: inout LogValueWriter) { value.string(String(self)) }
}

extension Bool: LogValue {
    /// Writes `true` or `false`.
    public func write(to value: inout LogValueWriter) { value.boolean(self) }
}

extension Double: LogValue {
    /// Writes the number, so that it reads back to the same bits.
    public func write(to value: inout LogValueWriter) { value.number(self) }
}

extension Float: LogValue {
    /// Writes the number by its shortest digits.
    public func write(to value: inout LogValueWriter) { value.number(self) }
}

extension LogValue where Self: FixedWidthInteger & SignedInteger {
    /// Writes the number, exactly.
    public func write(to value: inout LogValueWriter) { value.integer(Int64(self)) }
}

extension LogValue where Self: FixedWidthInteger & UnsignedInteger {
    /// Writes the number, exactly.
    public func write(to value: inout LogValueWriter) { value.integer(UInt64(self)) }
}

extension Int: LogValue {}
extension Int64: LogValue {}
extension Int32: LogValue {}
extension Int16: LogValue {}
extension Int8: LogValue {}
extension UInt: LogValue {}
extension UInt64: LogValue {}
extension UInt32: LogValue {}
extension UInt16: LogValue {}
extension UInt8: LogValue {}

/// A duration is a number of seconds.
extension Duration: LogValue {
    /// Writes the seconds.
    public func write(to value: inout LogValueWriter) { value.number(Double(saturatedNanoseconds) / 1e9) }
}

/// A date is a string in RFC 3339, in UTC with milliseconds.
extension Date: LogValue {
    /// Writes the date.
    public func write(to value: inout LogValueWriter) {
        var text = ByteBuffer(capacity: 24)
        var timestamp = TimestampWriter()
        let nanoseconds = (timeIntervalSince1970 * 1e9).rounded()
        timestamp.append(Int64(exactly: nanoseconds) ?? (nanoseconds < 0 ? .min : .max), to: &text)
        value.string(text.makeString())
    }
}

extension UUID: LogValue {
    /// Writes its 36 characters.
    public func write(to value: inout LogValueWriter) { value.string(uuidString) }
}

extension URL: LogValue {
    /// Writes its absolute string.
    public func write(to value: inout LogValueWriter) { value.string(absoluteString) }
}

/// Nil is null.
extension Optional: LogValue where Wrapped: LogValue {
    /// Writes the value, or null.
    public func write(to value: inout LogValueWriter) {
        if let self { value.value(self) } else { value.null() }
    }
}

extension Array: LogValue where Element: LogValue {
    /// Writes the elements.
    public func write(to value: inout LogValueWriter) {
        value.array { elements in
            for element in self { elements.append(element) }
        }
    }
}

/// Fields in the order of their keys, so that equal dictionaries give equal lines.
extension Dictionary: LogValue where Key == String, Value: LogValue {
    /// Writes an object.
    public func write(to value: inout LogValueWriter) {
        value.object { fields in
            for (key, element) in self.sorted(by: { $0.key < $1.key }) { fields[dynamic: key] = element }
        }
    }
}

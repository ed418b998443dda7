// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// What is left behind when an object or array is opened and taken up again when it is closed.
struct OpenScope {
    var scopeStart: Int
    var seen: KeySet
    var replaces: Int
    var openedAt: Int
    var path: UInt64
    /// Nested deeper than allowed: everything inside is thrown away.
    var isTooDeep: Bool
}

extension LineState {
    /// Writes a string value.
    @inline(__always)
    mutating func writeString(_ string: String) {
        // Native strings lend their storage without a copy, so without counting a reference.
        let isDone: Void? = string.utf8.withContiguousStorageIfAvailable { writeString(UnsafeRawBufferPointer($0)) }
        if isDone == nil { writeForeign(string) }
    }

    @inline(never)
    private mutating func writeForeign(_ string: String) {
        var copy = string
        copy.withUTF8 { writeString(UnsafeRawBufferPointer($0)) }
    }

    /// Writes valid UTF-8 as a string value.
    @inline(__always)
    mutating func writeString(_ text: UnsafeRawBufferPointer) {
        guard let start = text.baseAddress, text.count <= shared.pointee.lineBytesMax else {
            return writeUnusualString(text)
        }
        var clean = 0
        line.append(most: text.count &+ 10) { output in
            let raw = UnsafeMutableRawPointer(output)
            raw.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            clean = JSONEscape.copyClean(start, count: text.count, to: raw + 1)
            raw.storeBytes(of: UInt8(ascii: "\""), toByteOffset: clean &+ 1, as: UInt8.self)
            return clean &+ 2
        }
        if clean < text.count { continueString(text, from: clean) }
    }

    /// Takes up a string, closed too early, at its first word with a byte that may need an escape.
    @inline(never)
    private mutating func continueString(_ text: UnsafeRawBufferPointer, from clean: Int) {
        line.truncate(to: line.count - 1)
        line.append(jsonEscaping: text, from: clean)
        line.append(UInt8(ascii: "\""))
    }

    /// Writes a string that is empty or too long.
    @inline(never)
    private mutating func writeUnusualString(_ text: UnsafeRawBufferPointer) {
        line.append(UInt8(ascii: "\""))
        appendBounded(text)
        line.append(UInt8(ascii: "\""))
    }

    /// Appends an escaped string; see below.
    @inline(__always)
    mutating func appendBounded(_ string: String) {
        // Native strings lend their storage without a copy, so without counting a reference.
        let isDone: Void? = string.utf8.withContiguousStorageIfAvailable { appendBounded(UnsafeRawBufferPointer($0)) }
        if isDone == nil { appendForeign(string) }
    }

    @inline(never)
    private mutating func appendForeign(_ string: String) {
        var copy = string
        copy.withUTF8 { appendBounded(UnsafeRawBufferPointer($0)) }
    }

    /// Appends escaped text. One that could not fit any line is cut at once, on a scalar boundary.
    @inline(__always)
    mutating func appendBounded(_ text: UnsafeRawBufferPointer) {
        guard let start = text.baseAddress, text.count <= shared.pointee.lineBytesMax else { return appendCut(text) }
        var clean = 0
        line.append(most: text.count &+ 8) { output in
            clean = JSONEscape.copyClean(start, count: text.count, to: output)
            return clean
        }
        if clean < text.count { line.append(jsonEscaping: text, from: clean) }
    }

    @inline(never)
    private mutating func appendCut(_ text: UnsafeRawBufferPointer) {
        var kept = shared.pointee.lineBytesMax
        guard text.count > kept else { return }
        while kept > 0, text[kept] & 0xC0 == 0x80 { kept -= 1 }
        line.append(jsonEscaping: UnsafeRawBufferPointer(rebasing: text[..<kept]))
        skippedBytes += text.count - kept
    }

    /// Writes a double. JSON has no word for the values that are not finite: they become strings, or null if so set.
    mutating func writeDouble(_ value: Double) {
        if value.isFinite {
            line.append(finite: value)
        } else {
            writeNonFinite(isNaN: value.isNaN, isNegative: value.sign == .minus)
        }
    }

    /// Writes a float by its own shortest digits, not those of the double of the same value.
    mutating func writeFloat(_ value: Float) {
        if !value.isFinite {
            writeNonFinite(isNaN: value.isNaN, isNegative: value.sign == .minus)
        } else if value == value.rounded(.towardZero), value.magnitude < 16_777_216 {
            line.append(finite: Double(value))
        } else {
            line.append(value.description)
        }
    }

    /// Writes what stands for a value of a hidden type, or the mark in front of one that may have to be hidden later.
    ///
    /// - Returns: whether the value is hidden; else it follows.
    mutating func hideValue(of type: any Any.Type) -> Bool {
        guard shared.pointee.redaction.hides(type) else { return false }
        if shared.pointee.redaction.marksTypes {
            TypeMark(ObjectIdentifier(type)).append(to: &line)
            return false
        }
        line.append(json: RedactionTable.replacement)
        return true
    }

    private mutating func writeNonFinite(isNaN: Bool, isNegative: Bool) {
        if shared.pointee.writesNonFiniteAsNull {
            line.append("null")
        } else {
            line.append(isNaN ? "\"NaN\"" : isNegative ? "\"-Infinity\"" : "\"Infinity\"")
        }
    }

    /// Writes `true` or `false`.
    @inline(__always)
    mutating func writeBool(_ value: Bool) { line.append(value ? "true" : "false") }

    // MARK: Objects and arrays

    /// Opens an object or array. Inside, each member is written with a comma in front.
    mutating func open(_ bracket: UInt8) -> OpenScope {
        let scope = OpenScope(
            scopeStart: scopeStart, seen: seen, replaces: replaces, openedAt: line.count,
            path: scopePath, isTooDeep: depth >= Self.depthMax)
        line.append(bracket)
        depth += 1
        scopeStart = marks.count
        seen = KeySet()
        replaces = -1
        scopePath = valuePath
        return scope
    }

    /// Closes it: the first member's comma goes.
    mutating func close(_ scope: OpenScope, _ bracket: UInt8) {
        let inside = scope.openedAt + 1
        if line.count > inside { line.removeSubrange(inside..<inside + 1) }
        line.append(bracket)
        depth -= 1
        marks.truncate(to: scopeStart)
        scopeStart = scope.scopeStart
        seen = scope.seen
        replaces = scope.replaces
        scopePath = scope.path
        guard scope.isTooDeep else { return }
        line.truncate(to: scope.openedAt)
        line.append("\"[nested too deep]\"")
    }

    /// Starts an array's next element.
    @inline(__always)
    mutating func beginElement() {
        line.append(UInt8(ascii: ","))
        // An array is no step of a path: its elements stand where it stands.
        valuePath = scopePath
    }

    /// Completes the element that started at `start`; it is thrown away when the line is too full.
    @inline(__always)
    mutating func endElement(from start: Int) {
        // Not twice the limit, which may be too large to be doubled.
        guard line.count &- fullBytes > fullBytes else { return }
        skippedBytes += line.count - start
        line.truncate(to: start)
    }
}

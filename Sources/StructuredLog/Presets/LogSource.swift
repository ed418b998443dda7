// SPDX-License-Identifier: Apache-2.0

/// Where in the source a line was logged.
struct LogSource {
    var fileID: StaticString
    var function: StaticString
    var line: UInt
    /// Whether the line tells it. Lines that the package itself writes do not: their place means nothing to the host, and
    /// only serves sampling.
    var isWritten = true

    /// The part of `#fileID` before the slash.
    @inline(__always)
    var module: UnsafeRawBufferPointer {
        let whole = file
        var length = 0
        while length < whole.count, whole[length] != UInt8(ascii: "/") { length &+= 1 }
        return UnsafeRawBufferPointer(start: whole.baseAddress, count: length)
    }

    /// The whole `#fileID`.
    @inline(__always)
    var file: UnsafeRawBufferPointer { Self.bytes(fileID) }

    /// The function's name, cut after 512 bytes at most, on a scalar boundary.
    @inline(__always)
    var functionName: UnsafeRawBufferPointer {
        let whole = Self.bytes(function)
        return whole.count <= 512 ? whole : Self.cut(whole, to: 512)
    }

    @inline(never)
    private static func cut(_ whole: UnsafeRawBufferPointer, to bytesMax: Int) -> UnsafeRawBufferPointer {
        var kept = bytesMax
        while kept > 0, whole[kept] & 0xC0 == 0x80 { kept -= 1 }
        return UnsafeRawBufferPointer(rebasing: whole[..<kept])
    }

    /// A literal's bytes; one that is a single scalar without storage, which the compiler never makes of `#fileID`, is empty.
    @inline(__always)
    private static func bytes(_ literal: StaticString) -> UnsafeRawBufferPointer {
        guard literal.hasPointerRepresentation else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }
}

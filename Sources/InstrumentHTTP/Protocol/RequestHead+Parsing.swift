// SPDX-License-Identifier: Apache-2.0

extension RequestHead {
    /// Reads `method SP target SP version` ([RFC 9112 3](https://www.rfc-editor.org/rfc/rfc9112#section-3)).
    ///
    /// - Parameter offset: where `line` starts in the head.
    mutating func readRequestLine(_ line: UnsafeRawBufferPointer, at offset: Int) -> RequestRejection? {
        guard let methodEnd = line.firstIndex(of: 0x20), methodEnd > 0,
            let targetEnd = line.lastIndex(of: 0x20), targetEnd > methodEnd + 1
        else { return .bad("malformed request line") }
        guard ByteClass.token.containsAll(UnsafeRawBufferPointer(rebasing: line[..<methodEnd])) else {
            return .bad("malformed method")
        }
        let version = UnsafeRawBufferPointer(rebasing: line[(targetEnd + 1)...])
        if let rejection = readVersion(version) { return rejection }
        method = Slice(offset, offset + methodEnd)
        let target = UnsafeRawBufferPointer(rebasing: line[(methodEnd + 1)..<targetEnd])
        guard ByteClass.target.containsAll(target) else { return .bad("malformed target") }
        return readTarget(target, at: offset + methodEnd + 1)
    }

    private mutating func readVersion(_ version: UnsafeRawBufferPointer) -> RequestRejection? {
        guard version.count == 8, equals(UnsafeRawBufferPointer(rebasing: version[..<5]), "HTTP/"),
            version[6] == UInt8(ascii: "."), isDigit(version[5]), isDigit(version[7])
        else { return .bad("malformed version") }
        guard version[5] == UInt8(ascii: "1") else {
            return RequestRejection(.httpVersionNotSupported, "only HTTP/1.0 and HTTP/1.1 are served")
        }
        // RFC 9110 2.5: a higher minor version is answered as the highest one known.
        minorVersion = version[7] == UInt8(ascii: "0") ? 0 : 1
        return nil
    }

    /// Origin-form and absolute-form ([RFC 9112 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)).
    private mutating func readTarget(_ target: UnsafeRawBufferPointer, at offset: Int) -> RequestRejection? {
        var pathStart = 0
        if target.first != UInt8(ascii: "/") {
            let authorityStart: Int
            if target.count > 7, equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: target[..<7]), "http://") {
                authorityStart = 7
            } else if target.count > 8,
                equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: target[..<8]), "https://")
            {
                authorityStart = 8
            } else {
                return .bad("target is neither a path nor an absolute URI")
            }
            let end = target[authorityStart...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            pathStart = end ?? target.count
            guard pathStart > authorityStart,
                ByteClass.authority.containsAll(UnsafeRawBufferPointer(rebasing: target[authorityStart..<pathStart]))
            else { return .bad("malformed authority") }
            authority = Slice(offset + authorityStart, offset + pathStart)
        }
        let rest = target[pathStart...]
        let questionMark = rest.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        path = Slice(offset + pathStart, offset + questionMark)
        query = Slice(offset + min(questionMark + 1, target.count), offset + target.count)
        return nil
    }

    /// Reads `name ":" OWS value OWS` ([RFC 9112 5](https://www.rfc-editor.org/rfc/rfc9112#section-5)).
    mutating func readField(_ line: UnsafeRawBufferPointer, at offset: Int) -> RequestRejection? {
        if line.first == 0x20 || line.first == 0x09 { return .bad("folded field line") }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return .bad("malformed field line") }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        // RFC 9112 5.1: white space before the colon is among what this refuses.
        guard ByteClass.token.containsAll(name) else { return .bad("malformed field name") }
        var start = colon + 1
        var end = line.count
        while start < end, isBlank(line[start]) { start += 1 }
        while end > start, isBlank(line[end - 1]) { end -= 1 }
        let value = UnsafeRawBufferPointer(rebasing: line[start..<end])
        for byte in value where !isFieldValueByte(byte) { return .bad("control character in a field value") }
        let valueSlice = Slice(offset + start, offset + end)
        fields.append(Field(name: Slice(offset, offset + colon), value: valueSlice))
        return noteFraming(name, value, valueSlice)
    }

    private mutating func noteFraming(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ slice: Slice
    ) -> RequestRejection? {
        switch name.count {
        case 4 where equalsIgnoringCase(name, "host"):
            hostCount += 1
            host = slice
            guard hostCount == 1 else { return .bad("more than one Host") }
            guard ByteClass.authority.containsAll(value) else { return .bad("malformed Host") }
        case 6 where equalsIgnoringCase(name, "expect"):
            guard equalsIgnoringCase(value, "100-continue") else {
                return RequestRejection(.expectationFailed, "unknown expectation")
            }
            expectsContinue = true
        case 10 where equalsIgnoringCase(name, "connection"):
            for option in value.split(separator: UInt8(ascii: ",")) {
                let option = UnsafeRawBufferPointer(rebasing: trimmed(option))
                if equalsIgnoringCase(option, "close") { hasClose = true }
                if equalsIgnoringCase(option, "keep-alive") { hasKeepAlive = true }
            }
        case 14 where equalsIgnoringCase(name, "content-length"):
            guard contentLength == nil else { return .bad("more than one Content-Length") }
            guard let length = decimal(value) else { return .bad("malformed Content-Length") }
            contentLength = length
        case 17 where equalsIgnoringCase(name, "transfer-encoding"):
            transferEncodingCount += 1
            guard transferEncodingCount == 1, equalsIgnoringCase(value, "chunked") else {
                return .bad("only the transfer encoding chunked is served")
            }
        default: break
        }
        return nil
    }

    /// Decides what needs all fields: host, framing, persistence.
    mutating func finish(_ head: UnsafeRawBufferPointer) -> RequestRejection? {
        // RFC 9112 3.2: a 1.1 request without Host is refused; 1.0 without one is what load balancers probe with.
        if hostCount == 0, minorVersion == 1 { return .bad("no Host") }
        if transferEncodingCount > 0 {
            // RFC 9112 6.1 and 6.3: both together, or the encoding on 1.0, is how requests are smuggled.
            guard contentLength == nil else { return .bad("both Transfer-Encoding and Content-Length") }
            guard minorVersion == 1 else { return .bad("Transfer-Encoding on HTTP/1.0") }
            framing = .chunked
        } else if let contentLength, contentLength > 0 {
            framing = .length(contentLength)
        }
        if framing == .none || minorVersion == 0 { expectsContinue = false }
        keepsAlive = !hasClose && (minorVersion == 1 || hasKeepAlive)
        return nil
    }
}

/// A number of decimal digits and nothing else, or nil; nil too when it does not fit.
package func decimal(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var value = 0
    for byte in bytes {
        guard isDigit(byte) else { return nil }
        let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carried) = scaled.addingReportingOverflow(Int(byte &- 48))
        guard !overflow, !carried else { return nil }
        value = sum
    }
    return value
}

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

@inline(__always)
private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    var bytes = bytes
    while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
    return bytes
}

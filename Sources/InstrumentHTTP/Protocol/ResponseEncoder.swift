// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Appends answers to a buffer: status line, fields, and bodies of known length.
///
/// One per poll loop: it keeps the `Date` line of the current second.
package struct ResponseEncoder: ~Copyable {
    /// What the answer depends on besides itself.
    package struct Context: Sendable {
        /// Whether the connection stays open afterwards.
        package var keepsAlive: Bool
        /// The request's HTTP/1 minor version: 1.0 must be told that the connection stays.
        package var minorVersion: UInt8
        /// Whether the request was HEAD: everything but the body is sent.
        package var isHead: Bool

        package init(keepsAlive: Bool = true, minorVersion: UInt8 = 1, isHead: Bool = false) {
            self.keepsAlive = keepsAlive
            self.minorVersion = minorVersion
            self.isHead = isHead
        }
    }

    private var dateLine = ByteBuffer(capacity: 64)
    private var dateSecond: Int64 = -1

    package init() {}

    /// Appends an answer's head for a body of `contentLength` bytes.
    ///
    /// - Parameters:
    ///   - contentType: nil leaves the field out.
    ///   - unixSeconds: the wall clock, for `Date`.
    ///   - fields: further fields; valid ones alone, without the framing fields, which this writes.
    package mutating func appendHead(
        _ status: ResponseStatus, contentType: String?, contentLength: Int, fields: HeaderFields? = nil,
        context: Context, unixSeconds: Int64, to output: inout ByteBuffer
    ) {
        output.append("HTTP/1.1 ")
        output.append(decimal: UInt64(truncatingIfNeeded: status.code))
        output.append(UInt8(ascii: " "))
        output.append(status.reason)
        output.append("\r\n")
        appendDate(unixSeconds, to: &output)
        if let contentType {
            output.append("Content-Type: ")
            output.append(contentType)
            output.append("\r\n")
        }
        if !status.forbidsBody {
            output.append("Content-Length: ")
            output.append(decimal: UInt64(truncatingIfNeeded: max(0, contentLength)))
            output.append("\r\n")
        }
        output.append("X-Content-Type-Options: nosniff\r\n")
        var hasCacheControl = false
        if let fields {
            for field in fields.fields where !Self.isFraming(field.name) {
                if field.name.utf8.count == 13, field.name.lowercased() == "cache-control" { hasCacheControl = true }
                output.append(field.name)
                output.append(": ")
                output.append(field.value)
                output.append("\r\n")
            }
        }
        if !hasCacheControl { output.append("Cache-Control: no-store\r\n") }
        if !context.keepsAlive {
            output.append("Connection: close\r\n")
        } else if context.minorVersion == 0 {
            output.append("Connection: keep-alive\r\n")
        }
        output.append("\r\n")
    }

    /// Appends a short answer in plain text; the answer to a HEAD stops before the body.
    package mutating func appendText(
        _ status: ResponseStatus, _ body: StaticString, fields: HeaderFields? = nil, context: Context,
        unixSeconds: Int64, to output: inout ByteBuffer
    ) {
        appendHead(
            status, contentType: "text/plain; charset=utf-8", contentLength: body.utf8CodeUnitCount + 1,
            fields: fields, context: context, unixSeconds: unixSeconds, to: &output)
        guard !context.isHead, !status.forbidsBody else { return }
        output.append(body)
        output.append(UInt8(ascii: "\n"))
    }

    private mutating func appendDate(_ unixSeconds: Int64, to output: inout ByteBuffer) {
        if unixSeconds != dateSecond {
            dateSecond = unixSeconds
            dateLine.removeAll()
            dateLine.append("Date: ")
            dateLine.append(httpDate: unixSeconds)
            dateLine.append("\r\n")
        }
        output.append(dateLine)
    }

    /// Fields that the server alone decides.
    private static func isFraming(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.lowercased() == "date"
        case 10: name.lowercased() == "connection"
        case 14: name.lowercased() == "content-length"
        case 17: name.lowercased() == "transfer-encoding"
        default: false
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Where a body ends ([RFC 9112 6.3](https://www.rfc-editor.org/rfc/rfc9112#section-6.3)).
package enum BodyFraming: Sendable, Equatable {
    /// There is none.
    case none
    /// Exactly this many bytes, at least one.
    case length(Int)
    /// As the chunks say.
    case chunked
}

/// A parsed request head: positions in the bytes that were parsed, so that parsing copies and allocates nothing.
package struct RequestHead: Sendable {
    /// A run of bytes, counted from the head's first byte.
    package struct Slice: Sendable, Equatable {
        package var start: UInt32 = 0
        package var count: UInt32 = 0

        init() {}

        init(_ start: Int, _ end: Int) {
            self.start = UInt32(truncatingIfNeeded: start)
            count = UInt32(truncatingIfNeeded: max(0, end - start))
        }

        /// The bytes, or none when the slice does not lie within `head`.
        @inline(__always)
        package func bytes(in head: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            let start = Int(start)
            let count = Int(count)
            guard start <= head.count, count <= head.count - start else {
                return UnsafeRawBufferPointer(start: nil, count: 0)
            }
            return UnsafeRawBufferPointer(rebasing: head[start..<(start + count)])
        }

        /// The bytes as a string.
        package func string(in head: UnsafeRawBufferPointer) -> String {
            String(decoding: bytes(in: head), as: UTF8.self)
        }
    }

    /// A field line.
    package struct Field: Sendable {
        package var name: Slice
        package var value: Slice
    }

    package var method = Slice()
    /// From the first `/` to the query; empty for an absolute-form target without a path.
    package var path = Slice()
    /// What follows the first `?`.
    package var query = Slice()
    /// The authority of an absolute-form target.
    package var authority = Slice()
    /// 0 or 1.
    package var minorVersion: UInt8 = 1
    package var fields: [Field] = []
    package var framing = BodyFraming.none
    /// Whether the connection may carry another request.
    package var keepsAlive = true
    /// Whether the client waits for a `100 Continue`.
    package var expectsContinue = false

    // What the framing is decided from, once all fields are read.
    var host = Slice()
    var hostCount = 0
    var contentLength: Int?
    var transferEncodingCount = 0
    var hasClose = false
    var hasKeepAlive = false

    /// Forgets everything but the room for fields.
    mutating func removeAll() {
        var fields = fields
        self.fields = []
        fields.removeAll(keepingCapacity: true)
        self = RequestHead()
        self.fields = fields
    }

    /// The first value of the field called `lowercase`, or nil.
    package func value(of lowercase: StaticString, in head: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        for field in fields where equalsIgnoringCase(field.name.bytes(in: head), lowercase) {
            return field.value.bytes(in: head)
        }
        return nil
    }

    /// The host that the request is for: the target's own when it is absolute
    /// ([RFC 9112 3.2.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2)), else the Host field's.
    package var effectiveHost: Slice { authority.count > 0 ? authority : host }
}

// SPDX-License-Identifier: Apache-2.0

/// Takes a body out of its framing: counted bytes or chunks ([RFC 9112 7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1)).
///
/// A value fed with whatever has arrived; trailers are checked like fields and dropped.
package struct BodyDecoder: Sendable {
    /// What to do next; `consumed` bytes of the input are done with in each case.
    package enum Step: Sendable, Equatable {
        case needsMore(consumed: Int)
        case complete(consumed: Int)
        case rejected(RequestRejection)
    }

    private enum Phase: Sendable {
        case counted
        case size
        case sizeExtension
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        case trailer
        case done
    }

    /// Bytes of chunk extensions in one body; more is an attack on the parser, not a message.
    private static let extensionBytesMax = 16_384

    /// Body bytes so far.
    package private(set) var byteCount = 0

    private let bytesMax: Int
    private let limits: HeadLimits
    private var phase: Phase
    private var remaining = 0
    private var sizeDigits = 0
    private var isLastChunk = false
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailers = RequestHead()
    private var line: [UInt8] = []

    /// Makes a decoder for one body.
    ///
    /// - Parameter bytesMax: a longer body is rejected with 413.
    package init(_ framing: BodyFraming, bytesMax: Int, limits: HeadLimits = HeadLimits()) {
        self.bytesMax = bytesMax
        self.limits = limits
        switch framing {
        case .none: phase = .done
        case .length(let length):
            phase = .counted
            remaining = length
        case .chunked: phase = .size
        }
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - input: bytes that have not been shown before.
    ///   - body: what the body's bytes are appended to, or nil when they are only counted.
    package mutating func decode(_ input: UnsafeRawBufferPointer, into body: inout [UInt8]?) -> Step {
        var position = 0
        while phase != .done {
            switch phase {
            case .counted, .data:
                guard position < input.count else { return .needsMore(consumed: position) }
                let take = min(remaining, input.count - position)
                guard take <= bytesMax - byteCount else { return .rejected(.bodyTooLarge) }
                if body != nil { body!.append(contentsOf: input[position..<(position + take)]) }
                byteCount += take
                position += take
                remaining -= take
                if remaining == 0 { phase = phase == .counted ? .done : .dataReturn }
            default:
                guard position < input.count else { return .needsMore(consumed: position) }
                if let rejection = readFraming(input[position]) { return .rejected(rejection) }
                position += 1
            }
        }
        return .complete(consumed: position)
    }

    /// One byte of what stands around the chunks.
    private mutating func readFraming(_ byte: UInt8) -> RequestRejection? {
        switch phase {
        case .size: return readSize(byte)
        case .sizeExtension:
            if byte == 0x0D {
                phase = .sizeLineFeed
                return nil
            }
            extensionBytes += 1
            guard isFieldValueByte(byte), extensionBytes <= Self.extensionBytesMax else {
                return .bad("malformed chunk extension")
            }
        case .sizeLineFeed:
            guard byte == 0x0A else { return .bad("chunk size ends without CR LF") }
            sizeDigits = 0
            isLastChunk = remaining == 0
            phase = isLastChunk ? .trailer : .data
            guard remaining <= bytesMax - byteCount else { return .bodyTooLarge }
        case .dataReturn:
            guard byte == 0x0D else { return .bad("chunk longer than its size") }
            phase = .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0A else { return .bad("chunk ends without CR LF") }
            phase = .size
        case .trailer: return readTrailer(byte)
        case .counted, .data, .done: break
        }
        return nil
    }

    private mutating func readSize(_ byte: UInt8) -> RequestRejection? {
        let digit: Int
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(byte &- 48)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = Int(byte &- 87)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = Int(byte &- 55)
        case UInt8(ascii: ";") where sizeDigits > 0:
            phase = .sizeExtension
            return nil
        case 0x0D where sizeDigits > 0:
            phase = .sizeLineFeed
            return nil
        default: return .bad("malformed chunk size")
        }
        let (scaled, overflow) = remaining.multipliedReportingOverflow(by: 16)
        sizeDigits += 1
        guard !overflow, sizeDigits <= 16 else { return .bad("chunk size too large") }
        // Sixteen times anything leaves the low digit free: no carry.
        remaining = scaled | digit
        return nil
    }

    private mutating func readTrailer(_ byte: UInt8) -> RequestRejection? {
        trailerBytes += 1
        guard trailerBytes <= limits.fieldBytesMax, trailers.fields.count <= limits.fieldCountMax else {
            return .headTooLarge
        }
        guard byte == 0x0A else {
            line.append(byte)
            return nil
        }
        guard line.popLast() == 0x0D else { return .bad("line ends without CR") }
        if line.isEmpty {
            phase = .done
            return nil
        }
        defer { line.removeAll(keepingCapacity: true) }
        return line.withUnsafeBytes { trailers.readField($0, at: 0) }
    }
}

extension RequestRejection {
    static let bodyTooLarge = RequestRejection(.contentTooLarge, "body too large")
}

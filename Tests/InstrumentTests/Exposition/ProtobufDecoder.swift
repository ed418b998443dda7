// SPDX-License-Identifier: Apache-2.0

/// Reads Protocol Buffers' wire format into fields, without knowing what they mean.
struct ProtobufMessage {
    enum Field: Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes([UInt8])
    }

    private(set) var fields: [(number: Int, field: Field)] = []

    /// Nil when the bytes are no message.
    init?(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            guard let tag = Self.varint(&rest) else { return nil }
            switch tag & 7 {
            case 0:
                guard let value = Self.varint(&rest) else { return nil }
                fields.append((Int(tag >> 3), .varint(value)))
            case 1:
                guard rest.count >= 8 else { return nil }
                let value = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                rest = rest.dropFirst(8)
                fields.append((Int(tag >> 3), .fixed64(value)))
            case 2:
                guard let length = Self.varint(&rest), length <= rest.count else { return nil }
                fields.append((Int(tag >> 3), .bytes(Array(rest.prefix(Int(length))))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
    }

    /// Messages that each stand behind their length.
    static func delimited(_ bytes: [UInt8]) -> [ProtobufMessage]? {
        var rest = bytes[...]
        var messages: [ProtobufMessage] = []
        while !rest.isEmpty {
            guard let length = varint(&rest), length <= rest.count,
                let message = ProtobufMessage(rest.prefix(Int(length)))
            else { return nil }
            messages.append(message)
            rest = rest.dropFirst(Int(length))
        }
        return messages
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    func all(_ number: Int) -> [Field] { fields.filter { $0.number == number }.map(\.field) }

    func messages(_ number: Int) -> [ProtobufMessage] {
        all(number).compactMap { if case .bytes(let bytes) = $0 { ProtobufMessage(bytes) } else { nil } }
    }

    func message(_ number: Int) -> ProtobufMessage? { messages(number).first }

    func string(_ number: Int) -> String? {
        all(number).compactMap {
            if case .bytes(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
        .first
    }

    func unsigned(_ number: Int) -> UInt64? { unsigneds(number).first }

    func unsigneds(_ number: Int) -> [UInt64] {
        all(number).compactMap { if case .varint(let value) = $0 { value } else { nil } }
    }

    func signeds(_ number: Int) -> [Int64] {
        unsigneds(number).map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    func double(_ number: Int) -> Double? {
        all(number).compactMap { if case .fixed64(let bits) = $0 { Double(bitPattern: bits) } else { nil } }.first
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The parts of a family's text exposition that never change, rendered at registration.
struct FamilyText: Sendable {
    /// `# HELP` and `# TYPE` of Prometheus text 0.0.4.
    let header: [UInt8]
    /// The name in front of the labels.
    let name: [UInt8]
    /// A histogram's or summary's names of derived samples.
    let bucketName: [UInt8]
    let sumName: [UInt8]
    let countName: [UInt8]
    /// What stands between a series' labels and a bucket's count: `,le="0.5"} ` or `{le="0.5"} `; `+Inf` last.
    let bucketLabels: [[UInt8]]

    init(_ description: FamilyDescription) {
        let name = description.name
        header = Self.header(name: name, help: description.help, type: Self.typeName(description.kind))
        self.name = Array(name.utf8)
        bucketName = Array((name + "_bucket").utf8)
        sumName = Array((name + "_sum").utf8)
        countName = Array((name + "_count").utf8)
        let isBare = description.labels.isEmpty && description.constantLabels.isEmpty
        bucketLabels =
            description.kind == .histogram
            ? (description.shape.bounds + [.infinity]).map { bound in
                var text = ByteBuffer(capacity: 32)
                text.append(isBare ? UInt8(ascii: "{") : UInt8(ascii: ","))
                text.append("le=\"")
                text.append(value: bound)
                text.append("\"} ")
                return text.withUnsafeBytes { Array($0) }
            } : []
    }

    /// The type as text 0.0.4 knows it.
    static func typeName(_ kind: MetricKind) -> StaticString {
        switch kind {
        case .counter: "counter"
        case .gauge, .info, .stateSet: "gauge"
        case .histogram: "histogram"
        case .summary: "summary"
        case .untyped: "untyped"
        }
    }

    private static func header(name: String, help: String, type: StaticString) -> [UInt8] {
        var text = ByteBuffer(capacity: 256)
        text.append("# HELP ")
        text.append(name)
        text.append(UInt8(ascii: " "))
        text.append(help: help, escapingQuotes: false)
        text.append("\n# TYPE ")
        text.append(name)
        text.append(UInt8(ascii: " "))
        text.append(type)
        text.append(UInt8(ascii: "\n"))
        return text.withUnsafeBytes { Array($0) }
    }
}

extension ByteBuffer {
    /// Appends a sample's value: `+Inf`, `-Inf`, `NaN`, or a number that reads back to the same bits.
    mutating func append(value: Double) {
        if value.isFinite { return append(finite: value) }
        append(value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf")
    }

    /// Appends bytes.
    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }
}

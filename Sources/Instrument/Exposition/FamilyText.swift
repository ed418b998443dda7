// SPDX-License-Identifier: Apache-2.0

/// The parts of a family's exposition that never change, rendered at registration.
struct FamilyText: Sendable {
    /// `# HELP` and `# TYPE` of Prometheus text 0.0.4.
    let header: [UInt8]
    /// `# TYPE`, `# UNIT` and `# HELP` of OpenMetrics.
    let openMetricsHeader: [UInt8]
    /// The name in front of the labels.
    let name: [UInt8]
    /// Names of derived samples.
    let bucketName: [UInt8]
    let sumName: [UInt8]
    let countName: [UInt8]
    let createdName: [UInt8]
    /// What stands between a series' labels and the value of a bucket, quantile or state: `,le="0.5"} ` or
    /// `{le="0.5"} `; a histogram's `+Inf` is last.
    let inner: [[UInt8]]
    /// The same with numbers as OpenMetrics wants them.
    let openMetricsInner: [[UInt8]]
    /// What JSON and protobuf write again and again.
    let json: FamilyPieces
    let protobuf: FamilyPieces

    init(_ description: FamilyDescription) {
        let name = description.exposedName
        header = Self.header(description)
        openMetricsHeader = Self.openMetricsHeader(description)
        self.name = Array(name.utf8)
        bucketName = Array((name + "_bucket").utf8)
        sumName = Array((name + "_sum").utf8)
        countName = Array((name + "_count").utf8)
        createdName = Array((description.baseName + "_created").utf8)
        inner = Self.inner(description) { $0.append(value: $1) }
        openMetricsInner = Self.inner(description) { $0.append(canonical: $1) }
        json = FamilyPieces(json: description)
        protobuf = FamilyPieces(protobuf: description)
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

    /// The type as OpenMetrics knows it.
    static func openMetricsTypeName(_ kind: MetricKind) -> StaticString {
        switch kind {
        case .info: "info"
        case .stateSet: "stateset"
        case .untyped: "unknown"
        case .counter, .gauge, .histogram, .summary: typeName(kind)
        }
    }

    private static func header(_ description: FamilyDescription) -> [UInt8] {
        var text = ByteBuffer(capacity: 256)
        text.append("# HELP ")
        text.append(description.exposedName)
        text.append(UInt8(ascii: " "))
        text.append(help: description.help, escapingQuotes: false)
        text.append("\n# TYPE ")
        text.append(description.exposedName)
        text.append(UInt8(ascii: " "))
        text.append(typeName(description.kind))
        text.append(UInt8(ascii: "\n"))
        return text.withUnsafeBytes { Array($0) }
    }

    private static func openMetricsHeader(_ description: FamilyDescription) -> [UInt8] {
        var text = ByteBuffer(capacity: 256)
        text.append("# TYPE ")
        text.append(description.baseName)
        text.append(UInt8(ascii: " "))
        text.append(openMetricsTypeName(description.kind))
        if let unit = description.unit {
            text.append("\n# UNIT ")
            text.append(description.baseName)
            text.append(UInt8(ascii: " "))
            text.append(unit)
        }
        text.append("\n# HELP ")
        text.append(description.baseName)
        text.append(UInt8(ascii: " "))
        text.append(help: description.help, escapingQuotes: true)
        text.append(UInt8(ascii: "\n"))
        return text.withUnsafeBytes { Array($0) }
    }

    private static func inner(
        _ description: FamilyDescription, number: (inout ByteBuffer, Double) -> Void
    ) -> [[UInt8]] {
        let isBare = description.labels.isEmpty && description.constantLabels.isEmpty
        func piece(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
            var text = ByteBuffer(capacity: 32)
            text.append(isBare ? UInt8(ascii: "{") : UInt8(ascii: ","))
            write(&text)
            text.append("\"} ")
            return text.withUnsafeBytes { Array($0) }
        }
        switch description.kind {
        case .histogram:
            return (description.shape.bounds + [.infinity]).map { bound in
                piece {
                    $0.append("le=\"")
                    number(&$0, bound)
                }
            }
        case .summary:
            return description.shape.quantiles.map { quantile in
                piece {
                    $0.append("quantile=\"")
                    number(&$0, quantile)
                }
            }
        case .stateSet:
            return description.shape.states.map { state in
                piece {
                    $0.append(NameRules.classic(description.name, colon: false))
                    $0.append("=\"")
                    $0.append(labelValue: state)
                }
            }
        case .counter, .gauge, .info, .untyped: return []
        }
    }
}

extension ByteBuffer {
    /// Appends a sample's value: `+Inf`, `-Inf`, `NaN`, or a number that reads back to the same bits.
    mutating func append(value: Double) {
        if value.isFinite { return append(finite: value) }
        append(value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf")
    }

    /// Appends bytes.
    @inline(__always)
    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends the canonical form of `le` and `quantile`: as Go's shortest `%g` prints it, and with `.0` when it would
    /// read as a whole number.
    ///
    /// See <https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers>.
    mutating func append(canonical value: Double) {
        guard value.isFinite, value != 0 else {
            return value == 0 ? append(value.sign == .minus ? "-0.0" : "0.0") : append(value: value)
        }
        var (digits, exponent) = Self.shortestDigits(value.magnitude)
        if value < 0 { append(UInt8(ascii: "-")) }
        if exponent < -4 || exponent >= 6 {
            append(digits.removeFirst())
            if !digits.isEmpty {
                append(UInt8(ascii: "."))
                append(digits)
            }
            append(exponent < 0 ? "e-" : "e+")
            append(decimal: UInt64(exponent.magnitude), width: exponent.magnitude < 100 ? 2 : 3)
        } else if exponent < 0 {
            append("0.")
            for _ in 0..<(-exponent - 1) { append(UInt8(ascii: "0")) }
            append(digits)
        } else {
            for position in 0...max(exponent + 1, digits.count - 1) {
                if position == exponent + 1 { append(UInt8(ascii: ".")) }
                append(position < digits.count ? digits[position] : UInt8(ascii: "0"))
            }
        }
    }

    /// The fewest digits that read back to `value`, and the power of ten of the first one.
    private static func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        // Swift's description has those digits, in one of the forms 123.45, 0.00123 and 1.23e-07.
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        var digits = Array(mantissa[0].utf8) + (mantissa.count > 1 ? Array(mantissa[1].utf8) : [])
        var exponent = mantissa[0].utf8.count - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }
}

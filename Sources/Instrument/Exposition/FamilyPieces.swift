// SPDX-License-Identifier: Apache-2.0

/// The parts of a family's samples in one format that are the same for all its series, rendered at registration.
struct FamilyPieces: Sendable {
    /// The constant labels as they stand in front of a series' own; empty without any.
    let constantLabels: [UInt8]
    /// What stands in front of the value of each label.
    let labels: [[UInt8]]
    /// What stands in front of what is told of each bucket (a histogram's `+Inf` is last), quantile or state.
    let inner: [[UInt8]]

    private init(
        _ description: FamilyDescription, constant: (inout ByteBuffer, Int) -> Void,
        label: (inout ByteBuffer, Int) -> Void, inner: (inout ByteBuffer, InnerLabel) -> Void
    ) {
        func bytes(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
            var buffer = ByteBuffer(capacity: 64)
            write(&buffer)
            return buffer.withUnsafeBytes { Array($0) }
        }
        constantLabels = bytes { buffer in
            for index in description.constantLabels.indices { constant(&buffer, index) }
        }
        labels = description.labels.indices.map { index in bytes { label(&$0, index) } }
        self.inner = InnerLabel.all(of: description).map { value in bytes { inner(&$0, value) } }
    }

    /// JSON: `"zone":"a"`, `,"path":"` and `{"le":0.5,"count":`.
    init(json description: FamilyDescription) {
        self.init(
            description,
            constant: { output, index in
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output.append(json: description.constantLabels[index].name)
                output.append(UInt8(ascii: ":"))
                output.append(json: description.constantLabels[index].value)
            },
            label: { output, index in
                if index > 0 || !description.constantLabels.isEmpty { output.append(UInt8(ascii: ",")) }
                output.append(json: description.labels[index].name)
                output.append(":\"")
            },
            inner: { output, label in
                switch label {
                case .bound(let bound):
                    output.append("{\"le\":")
                    output.append(jsonValue: bound)
                    output.append(",\"count\":")
                case .quantile(let quantile):
                    output.append("{\"quantile\":")
                    output.append(jsonValue: quantile)
                    output.append(",\"value\":")
                case .state(let state):
                    output.append("{\"state\":")
                    output.append(json: state)
                    output.append(",\"active\":")
                }
            })
    }

    /// Protobuf: whole `LabelPair` messages, the `name` field of one, and the `upper_bound` of a `Bucket`, the `quantile`
    /// of a `Quantile` or the `LabelPair` of a state.
    init(protobuf description: FamilyDescription) {
        self.init(
            description,
            constant: { output, index in
                let label = description.constantLabels[index]
                output.append(label: NameRules.classic(label.name, colon: false), label.value)
            },
            label: { output, index in output.append(field: 1, string: description.labels[index].exposedName) },
            inner: { output, label in
                switch label {
                case .bound(let bound): output.append(field: 2, double: bound)
                case .quantile(let quantile): output.append(field: 1, double: quantile)
                case .state(let state):
                    output.append(label: NameRules.classic(description.name, colon: false), state)
                }
            })
    }

    /// The label that a family's kind adds to each of its samples.
    private enum InnerLabel {
        case bound(Double)
        case quantile(Double)
        case state(String)

        static func all(of description: FamilyDescription) -> [InnerLabel] {
            let shape = description.shape
            return switch description.kind {
            case .histogram: (shape.bounds + [.infinity]).map { .bound($0) }
            case .summary: shape.quantiles.map { .quantile($0) }
            case .stateSet: shape.states.map { .state($0) }
            case .counter, .gauge, .info, .untyped: []
            }
        }
    }
}

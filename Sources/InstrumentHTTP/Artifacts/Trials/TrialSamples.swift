// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a series behaves for a while when an alert is tried.
public struct TrialSamples: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case level(Double)
        case growing(Double)
        case aged(Double)
        case missing
    }

    let form: Form

    /// Stays at a value.
    public static func level(_ value: Double) -> TrialSamples { .init(form: .level(value)) }

    /// Goes on from its last value, growing or shrinking steadily.
    public static func growing(perSecond slope: Double) -> TrialSamples { .init(form: .growing(slope)) }

    /// Holds a Unix time that is always so long ago.
    public static func aged(_ age: Duration) -> TrialSamples { .init(form: .aged(PromQLText.seconds(age))) }

    /// Has no samples.
    public static let missing = TrialSamples(form: .missing)
}

/// One series through the phases of a trial, in promtool's notation.
struct TrialSeries: Sendable, Equatable {
    let name: String
    /// What it does in each phase, and for how many samples.
    let phases: [(samples: TrialSamples, count: Int)]

    static func == (left: TrialSeries, right: TrialSeries) -> Bool {
        left.name == right.name && left.phases.elementsEqual(right.phases) { $0 == $1 }
    }

    /// The values: `0+0x9 15+15x19` ([unit testing for rules](https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/)).
    ///
    /// - Parameter step: seconds between two samples.
    /// - Throws: `ServerError` for a growth that no number can hold.
    func values(step: Double) throws(ServerError) -> String {
        var last = 0.0
        var time = 0.0
        var parts: [String] = []
        for (samples, count) in phases where count > 0 {
            let more = count - 1
            switch samples.form {
            case .level(let value):
                parts.append("\(Self.decimal(value))+0x\(more)")
                last = value
            case .growing(let slope):
                let increment = slope * step
                guard (increment * Double(count)).isFinite else {
                    throw ServerError(
                        .invalidArtifact,
                        "series \"\(name)\": grows by \(PromQLText.number(slope)) per second, beyond what a number can "
                            + "hold; use less")
                }
                parts.append("\(Self.decimal(last + increment))\(Self.signed(increment))x\(more)")
                last += increment * Double(count)
            case .aged(let age):
                parts.append("\(Self.decimal(time - age))\(Self.signed(step))x\(more)")
                last = time - age + step * Double(more)
            case .missing: parts.append("_x\(count)")
            }
            time += step * Double(count)
        }
        return parts.joined(separator: " ")
    }

    private static func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + decimal(value) }

    /// The number without an exponent, which promtool does not read in every place.
    static func decimal(_ value: Double) -> String {
        let text = PromQLText.number(value)
        guard text.contains("e") else { return text }
        let parts = text.split(separator: "e")
        guard abs(value) < 1, parts.count == 2, let exponent = Int(parts[1]), exponent < 0 else {
            return String(format: "%.0f", value)
        }
        // However small, all digits stay: 1.5e-13 is not 0.
        let zeros = String(repeating: "0", count: -exponent - 1)
        return (value < 0 ? "-" : "") + "0." + zeros + parts[0].filter(\.isNumber)
    }
}

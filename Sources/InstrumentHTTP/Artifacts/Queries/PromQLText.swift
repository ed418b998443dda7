// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Numbers, durations and strings as PromQL writes them
/// ([Prometheus: literals](https://prometheus.io/docs/prometheus/latest/querying/basics/)).
enum PromQLText {
    /// A number: `0.5`, `10737418240`, `+Inf`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 9_007_199_254_740_992 { return String(Int64(value)) }
        return value.description
    }

    /// A duration in the largest units that fit: `5m`, `1h30m`, `250ms`; never negative, and never finer than 1 ms.
    static func duration(_ duration: Duration) -> String {
        var rest = max(0, duration.saturatedNanoseconds / 1_000_000)
        guard rest > 0 else { return "0s" }
        var text = ""
        for (unit, milliseconds) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            let count = rest / Int64(milliseconds)
            if count > 0 { text += "\(count)\(unit)" }
            rest %= Int64(milliseconds)
        }
        return text
    }

    /// The durations that stand in a query's brackets and offsets, ten years at the most.
    static func windows(in text: String) -> [Duration] {
        let units = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000]
        return text.matches(of: /(?:\[|:|offset\s+)((?:[0-9]+(?:ms|[smhdwy]))+)/).map { window in
            var seconds = 0.0
            for part in window.output.1.matches(of: /([0-9]+)(ms|[smhdwy])/) {
                seconds += (Double(part.output.1) ?? 0) * (units[String(part.output.2)] ?? 0)
            }
            return .seconds(min(seconds, 315_360_000))
        }
    }

    /// Seconds with their fraction.
    static func seconds(_ duration: Duration) -> Double { Double(duration.saturatedNanoseconds) / 1e9 }

    /// Whether a text can name a label or, with `colon`, a metric.
    static func isName(_ text: String, colon: Bool = false) -> Bool {
        text.utf8.count <= NameRules.nameBytesMax && NameRules.isClassic(text, colon: colon)
    }

    /// A string in double quotes.
    static func quoted(_ text: String) -> String {
        text.inDoubleQuotes { scalar in
            guard scalar.value < 0x20 || scalar.value == 0x7F else { return nil }
            return "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        }
    }

    /// A regular expression that matches `text` alone ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)).
    static func escapedForRegularExpression(_ text: String) -> String {
        text.unicodeScalars.map { #"\.+*?()|[]{}^$"#.unicodeScalars.contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

extension String {
    /// The text in double quotes, with the escapes that PromQL and YAML have in common.
    ///
    /// - Parameter other: the escape of another character; nil where it stands for itself.
    func inDoubleQuotes(escaping other: (Unicode.Scalar) -> String?) -> String {
        var output = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default: output += other(scalar) ?? String(scalar)
            }
        }
        return output + "\""
    }
}

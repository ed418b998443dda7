// SPDX-License-Identifier: Apache-2.0

/// Which names a registry accepts.
///
/// See <https://prometheus.io/docs/concepts/data_model/>.
public struct NameRules: Sendable, Equatable {
    let allowsUTF8: Bool

    /// Letters, digits, `_` and, in metric names, `:`. Every server of the last ten years reads these.
    public static let classic = NameRules(allowsUTF8: false)
    /// Any UTF-8 that is not empty. JSON has the names as they are; the formats for scrapers have each foreign character
    /// replaced by `_`, and names that would then be the same are refused.
    public static let utf8 = NameRules(allowsUTF8: true)

    /// Longest accepted name, in bytes.
    package static let nameBytesMax = 512

    func check(metric name: String) throws(MetricError) {
        try check(name, of: name, what: "name", colon: true, .invalidName)
    }

    func check(label: String, of metric: String) throws(MetricError) {
        try check(label, of: metric, what: "label \"\(label)\"", colon: false, .invalidLabel)
        if label.hasPrefix("__") {
            throw MetricError(
                .invalidLabel, subject: metric,
                reason: "label \"\(label)\" starts with \"__\", which servers keep for themselves; use one underscore")
        }
        if label == "le" || label == "quantile" {
            throw MetricError(
                .invalidLabel, subject: metric,
                reason: "label \"\(label)\" is written by histograms and summaries themselves; use another name")
        }
    }

    private func check(
        _ name: String, of metric: String, what: String, colon: Bool, _ code: MetricError.Code
    ) throws(MetricError) {
        let allowed =
            colon ? "letters, digits, _ and :, and no digit first" : "letters, digits and _, and no digit first"
        if name.isEmpty {
            throw MetricError(code, subject: metric, reason: "\(what) is empty; use \(allowed)")
        }
        if name.utf8.count > Self.nameBytesMax {
            throw MetricError(
                code, subject: String(metric.prefix(64)),
                reason: "a name has \(name.utf8.count) bytes; use at most \(Self.nameBytesMax)")
        }
        if allowsUTF8 { return }
        for (offset, byte) in name.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9") where offset > 0: continue
            case UInt8(ascii: ":") where colon: continue
            default:
                let index = name.utf8.index(name.startIndex, offsetBy: offset)
                throw MetricError(
                    code, subject: metric,
                    reason: "\(what) has \(Self.quoted(name, at: index)) at byte \(offset); use \(allowed)")
            }
        }
    }

    private static func quoted(_ name: String, at index: String.Index) -> String {
        let character = name[index...].unicodeScalars.first.map { String($0) } ?? ""
        return "\"\(character.unicodeScalars.map { $0.escaped(asASCII: false) }.joined())\""
    }

    /// The name with every character replaced by `_` that a classic one may not have at its place.
    static func classic(_ name: String, colon: Bool) -> String {
        if isClassic(name, colon: colon) { return name }
        var classic = ""
        for scalar in name.unicodeScalars {
            let candidate = String(scalar)
            let isAllowed = isClassic(classic.isEmpty ? candidate : "_" + candidate, colon: colon)
            classic += isAllowed ? candidate : "_"
        }
        return classic
    }

    /// Whether every byte of `name` is one that a classic name may have at its place.
    package static func isClassic(_ name: String, colon: Bool) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !isFirst: break
            case UInt8(ascii: ":") where colon: break
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }
}

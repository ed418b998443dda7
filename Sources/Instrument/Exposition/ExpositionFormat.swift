// SPDX-License-Identifier: Apache-2.0

/// A format that metrics are served in.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus text 0.0.4: what every scraper reads.
    case prometheusText
    /// OpenMetrics 1.0.0: text with exemplars, units and creation times.
    case openMetrics
    /// Length-delimited `io.prometheus.client.MetricFamily` messages: the only format with native histograms.
    case protobuf
    /// One object for each family, for people and for programs that are no scrapers.
    case json

    /// The exact `Content-Type`; Prometheus 3 fails a scrape with a missing or unknown one.
    ///
    /// It names no `escaping` scheme, whichever the scraper asks for: names of ``NameRules/classic`` registries need none,
    /// and those of ``NameRules/utf8`` ones are always written with `_` for foreign characters, which every scraper reads
    /// ([escaping schemes](https://prometheus.io/docs/instrumenting/escaping_schemes/)).
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        case .json: "application/json; charset=utf-8"
        }
    }

    /// The format that an `Accept` header asks for most; text 0.0.4 when it asks for none of them.
    ///
    /// Weights decide, then the order in the header (RFC 9110 section 12.5.1). A media type whose `version`, `proto` or
    /// `encoding` is another than ours does not match.
    public static func negotiated(accept header: String?) -> ExpositionFormat {
        guard let header else { return .prometheusText }
        var best: (format: ExpositionFormat, weight: Double)?
        for item in header.split(separator: ",").prefix(64) {
            let parts = item.split(separator: ";").map { trimmed($0) }
            guard let type = parts.first?.lowercased() else { continue }
            var parameters: [String: String] = [:]
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map { trimmed($0) }
                if pair.count == 2 { parameters[pair[0].lowercased()] = pair[1].filter { $0 != "\"" } }
            }
            let weight = parameters["q"].map { Double($0) ?? 0 } ?? 1
            guard weight > 0, weight <= 1, weight > best?.weight ?? 0,
                let format = matching(type, parameters)
            else { continue }
            best = (format, weight)
        }
        return best?.format ?? .prometheusText
    }

    private static func matching(_ type: String, _ parameters: [String: String]) -> ExpositionFormat? {
        let version = parameters["version"]
        switch type {
        case "application/openmetrics-text": return version == nil || version == "1.0.0" ? .openMetrics : nil
        case "text/plain": return version == nil || version == "0.0.4" ? .prometheusText : nil
        case "application/vnd.google.protobuf":
            let proto = parameters["proto"] ?? "io.prometheus.client.MetricFamily"
            return proto == "io.prometheus.client.MetricFamily" && parameters["encoding"] ?? "delimited" == "delimited"
                ? .protobuf : nil
        case "application/json": return .json
        case "*/*", "text/*": return .prometheusText
        default: return nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let spaces: Set<Character> = [" ", "\t"]
        var text = text.drop { spaces.contains($0) }
        while let last = text.last, spaces.contains(last) { text.removeLast() }
        return String(text)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How a panel writes its numbers: the name of one of
/// [Grafana's units](https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit).
public struct PanelUnit: Sendable, Hashable {
    /// Grafana's name of the unit.
    public let name: String

    /// Names a unit that has no name here.
    public init(_ name: String) { self.name = name }

    /// A plain number.
    public static let number = PanelUnit("short")
    /// Seconds, written as milliseconds, minutes, hours as they fit.
    public static let seconds = PanelUnit("s")
    /// Bytes, written as KiB, MiB, GiB as they fit.
    public static let bytes = PanelUnit("bytes")
    /// A share from 0 to 1, written as percent.
    public static let ratio = PanelUnit("percentunit")
    /// Percent from 0 to 100.
    public static let percent = PanelUnit("percent")
    /// Events per second.
    public static let perSecond = PanelUnit("cps")
    /// Bytes per second.
    public static let bytesPerSecond = PanelUnit("Bps")
    /// Degrees Celsius.
    public static let celsius = PanelUnit("celsius")
    /// A Unix time in milliseconds, written as a date.
    public static let date = PanelUnit("dateTimeAsIso")

    /// The unit of a family's values: by what was declared, else by its name's ending.
    init(_ family: FamilySummary) {
        let words = family.name.split(separator: "_").filter { $0 != "total" }
        switch family.unit ?? words.last.map(String.init) {
        case "seconds": self = .seconds
        case "bytes": self = .bytes
        case "ratio": self = .ratio
        case "percent": self = .percent
        case "celsius": self = .celsius
        default: self = .number
        }
    }

    /// The unit of how fast something of this unit grows.
    var perSecond: PanelUnit {
        switch self {
        case .bytes: .bytesPerSecond
        // Seconds of CPU time per second.
        case .seconds: .ratio
        default: .perSecond
        }
    }
}

extension MetricQuery {
    /// The unit of the query's values, as far as what is registered tells.
    func unit(_ catalogue: MetricCatalogue) -> PanelUnit {
        func unit(of selector: MetricSelector) -> PanelUnit {
            guard let sample = catalogue.sample(selector.name), sample.role != .bucket,
                !selector.name.hasSuffix("_count")
            else { return .number }
            return PanelUnit(sample.family)
        }
        switch form {
        case .value(let series), .increase(let series, _), .events(let series, _): return unit(of: series)
        case .prediction(let gauge, nil, _, _): return unit(of: gauge)
        case .rate(let counter, _): return unit(of: counter).perSecond
        case .quantile(_, let histogram, _, _): return unit(of: histogram)
        case .age: return .seconds
        case .ratio, .prediction: return .ratio
        case .rateRatio(let part, let whole, _, _):
            return part.name.hasSuffix("_sum") && whole.name.hasSuffix("_count") ? unit(of: part) : .ratio
        case .aggregate(_, let query, _): return query.unit(catalogue)
        case .scaled(let query, let factor):
            return factor == 100 && query.unit(catalogue) == .ratio ? .percent : .number
        case .changes, .deviation, .promQL: return .number
        }
    }
}

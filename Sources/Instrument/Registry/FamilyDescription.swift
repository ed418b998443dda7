// SPDX-License-Identifier: Apache-2.0

/// How many series a family may have, and how long an idle one is shown.
public struct SeriesLimits: Sendable, Equatable {
    /// Label sets ever created; further ones share the series whose values are all `__overflow__`.
    public var seriesMax: Int
    /// A series whose value has not changed between scrapes for this long is hidden until it changes; nil keeps it.
    public var idleExpiry: Duration?

    /// 2,000 label sets, shown for ever.
    public static let standard = SeriesLimits()

    /// Sets limits.
    ///
    /// - Parameters:
    ///   - seriesMax: label sets ever created, at least 1.
    ///   - idleExpiry: how long a series is shown without a change; looked at when scraped.
    public init(seriesMax: Int = 2_000, idleExpiry: Duration? = nil) {
        self.seriesMax = max(1, seriesMax)
        self.idleExpiry = idleExpiry
    }

    /// The longest accepted label value, in UTF-8 bytes; a longer one goes to the overflow series.
    public static let labelValueBytesMax = 1_024

    /// The label value of the overflow series.
    public static let overflowValue = "__overflow__"
}

/// One label of a family.
struct LabelDescription: Sendable, Equatable {
    /// The name as registered.
    let name: String
    /// The name as scrapers see it.
    var exposedName: String { NameRules.classic(name, colon: false) }
    /// The texts of an enum's cases by ordinal; nil for any text.
    let cases: [String]?

    init(_ name: some LabelName) {
        self.name = name.labelName
        cases = name.caseTexts
    }

    init(name: String) {
        self.name = name
        cases = nil
    }
}

/// What a family is: everything that registering the name again must agree on, and its help text.
struct FamilyDescription: Sendable {
    /// The name as registered; a counter's ends in `_total`.
    let name: String
    /// What the metric means, for people.
    let help: String
    /// The base unit, a suffix of the name; nil when none is declared.
    let unit: String?
    /// The type.
    let kind: MetricKind
    /// Labels that differ between series.
    let labels: [LabelDescription]
    /// Labels that all series share, sorted by name.
    let constantLabels: [ConstantLabel]
    /// The words of each series.
    let shape: CellShape
    /// Limits on series.
    let limits: SeriesLimits

    /// The name as scrapers see it.
    var exposedName: String { NameRules.classic(name, colon: true) }

    /// That name without the suffix that OpenMetrics and derived samples add.
    var baseName: String {
        let name = exposedName
        return switch kind {
        case .counter where name.hasSuffix("_total"): String(name.dropLast(6))
        case .info where name.hasSuffix("_info"): String(name.dropLast(5))
        default: name
        }
    }

    /// Every sample name that the family writes in some format, and its own.
    var claimedNames: [String] {
        let name = exposedName
        return switch kind {
        case .counter: [name, baseName, baseName + "_created"]
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count", name + "_created"]
        case .summary: [name, name + "_sum", name + "_count", name + "_created"]
        case .info: [name, baseName]
        case .gauge, .stateSet, .untyped: [name]
        }
    }

    /// What differs in `other` so that both cannot share the name; nil when nothing does.
    func mismatch(with other: FamilyDescription) -> String? {
        if kind != other.kind { return "a \(kind.rawValue), not a \(other.kind.rawValue)" }
        let names = labels.map(\.name)
        let otherNames = other.labels.map(\.name)
        if names != otherNames { return "with labels \(names), not \(otherNames)" }
        if labels != other.labels { return "with other values for its labels" }
        if shape != other.shape { return "with other buckets or options" }
        if limits != other.limits { return "with limits \(limits), not \(other.limits)" }
        if unit != other.unit { return "with unit \(unit ?? "none"), not \(other.unit ?? "none")" }
        return nil
    }
}

/// A label with the same value on every series of a registry.
struct ConstantLabel: Sendable, Equatable {
    let name: String
    let value: String
}

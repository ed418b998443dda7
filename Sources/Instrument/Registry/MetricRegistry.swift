// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The metrics of a service, or of one concern of it: registers them by name and writes them out.
///
/// Make registries at start and keep them: what a handle leads to is never freed, so a registry that is thrown away
/// stays in memory. Every method is safe from any thread.
///
/// ```swift
/// let metrics = MetricRegistry()
/// let jobs = try metrics.counter("jobs_total", help: "Jobs done.")
/// jobs.increment()
/// ```
public final class MetricRegistry: Sendable {
    /// The clock of timings and timestamps.
    public let time: TimeSource
    let names: NameRules
    let constantLabels: [ConstantLabel]
    let ownMetrics: RegistryOwnMetrics
    let exemplarSource: ExemplarSource?
    private let state: Lock<State>

    /// The most combinations of enum labels: a table of them takes 8 bytes each.
    private static let combinationsMax = 1 << 20

    /// A family, and what brings it up to date.
    struct Entry: Sendable {
        let storage: FamilyStorage
        var collector: Collector?
    }

    private struct State {
        var families: [String: Entry] = [:]
        /// Every sample name with the family that writes it.
        var claims: [String: String] = [:]
        /// All families by name; rebuilt when one is registered, so that a scrape takes it as it is.
        var sorted: [Entry] = []
        var collectors: [Collector] = []
        /// Registries that are written together with this one.
        var peers: [Peer] = []
    }

    /// Weak, since peers know each other.
    private struct Peer {
        weak var registry: MetricRegistry?
    }

    /// Registering is rare: one lock for all registries, so that those of a group can look at each other.
    private static let registration = Lock(())

    private func changing<Result>(_ body: (inout State) throws(MetricError) -> Result) throws(MetricError) -> Result {
        try Self.registration.withLock { (_) throws(MetricError) in try state.withLock(body) }
    }

    /// Makes an empty registry.
    ///
    /// - Parameters:
    ///   - constantLabels: labels that every series gets, such as `["cluster": "eu-1"]`.
    ///   - names: which names are accepted.
    ///   - time: the clock of timings and timestamps.
    ///   - exemplars: called at each update of a counter or histogram on the updating thread, for labels of an exemplar
    ///     such as the present trace's id; nil for none. It takes the place of what makes an update fast: give it to
    ///     registries that need it.
    /// - Precondition: the constant labels have valid names.
    public init(
        constantLabels: [String: String] = [:], names: NameRules = .classic, time: TimeSource = .system,
        exemplars: (@Sendable () -> KeyValuePairs<String, String>?)? = nil
    ) {
        for name in constantLabels.keys {
            do { try names.check(label: name, of: "constant labels") } catch { preconditionFailure(error.description) }
        }
        self.time = time
        self.names = names
        self.constantLabels = constantLabels.map { ConstantLabel(name: $0.key, value: $0.value) }
            .sorted { $0.name < $1.name }
        exemplarSource = exemplars.map { ExemplarSource(labels: $0) }
        ownMetrics = RegistryOwnMetrics(constantLabels: self.constantLabels, time: time)
        state = Lock(State())
        for family in ownMetrics.storages {
            state.withLock { Self.add(family, to: &$0) }
        }
    }

    /// Registers a family, or returns the one of the same shape that has the name.
    func register(_ description: FamilyDescription) throws(MetricError) -> FamilyStorage {
        try check(description)
        return try changing { (state) throws(MetricError) -> FamilyStorage in
            if let existing = try Self.existing(description, in: state) {
                if existing.collector != nil {
                    throw MetricError(
                        .nameTaken, subject: description.name,
                        reason: "is computed at each scrape; register it once, or use another name")
                }
                return existing.storage
            }
            for peer in state.peers.compactMap(\.registry) {
                try peer.state.withLock { (state) throws(MetricError) in
                    _ = try Self.existing(description, in: state, isPeer: true)
                }
            }
            let storage = FamilyStorage(description, time: time, ownMetrics: ownMetrics, exemplarSource: exemplarSource)
            Self.add(storage, to: &state)
            return storage
        }
    }

    /// Makes `collector` bring families up to date.
    func attach(_ collector: Collector, to heads: [UnsafeMutablePointer<FamilyHead>]) throws(MetricError) {
        try changing { (state) throws(MetricError) in
            try Self.check(collector: collector.name, in: state)
            for peer in state.peers.compactMap(\.registry) {
                try peer.state.withLock { (state) throws(MetricError) in
                    try Self.check(collector: collector.name, in: state)
                }
            }
            let names = heads.map { $0.pointee.storage.takeUnretainedValue().description.name }
            for (head, name) in zip(heads, names) {
                guard let entry = state.families[name], entry.storage.head == head, entry.collector == nil else {
                    throw MetricError(
                        .nameTaken, subject: name,
                        reason: "has a collector already or is of another registry; give it one collector")
                }
            }
            for name in names { state.families[name]?.collector = collector }
            state.sorted = state.sorted.map { state.families[$0.storage.description.name] ?? $0 }
            state.collectors.append(collector)
        }
    }

    /// Registers a value that `read` computes at each scrape.
    func register(
        _ description: FamilyDescription, reading read: @escaping @Sendable () -> Double
    ) throws(MetricError) {
        let storage = try register(description)
        let series = storage.single
        try attach(
            Collector(name: description.name) {
                // A counter's total never goes down, whatever the closure says.
                if description.kind == .counter {
                    Counter(series: series).raise(to: read())
                } else {
                    Gauge(series: series).set(read())
                }
            }, to: [storage.head])
    }

    /// What stands under the name, if its shape is the same.
    private static func existing(
        _ description: FamilyDescription, in state: State, isPeer: Bool = false
    ) throws(MetricError) -> Entry? {
        let name = description.name
        if let existing = state.families[name], !isPeer {
            if let difference = existing.storage.description.mismatch(with: description) {
                throw MetricError(
                    .shapeMismatch, subject: name, reason: "is registered \(difference); use another name")
            }
            return existing
        }
        for sample in description.claimedNames {
            if let owner = state.claims[sample] {
                throw MetricError(
                    .nameTaken, subject: name,
                    reason: "its sample \"\(sample)\" would collide with the metric \"\(owner)\"; use another name")
            }
        }
        return nil
    }

    private static func check(collector name: String, in state: State) throws(MetricError) {
        guard state.collectors.contains(where: { $0.name == name }) else { return }
        throw MetricError(
            .nameTaken, subject: name, reason: "a collector has this name already; use another one")
    }

    /// Makes registries refuse each other's names.
    static func join(_ registries: [MetricRegistry]) throws(MetricError) {
        try registration.withLock { (_) throws(MetricError) in
            var claims: [String: String] = [:]
            var collectors: Set<String> = []
            for registry in registries {
                let own = registry.ownMetrics.storages.map(\.description.name)
                let state = registry.state.withLock { $0 }
                for (sample, family) in state.claims where !own.contains(family) {
                    if let other = claims[sample] {
                        throw MetricError(
                            .nameTaken, subject: family,
                            reason:
                                "another registry of the group writes \"\(sample)\" for \"\(other)\"; rename one of them"
                        )
                    }
                    claims[sample] = family
                }
                for collector in state.collectors where !collectors.insert(collector.name).inserted {
                    throw MetricError(
                        .nameTaken, subject: collector.name,
                        reason: "two registries of the group have a collector of this name; rename one of them")
                }
            }
            for registry in registries {
                let peers = registries.filter { $0 !== registry }
                registry.state.withLock { state in
                    for peer in peers where !state.peers.contains(where: { $0.registry === peer }) {
                        state.peers.append(Peer(registry: peer))
                    }
                }
            }
        }
    }

    private static func add(_ storage: FamilyStorage, to state: inout State) {
        let entry = Entry(storage: storage)
        let description = storage.description
        state.families[description.name] = entry
        for sample in description.claimedNames { state.claims[sample] = description.name }
        let place = state.sorted.firstIndex { $0.storage.description.name > description.name } ?? state.sorted.endIndex
        state.sorted.insert(entry, at: place)
    }

    private func check(_ description: FamilyDescription) throws(MetricError) {
        let name = description.name
        try names.check(metric: name)
        if description.kind == .counter, !name.hasSuffix("_total") || name == "_total" {
            throw MetricError(
                .invalidName, subject: name, reason: "a counter's name ends in _total; use \"\(name)_total\"")
        }
        if description.kind == .info, !name.hasSuffix("_info") || name == "_info" {
            throw MetricError(
                .invalidName, subject: name, reason: "an info's name ends in _info; use \"\(name)_info\"")
        }
        if let unit = description.unit, !description.baseName.hasSuffix("_" + unit) {
            throw MetricError(
                .invalidName, subject: name,
                reason: "its unit \"\(unit)\" is not the end of its name; use \"\(description.baseName)_\(unit)\"")
        }
        let cases = description.labels.map { $0.cases?.count ?? 1 }
        let combinations = cases.reduce(1) { $0.multipliedReportingOverflow(by: $1).overflow ? .max : $0 * $1 }
        if combinations > Self.combinationsMax {
            throw MetricError(
                .invalidOption, subject: name,
                reason: "its enum labels have more than \(Self.combinationsMax) combinations; use string labels")
        }
        var seen = Set(constantLabels.map { NameRules.classic($0.name, colon: false) })
        if description.kind == .stateSet { seen.insert(NameRules.classic(name, colon: false)) }
        for label in description.labels {
            try names.check(label: label.name, of: name)
            guard seen.insert(label.exposedName).inserted else {
                throw MetricError(
                    .invalidLabel, subject: name,
                    reason:
                        "label \"\(label.name)\" stands twice, is a constant label of the registry or the state set's own; "
                        + "use another")
            }
        }
    }

    /// All families by name, and what brings some of them up to date.
    func entries() -> (sorted: [Entry], collectors: [Collector]) { state.withLock { ($0.sorted, $0.collectors) } }
}

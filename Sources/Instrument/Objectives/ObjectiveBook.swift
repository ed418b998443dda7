// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The objectives of a service: exported as metrics, reported as JSON and text, kept across restarts in a file.
///
/// ```swift
/// let objectives = try ObjectiveBook(in: metrics, statePath: "/var/lib/api/objectives.json")
/// let availability = try objectives.availability("api", target: 0.999, window: .seconds(30 * 86_400))
/// availability.record(isGood: true)
/// ```
///
/// Exports `objective_target_ratio`, `objective_attained_ratio`, `objective_budget_remaining_ratio`,
/// `objective_burn_rate{window}` and `objective_exhaustion_seconds` (+Inf when the budget lasts), each by `objective`.
public final class ObjectiveBook: Sendable {
    /// What became of the state file when the book was made.
    public enum Restoration: Sendable, Equatable {
        /// No file was named, or there was none yet.
        case none
        /// The file was read.
        case restored
        /// The file could not be read as a state; it was moved to `path`, and the book starts empty.
        case setAside(path: String, reason: String)
        /// The file could not be read at all; the book starts empty and leaves it as it is.
        case unreadable(reason: String)
    }

    struct SavedSpan: Codable {
        var span: Int64
        var tally: ObjectiveLedger.Tally
    }

    struct SavedObjective: Codable {
        var seconds: Int64
        var minutes: [SavedSpan]
        var hours: [SavedSpan]
    }

    private struct SavedBook: Codable {
        var version: Int
        var objectives: [String: SavedObjective]
    }

    private struct State {
        var objectives: [Objective] = []
        /// Saved objectives that are not registered yet.
        var saved: [String: SavedObjective] = [:]
        var savedNanoseconds: UInt64?
    }

    private struct Exported: Sendable {
        let target: Family<Gauge, String>
        let attained: Family<Gauge, String>
        let remaining: Family<Gauge, String>
        let burn: Family<Gauge, (String, String)>
        let exhaustion: Family<Gauge, String>

        var sources: [any MetricSource] { [target, attained, remaining, burn, exhaustion] }
    }

    /// What became of the state file.
    public let restoration: Restoration
    private let statePath: String?
    private let saveInterval: Duration
    private let time: TimeSource
    private let exported: Exported
    private let state: Lock<State>

    /// Makes an empty book and reads the state file.
    ///
    /// - Parameters:
    ///   - metrics: where the objectives are exported; its clock is the book's.
    ///   - statePath: the file that keeps the objectives across restarts; nil keeps nothing.
    ///   - saveInterval: how often a scrape writes the file; ``save()`` writes it at once, when the service stops, say.
    /// - Throws: ``MetricError`` when a name of the exported metrics is taken. A state file that cannot be read is no
    ///   error, see ``restoration``.
    public init(
        in metrics: MetricRegistry, statePath: String? = nil, saveInterval: Duration = .seconds(60)
    ) throws(MetricError) {
        self.statePath = statePath
        self.saveInterval = saveInterval
        time = metrics.time
        exported = Exported(
            target: try metrics.gauge(
                "objective_target_ratio", help: "Share of events that must be good.", labels: "objective"),
            attained: try metrics.gauge(
                "objective_attained_ratio", help: "Share of events in the window that were good.", labels: "objective"),
            remaining: try metrics.gauge(
                "objective_budget_remaining_ratio", help: "Share of the error budget that is left.",
                labels: "objective"),
            burn: try metrics.gauge(
                "objective_burn_rate", help: "Pace at which the error budget is used; 1 is just within the window.",
                labels: "objective", "window"),
            exhaustion: try metrics.gauge(
                "objective_exhaustion_seconds",
                help: "Time until the error budget is gone at the pace of the last hour.", unit: "seconds",
                labels: "objective"))
        var saved: [String: SavedObjective] = [:]
        (restoration, saved) = Self.read(statePath, stamp: metrics.time.unixNanoseconds() / 1_000_000_000)
        state = Lock(State(saved: saved))
        try metrics.collector("objectives", of: exported.sources) { [weak self] in try self?.refresh() }
    }

    /// Makes an objective that a share of events succeeds.
    ///
    /// - Parameters:
    ///   - name: a label value, unique in the book.
    ///   - target: the share, such as 0.999.
    ///   - window: how far back the budget looks, one hour to one year, in whole hours.
    /// - Throws: ``MetricError`` for a senseless target or window, or a name that is taken.
    public func availability(
        _ name: String, target: Double, window: Duration = .seconds(30 * 86_400)
    ) throws(MetricError) -> Objective {
        try add(Objective(name: name, target: target, goal: .availability, window: window, time: time, source: nil))
    }

    /// Makes an availability objective that counters feed, read whenever the objective is.
    ///
    /// - Parameters:
    ///   - name: a label value, unique in the book.
    ///   - good: counts the good events.
    ///   - total: counts all events.
    ///   - target: the share, such as 0.999.
    ///   - window: how far back the budget looks.
    /// - Throws: ``MetricError`` for a senseless target or window, or a name that is taken.
    public func availability(
        _ name: String, good: Counter, of total: Counter, target: Double, window: Duration = .seconds(30 * 86_400)
    ) throws(MetricError) -> Objective {
        try add(
            Objective(name: name, target: target, goal: .availability, window: window, time: time) {
                // Good ones first: an event that is being counted is then bad for a moment at most.
                let good = good.value
                return (good, total.value)
            })
    }

    /// Makes an objective that a share of events succeeds within a time.
    ///
    /// - Parameters:
    ///   - name: a label value, unique in the book.
    ///   - threshold: the time.
    ///   - target: the share, such as 0.95.
    ///   - window: how far back the budget looks.
    /// - Throws: ``MetricError`` for a senseless target or window, or a name that is taken.
    public func latency(
        _ name: String, threshold: Duration, target: Double, window: Duration = .seconds(30 * 86_400)
    ) throws(MetricError) -> Objective {
        try add(
            Objective(name: name, target: target, goal: .latency(threshold), window: window, time: time, source: nil))
    }

    /// Makes a latency objective that a histogram feeds, read whenever the objective is.
    ///
    /// - Parameters:
    ///   - name: a label value, unique in the book.
    ///   - histogram: observes the times, in seconds; one of its bounds is the threshold.
    ///   - threshold: the time.
    ///   - target: the share, such as 0.95.
    ///   - window: how far back the budget looks.
    /// - Throws: ``MetricError`` when no bound is the threshold, and as above.
    public func latency(
        _ name: String, of histogram: Histogram, threshold: Duration, target: Double,
        window: Duration = .seconds(30 * 86_400)
    ) throws(MetricError) -> Objective {
        let seconds = Double(threshold.saturatedNanoseconds) / 1e9
        let bounds = histogram.bounds
        guard let bucket = bounds.firstIndex(of: seconds) else {
            throw MetricError(
                .invalidOption, subject: name,
                reason: "no bucket of the histogram ends at \(seconds) s (it has \(bounds)); add that bound")
        }
        return try add(
            Objective(name: name, target: target, goal: .latency(threshold), window: window, time: time) {
                let (counts, total) = histogram.bucketCounts()
                return (Double(counts[...bucket].reduce(0, +)), Double(total))
            })
    }

    private func add(_ objective: Objective) throws(MetricError) -> Objective {
        try state.withLock { (state) throws(MetricError) in
            guard !state.objectives.contains(where: { $0.name == objective.name }) else {
                throw MetricError(
                    .nameTaken, subject: objective.name, reason: "an objective has this name already; use another one")
            }
            if let saved = state.saved.removeValue(forKey: objective.name) { objective.restore(saved) }
            state.objectives.append(objective)
        }
        return objective
    }

    /// How all objectives stand, in order of creation.
    public func statuses() -> [ObjectiveStatus] { state.withLock { $0.objectives }.map { $0.status() } }

    // MARK: Export

    private func refresh() throws {
        for status in statuses() {
            exported.target.with(status.name).set(status.target)
            exported.attained.with(status.name).set(status.attained)
            exported.remaining.with(status.name).set(status.budgetRemaining)
            exported.burn.with(status.name, "5m").set(status.burnRates.fiveMinutes)
            exported.burn.with(status.name, "30m").set(status.burnRates.thirtyMinutes)
            exported.burn.with(status.name, "1h").set(status.burnRates.oneHour)
            exported.burn.with(status.name, "6h").set(status.burnRates.sixHours)
            exported.burn.with(status.name, "3d").set(status.burnRates.threeDays)
            exported.exhaustion.with(status.name).set(status.exhaustionSeconds ?? .infinity)
        }
        let now = time.monotonicNanoseconds()
        let isDue = state.withLock { state in
            guard let last = state.savedNanoseconds else {
                state.savedNanoseconds = now
                return false
            }
            return Duration.nanoseconds(Int64(clamping: now &- last)) >= saveInterval
        }
        if isDue { try save() }
    }

    /// All statuses as JSON: `{"objectives":[...]}`.
    public func reportJSON() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // A status holds finite numbers and names alone; there is nothing that the encoder could refuse.
        guard let data = try? encoder.encode(["objectives": statuses()]) else { return "{\"objectives\":[]}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// All statuses for people, one line each.
    public func reportText() -> String {
        statuses().map { status in
            let end = status.exhaustionSeconds.map { "gone in \(Int(($0 / 60).rounded())) min" } ?? "it lasts"
            return "\(status.name): \(Self.percent(status.attained)) of \(status.events) events good, "
                + "target \(Self.percent(status.target)); budget left \(Self.percent(status.budgetRemaining)) "
                + "(\(status.level.rawValue)), \(end)\n"
        }.joined()
    }

    private static func percent(_ share: Double) -> String { "\((share * 100_000).rounded() / 1_000) %" }

    // MARK: State file

    /// Writes the state file at once, as a whole; does nothing without one.
    ///
    /// - Throws: ``MetricError/Code/storage`` when it could not be written; the old file is then untouched.
    public func save() throws(MetricError) {
        guard let statePath else { return }
        let (objectives, waiting) = state.withLock { ($0.objectives, $0.saved) }
        var saved = waiting
        for objective in objectives { saved[objective.name] = objective.saved }
        do {
            let data = try JSONEncoder().encode(SavedBook(version: 1, objectives: saved))
            try data.withUnsafeBytes { try AtomicFile.replace(statePath, with: $0) }
        } catch {
            throw MetricError(
                .storage, subject: statePath, reason: "the objectives' state could not be written: \(error)")
        }
        let now = time.monotonicNanoseconds()
        state.withLock { $0.savedNanoseconds = now }
    }

    /// A year of hours of a thousand objectives fits.
    private static let stateBytesMax = 1 << 30

    private static func read(_ path: String?, stamp: Int64) -> (Restoration, [String: SavedObjective]) {
        guard let path else { return (.none, [:]) }
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.bytes(path, limit: stateBytesMax)
        } catch {
            return error.code == ENOENT ? (.none, [:]) : (.unreadable(reason: error.description), [:])
        }
        do {
            let book = try JSONDecoder().decode(SavedBook.self, from: Data(bytes))
            guard book.version == 1 else {
                throw MetricError(.storage, subject: path, reason: "its version is \(book.version), expected 1")
            }
            return (.restored, book.objectives)
        } catch {
            let aside = "\(path).corrupt-\(stamp)"
            guard rename(path, aside) == 0 else {
                return (.unreadable(reason: "\(error); \(SystemError.last("rename to \(aside)"))"), [:])
            }
            return (.setAside(path: aside, reason: "\(error)"), [:])
        }
    }
}

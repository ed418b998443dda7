// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// The lowest level that each label lets through, by longest label prefix, changeable at any time.
///
/// A logger reads its threshold as one atomic, so a change is seen by the next line of every thread and a line that is
/// switched off costs about a nanosecond.
///
/// ```swift
/// log.levels.set(.debug, for: "orders.")          // every label that starts with "orders."
/// log.levels.set(.trace, for: "db", lasting: .seconds(600))
/// ```
public final class LogLevels: Sendable {
    /// One rule: labels that start with `prefix` log `level` and above.
    public struct Rule: Sendable, Hashable {
        /// What a label must start with; empty for the default.
        public let prefix: String
        /// The lowest level that passes, or nil when everything is silenced.
        public let level: LogLevel?
        /// How long a temporary rule still holds; nil for a permanent one.
        public let remaining: Duration?
    }

    /// Distinct labels that get a threshold of their own; those beyond share one that follows the default rule.
    public static let labelsMax = 4_096
    /// Rules that can be set beside each other.
    public static let rulesMax = 1_024

    private struct Setting {
        var permanent: UInt8?
        var temporary: UInt8?
        var deadline: UInt64 = 0
    }

    private struct State {
        var settings: [String: Setting]
        var cells: [String: LevelCell] = [:]
        var overflow: LevelCell?
        var hasTimer = false
    }

    private let state: Monitor<State>
    private let time: TimeSource

    /// Makes a table in which every label logs `level` and above.
    public init(default level: LogLevel = .info, time: TimeSource = .system) {
        state = Monitor(State(settings: ["": Setting(permanent: level.rawValue)]))
        self.time = time
    }

    /// Sets the lowest level for labels that start with `prefix`; the longest matching prefix decides.
    ///
    /// - Parameters:
    ///   - level: the lowest level that passes.
    ///   - prefix: what a label must start with; the empty prefix is the default of all labels.
    ///   - duration: how long the rule holds; nil for good. When it ends the permanent rule returns, if there is one.
    /// - Returns: false, with nothing changed, when `rulesMax` other prefixes have rules.
    @discardableResult
    public func set(_ level: LogLevel, for prefix: String = "", lasting duration: Duration? = nil) -> Bool {
        change(level.rawValue, prefix, duration)
    }

    /// Lets nothing through for labels that start with `prefix`.
    ///
    /// - Returns: false, with nothing changed, when `rulesMax` other prefixes have rules.
    @discardableResult
    public func silence(_ prefix: String, lasting duration: Duration? = nil) -> Bool {
        change(LevelCell.silent, prefix, duration)
    }

    /// Takes the rule of `prefix` away. The default rule stays: the empty prefix falls back to `info`.
    public func remove(_ prefix: String) {
        state.withLock {
            $0.settings[prefix] = prefix.isEmpty ? Setting(permanent: LogLevel.info.rawValue) : nil
            Self.apply(&$0)
        }
    }

    /// The rules in force, shortest prefix first.
    public var rules: [Rule] {
        let now = time.monotonicNanoseconds()
        return state.withLock { state -> [Rule] in
            Self.expire(&state, now: now)
            return state.settings.compactMap { prefix, setting -> Rule? in
                guard let raw = setting.temporary ?? setting.permanent else { return nil }
                let remaining =
                    setting.temporary == nil ? nil : Duration.nanoseconds(Int64(clamping: setting.deadline &- now))
                return Rule(prefix: prefix, level: LogLevel(rawValue: raw), remaining: remaining)
            }
        }.sorted { ($0.prefix.utf8.count, $0.prefix) < ($1.prefix.utf8.count, $1.prefix) }
    }

    /// The lowest level that `label` lets through now, or nil when it is silenced.
    public func level(of label: String) -> LogLevel? {
        let now = time.monotonicNanoseconds()
        return state.withLock { state in
            Self.expire(&state, now: now)
            return LogLevel(rawValue: Self.threshold(of: label, state.settings))
        }
    }

    /// Ends the temporary rules whose time is over. The system's clock calls it by itself; a test that moves a manual
    /// clock calls it, or reads `rules`.
    package func expireRules() {
        let now = time.monotonicNanoseconds()
        state.withLock { Self.expire(&$0, now: now) }
    }

    /// The threshold that loggers of `label` read.
    func cell(for label: String) -> LevelCell {
        state.withLock { state in
            if let cell = state.cells[label] { return cell }
            if state.cells.count >= Self.labelsMax {
                if let overflow = state.overflow { return overflow }
                let cell = LevelCell(Self.threshold(of: "", state.settings))
                state.overflow = cell
                return cell
            }
            let cell = LevelCell(Self.threshold(of: label, state.settings))
            state.cells[label] = cell
            return cell
        }
    }

    private func change(_ raw: UInt8, _ prefix: String, _ duration: Duration?) -> Bool {
        let now = time.monotonicNanoseconds()
        let startsTimer: Bool? = state.withLock { state in
            guard state.settings[prefix] != nil || state.settings.count < Self.rulesMax else { return nil }
            var setting = state.settings[prefix] ?? Setting()
            if let duration {
                setting.temporary = raw
                setting.deadline = now &+ UInt64(max(0, duration.saturatedNanoseconds))
            } else {
                setting.permanent = raw
                setting.temporary = nil
            }
            state.settings[prefix] = setting
            Self.apply(&state)
            guard duration != nil, !time.isManual, !state.hasTimer else { return false }
            state.hasTimer = true
            return true
        }
        guard let startsTimer else { return false }
        state.wakeAll()
        if startsTimer { startTimer() }
        return true
    }

    /// A thread that lives while temporary rules do. Without one (the system has none to give) rules end when they are
    /// next read or changed.
    private func startTimer() {
        do {
            try PlainThread(name: "log-levels") { [self] in runTimer() }.detach()
        } catch {
            state.withLock { $0.hasTimer = false }
        }
    }

    private func runTimer() {
        while true {
            let next: UInt64? = state.withLock { state in
                Self.expire(&state, now: TimeSource.systemMonotonicNanoseconds())
                let next = state.settings.values.filter { $0.temporary != nil }.map(\.deadline).min()
                if next == nil { state.hasTimer = false }
                return next
            }
            guard let next else { return }
            // A changed set of deadlines is looked at again; sleeping past one is impossible.
            _ = state.wait(until: next) { state -> Bool? in
                state.settings.values.filter { $0.temporary != nil }.map(\.deadline).min() == next ? nil : true
            }
        }
    }

    private static func expire(_ state: inout State, now: UInt64) {
        var changed = false
        for (prefix, setting) in state.settings where setting.temporary != nil && setting.deadline <= now {
            changed = true
            if setting.permanent == nil {
                state.settings[prefix] = nil
            } else {
                state.settings[prefix]?.temporary = nil
            }
        }
        if changed { apply(&state) }
    }

    private static func apply(_ state: inout State) {
        for (label, cell) in state.cells { cell.store(threshold(of: label, state.settings)) }
        state.overflow?.store(threshold(of: "", state.settings))
    }

    private static func threshold(of label: String, _ settings: [String: Setting]) -> UInt8 {
        var best = -1
        var threshold = LogLevel.info.rawValue
        for (prefix, setting) in settings {
            guard let raw = setting.temporary ?? setting.permanent else { continue }
            let length = prefix.utf8.count
            if length > best, label.utf8.starts(with: prefix.utf8) {
                best = length
                threshold = raw
            }
        }
        return threshold
    }
}

/// One label's threshold: a word that never moves and is never freed, so that reading it needs no reference count.
///
/// The number of cells is bounded by `LogLevels.labelsMax` per table; a table lives as long as its pipeline, which is
/// made at set-up.
///
/// `@unchecked Sendable`: the word is atomic and its memory is never given back.
@usableFromInline
struct LevelCell: @unchecked Sendable {
    /// Above every level.
    static let silent = LogLevel.critical.rawValue + 1

    @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt8>>

    /// Every cell of the process: what is never freed stays reachable.
    private static let all = Lock<[LevelCell]>([])

    init(_ threshold: UInt8) {
        word = .allocate(capacity: 1)
        word.initialize(to: Atomic(threshold))
        Self.all.withLock { [self] cells in cells.append(self) }
    }

    /// Relaxed: the threshold guards no other memory; a line logged during a change may see either value.
    @inlinable @inline(__always)
    func allows(_ level: LogLevel) -> Bool { level.rawValue >= word.pointee.load(ordering: .relaxed) }

    /// Relaxed, as in `allows`.
    func store(_ threshold: UInt8) { word.pointee.store(threshold, ordering: .relaxed) }
}

// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Thins out lines that repeat: per place in the source, the first few of each window and then one in many.
///
/// What was left out is told by a line of its own (`"event":"log.suppressed"`), so that a count of lines stays honest.
public struct LogSampling: Sendable, Hashable {
    /// Lines of each window that pass.
    public var first: Int
    /// Beyond those, one in this many passes; 0 lets none pass.
    public var thereafter: Int
    /// The window's length.
    public var window: Duration
    /// Lines of this level and above always pass.
    public var exempt: LogLevel

    /// Describes a sampling.
    public init(first: Int, thereafter: Int, per window: Duration = .seconds(1), exempt: LogLevel = .warning) {
        precondition(first >= 0 && thereafter >= 0, "LogSampling: counts are 0 or more")
        precondition(window > .zero, "LogSampling: the window is longer than nothing")
        self.first = first
        self.thereafter = thereafter
        self.window = window
        self.exempt = exempt
    }
}

/// Bounds how many lines a second a pipeline takes, with a reserve for bursts.
///
/// What was left out is told by a line of its own (`"event":"log.suppressed"`).
public struct LogRateLimit: Sendable, Hashable {
    /// Lines that pass each second in the long run.
    public var linesPerSecond: Int
    /// Lines that may pass at once after a quiet time.
    public var burst: Int
    /// Lines of this level and above always pass, and use nothing up.
    public var exempt: LogLevel

    /// Describes a limit.
    public init(linesPerSecond: Int, burst: Int, exempt: LogLevel = .error) {
        precondition(linesPerSecond > 0 && burst > 0, "LogRateLimit: rate and burst are 1 or more")
        self.linesPerSecond = linesPerSecond
        self.burst = burst
        self.exempt = exempt
    }
}

/// A place in the source that logs.
struct LogSite: Hashable {
    var file: UInt
    var line: UInt

    /// The literal's address stands for the file: the compiler makes one of each within a module.
    init(_ source: LogSource) {
        file = source.fileID.hasPointerRepresentation ? UInt(bitPattern: source.fileID.utf8Start) : 0
        line = source.line
    }
}

/// What was left out at one place since the last summary.
struct Suppressed {
    var source: LogSource
    var sampled: UInt64
    var limited: UInt64
}

/// Decides which lines pass, and remembers what did not: pure but for the lock around it.
struct SuppressionState {
    /// Places that are told apart; lines of further ones pass the sampling.
    static let sitesMax = 4_096

    private struct Site {
        var source: LogSource
        var windowStart: UInt64
        var seen: UInt64 = 0
        var sampled: UInt64 = 0
        var limited: UInt64 = 0
    }

    private let sampling: LogSampling?
    private let rateLimit: LogRateLimit?
    private let windowNanoseconds: UInt64
    private var sites: [LogSite: Site] = [:]
    /// The tokens of the rate limit, in billionths of a line.
    private var tokens: UInt64
    private var refilled: UInt64
    private var lastSummary: UInt64
    private(set) var total: UInt64 = 0
    /// Whether something was left out that no summary has told.
    private(set) var isPending = false

    init(sampling: LogSampling?, rateLimit: LogRateLimit?, now: UInt64) {
        self.sampling = sampling
        self.rateLimit = rateLimit
        windowNanoseconds = UInt64(sampling?.window.saturatedNanoseconds ?? 1_000_000_000)
        tokens = UInt64(rateLimit?.burst ?? 0) * 1_000_000_000
        refilled = now
        lastSummary = now
    }

    /// How long suppressed lines stay untold.
    var summaryNanoseconds: UInt64 { windowNanoseconds }

    mutating func admits(_ level: LogLevel, _ source: LogSource, now: UInt64) -> Bool {
        let key = LogSite(source)
        if sites[key] == nil {
            guard sites.count < Self.sitesMax else { return takesToken(level, now) }
            sites[key] = Site(source: source, windowStart: now)
        }
        if let sampling, level < sampling.exempt, !passes(sampling, &sites[key]!, now) {
            sites[key]!.sampled += 1
            return suppress()
        }
        if takesToken(level, now) { return true }
        sites[key]!.limited += 1
        return suppress()
    }

    /// What no summary has told yet, if a summary is due or demanded.
    mutating func takeSummary(now: UInt64, demanded: Bool) -> [Suppressed] {
        guard isPending, demanded || now &- lastSummary >= windowNanoseconds else { return [] }
        isPending = false
        lastSummary = now
        var result: [Suppressed] = []
        for (key, site) in sites where site.sampled + site.limited > 0 {
            result.append(Suppressed(source: site.source, sampled: site.sampled, limited: site.limited))
            sites[key]!.sampled = 0
            sites[key]!.limited = 0
        }
        return result.sorted { $0.source.line < $1.source.line }
    }

    private func passes(_ sampling: LogSampling, _ site: inout Site, _ now: UInt64) -> Bool {
        if now &- site.windowStart >= windowNanoseconds {
            site.windowStart = now
            site.seen = 0
        }
        site.seen += 1
        if site.seen <= UInt64(sampling.first) { return true }
        guard sampling.thereafter > 0 else { return false }
        return (site.seen - UInt64(sampling.first)) % UInt64(sampling.thereafter) == 0
    }

    private mutating func takesToken(_ level: LogLevel, _ now: UInt64) -> Bool {
        guard let rateLimit, level < rateLimit.exempt else { return true }
        let full = UInt64(rateLimit.burst) * 1_000_000_000
        let (gained, overflow) = (now &- refilled).multipliedReportingOverflow(by: UInt64(rateLimit.linesPerSecond))
        refilled = now
        tokens = overflow || gained > full - tokens ? full : tokens + gained
        guard tokens >= 1_000_000_000 else { return false }
        tokens -= 1_000_000_000
        return true
    }

    private mutating func suppress() -> Bool {
        total += 1
        isPending = true
        return false
    }
}

/// The decisions of one pipeline, shared by its threads.
final class LogSuppression: Sendable {
    private struct Shared {
        var state: SuppressionState
        var hasTimer = false
    }

    private let shared: Lock<Shared>
    private let time: TimeSource

    init(sampling: LogSampling?, rateLimit: LogRateLimit?, time: TimeSource) {
        self.time = time
        shared = Lock(
            Shared(
                state: SuppressionState(sampling: sampling, rateLimit: rateLimit, now: time.monotonicNanoseconds())))
    }

    /// Whether a line passes; `wantsTimer` asks the caller, once, to see to it that summaries are written in time.
    func admits(_ level: LogLevel, _ source: LogSource) -> (passes: Bool, wantsTimer: Bool, summary: [Suppressed]) {
        let now = time.monotonicNanoseconds()
        return shared.withLock { shared in
            let summary = shared.state.takeSummary(now: now, demanded: false)
            let passes = shared.state.admits(level, source, now: now)
            guard !passes, !shared.hasTimer, !time.isManual else { return (passes, false, summary) }
            shared.hasTimer = true
            return (passes, true, summary)
        }
    }

    /// What was left out and not told yet.
    func takeSummary() -> [Suppressed] {
        let now = time.monotonicNanoseconds()
        return shared.withLock { $0.state.takeSummary(now: now, demanded: true) }
    }

    /// How long the timer sleeps.
    var summaryNanoseconds: UInt64 { shared.withLock { $0.state.summaryNanoseconds } }

    /// Ends the timer if there is nothing left to tell.
    func timerMayEnd() -> Bool {
        shared.withLock {
            if !$0.state.isPending { $0.hasTimer = false }
            return !$0.hasTimer
        }
    }

    /// The timer could not be started: the next line may ask again.
    func timerFailed() { shared.withLock { $0.hasTimer = false } }

    /// Lines left out so far.
    var total: UInt64 { shared.withLock { $0.state.total } }
}

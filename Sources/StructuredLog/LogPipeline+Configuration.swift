// SPDX-License-Identifier: Apache-2.0

import Instrument

extension LogPipeline {
    /// Everything that can be chosen about a pipeline, with its defaults.
    public struct Configuration: Sendable {
        /// Where each line goes.
        public var outputs: [LogOutput]
        /// The lowest level of labels without a rule of their own.
        public var level: LogLevel
        /// The longest line, without its newline: container runtimes split at 16,384 bytes, and writers that share a pipe
        /// need 4,095. Longer lines lose their longest fields first, their message last.
        public var lineBytesMax: Int
        /// Whether NaN and the infinities are written as null, not as strings.
        public var nonFiniteAsNull: Bool
        /// Values that no sink gets to see.
        public var redaction: LogRedaction
        /// Thins out lines that repeat; nil for none.
        public var sampling: LogSampling?
        /// Bounds the lines a second; nil for none.
        public var rateLimit: LogRateLimit?
        /// Asked at each line, on the thread that logs, for the trace that it belongs to.
        public var trace: (@Sendable () -> LogTrace?)?
        /// Lines of this level and above that carry an error also carry the stack; nil for none.
        public var backtraceLevel: LogLevel?
        /// Where the log's own metrics are registered; a registry serves one pipeline.
        public var metrics: MetricRegistry?
        /// Where time comes from.
        public var time: TimeSource

        /// Makes a configuration.
        ///
        /// - Parameters:
        ///   - outputs: where each line goes; by default JSON on standard output.
        ///   - level: the lowest level of labels without a rule of their own.
        ///   - lineBytesMax: the longest line, without its newline; 512 or more.
        ///   - nonFiniteAsNull: whether NaN and the infinities are written as null, not as strings.
        ///   - redaction: values that no sink gets to see.
        ///   - sampling: thins out lines that repeat.
        ///   - rateLimit: bounds the lines a second.
        ///   - trace: asked at each line for its trace; must be quick and must not log.
        ///   - backtraceLevel: lines of this level and above that carry an error also carry the stack.
        ///   - metrics: where the log's own metrics are registered.
        ///   - time: where time comes from.
        public init(
            outputs: [LogOutput] = [LogOutput(.standardOutput)], level: LogLevel = .info, lineBytesMax: Int = 16_383,
            nonFiniteAsNull: Bool = false, redaction: LogRedaction = .none, sampling: LogSampling? = nil,
            rateLimit: LogRateLimit? = nil, trace: (@Sendable () -> LogTrace?)? = nil,
            backtraceLevel: LogLevel? = nil, metrics: MetricRegistry? = nil, time: TimeSource = .system
        ) {
            precondition(lineBytesMax >= 512, "LogPipeline: lineBytesMax is \(lineBytesMax); use 512 or more")
            self.outputs = outputs
            self.level = level
            self.lineBytesMax = lineBytesMax
            self.nonFiniteAsNull = nonFiniteAsNull
            self.redaction = redaction
            self.sampling = sampling
            self.rateLimit = rateLimit
            self.trace = trace
            self.backtraceLevel = backtraceLevel
            self.metrics = metrics
            self.time = time
        }
    }
}

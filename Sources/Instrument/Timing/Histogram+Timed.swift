// SPDX-License-Identifier: Apache-2.0

// `timed(f)` gives a function of the signature of `f` that also observes. Four overloads, since Swift has no word for
// "async or not, throwing or not"; each takes any number of parameters. Errors are untyped: a closure that keeps a typed
// error and is returned crashes the compiler when the error is Never.

extension Histogram {
    /// A function like `function` that counts how long each call takes.
    ///
    /// ```swift
    /// let parse = latency.with("parse").timed(parseQuery)      // same parameters and result as parseQuery
    /// ```
    public func timed<each Argument, Result>(
        _ function: @escaping @Sendable (repeat each Argument) -> Result
    ) -> @Sendable (repeat each Argument) -> Result {
        { (argument: repeat each Argument) in self.time { function(repeat each argument) } }
    }

    /// A function like `function` that counts how long each call takes, also when it throws.
    public func timed<each Argument, Result>(
        _ function: @escaping @Sendable (repeat each Argument) throws -> Result
    ) -> @Sendable (repeat each Argument) throws -> Result {
        { (argument: repeat each Argument) in
            let start = self.series.head.pointee.monotonicNanoseconds()
            defer { self.observeElapsed(since: start) }
            return try function(repeat each argument)
        }
    }

    /// A function like `function` that counts how long each call takes, waiting included.
    public func timed<each Argument, Result: Sendable>(
        _ function: @escaping @Sendable (repeat each Argument) async -> Result
    ) -> @Sendable (repeat each Argument) async -> Result {
        { (argument: repeat each Argument) in
            let start = self.series.head.pointee.monotonicNanoseconds()
            defer { self.observeElapsed(since: start) }
            return await function(repeat each argument)
        }
    }

    /// A function like `function` that counts how long each call takes, also when it throws or is cancelled.
    public func timed<each Argument, Result: Sendable>(
        _ function: @escaping @Sendable (repeat each Argument) async throws -> Result
    ) -> @Sendable (repeat each Argument) async throws -> Result {
        { (argument: repeat each Argument) in
            let start = self.series.head.pointee.monotonicNanoseconds()
            defer { self.observeElapsed(since: start) }
            return try await function(repeat each argument)
        }
    }
}

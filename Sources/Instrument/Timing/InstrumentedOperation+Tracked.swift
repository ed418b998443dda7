// SPDX-License-Identifier: Apache-2.0

// `tracked(f)` gives a function of the signature of `f` whose calls are runs of the operation, in the four overloads of
// `Histogram.timed(f)` and for the same reasons.

extension InstrumentedOperation {
    /// A function like `function` whose calls are runs of the operation.
    ///
    /// ```swift
    /// let classify = analysis.tracked(classifySequence)      // same parameters and result as classifySequence
    /// ```
    public func tracked<each Argument, Result>(
        _ function: @escaping @Sendable (repeat each Argument) -> Result
    ) -> @Sendable (repeat each Argument) -> Result {
        { (argument: repeat each Argument) in
            let run = self.begin()
            let result = function(repeat each argument)
            run.end(.success)
            return result
        }
    }

    /// A function like `function` whose calls are runs of the operation; one that throws ends as a failure.
    public func tracked<each Argument, Result>(
        _ function: @escaping @Sendable (repeat each Argument) throws -> Result
    ) -> @Sendable (repeat each Argument) throws -> Result {
        { (argument: repeat each Argument) in
            let run = self.begin()
            do {
                let result = try function(repeat each argument)
                run.end(.success)
                return result
            } catch {
                run.end(Self.outcome(of: error, isCancelled: false))
                throw error
            }
        }
    }

    /// A function like `function` whose calls are runs of the operation, waiting included.
    public func tracked<each Argument, Result: Sendable>(
        _ function: @escaping @Sendable (repeat each Argument) async -> Result
    ) -> @Sendable (repeat each Argument) async -> Result {
        { (argument: repeat each Argument) in
            let run = self.begin()
            let result = await function(repeat each argument)
            run.end(.success)
            return result
        }
    }

    /// A function like `function` whose calls are runs of the operation; one that throws ends as a failure, or as
    /// cancelled.
    public func tracked<each Argument, Result: Sendable>(
        _ function: @escaping @Sendable (repeat each Argument) async throws -> Result
    ) -> @Sendable (repeat each Argument) async throws -> Result {
        { (argument: repeat each Argument) in
            let run = self.begin()
            do {
                let result = try await function(repeat each argument)
                run.end(.success)
                return result
            } catch {
                run.end(Self.outcome(of: error, isCancelled: Task.isCancelled))
                throw error
            }
        }
    }
}

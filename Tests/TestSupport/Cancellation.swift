// SPDX-License-Identifier: Apache-2.0

/// Waits until the calling task is cancelled, and for nothing else.
///
/// - Throws: `CancellationError`, always.
package func untilCancelled() async throws {
    let (never, continuation) = AsyncStream<Never>.makeStream()
    // A stream ends early for a cancelled task alone; its continuation is kept, so that it does not end by itself.
    for await _ in never {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
}

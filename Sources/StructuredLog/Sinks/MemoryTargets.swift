// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Keeps the lines in memory, for tests.
///
/// ```swift
/// let capture = LogCapture()
/// let log = try StructuredLogger("orders", output: LogOutput(.capture(capture)))
/// log.info("order placed") { $0["id"] = 7 }
/// #expect(capture.lines.count == 1)
/// ```
///
/// Lines are captured synchronously, so a test needs no waiting.
public final class LogCapture: Sendable {
    private let kept = Lock<[String]>([])
    private let linesMax: Int

    /// Makes an empty capture that keeps the last `linesMax` lines.
    public init(linesMax: Int = 100_000) { self.linesMax = max(1, linesMax) }

    /// The lines so far, without their newlines.
    public var lines: [String] { kept.withLock { $0 } }

    /// Forgets the lines so far.
    public func removeAll() { kept.withLock { $0.removeAll() } }

    fileprivate func append(_ bytes: UnsafeRawBufferPointer) {
        let added = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        kept.withLock {
            $0.append(contentsOf: added)
            if $0.count > linesMax { $0.removeFirst($0.count - linesMax) }
        }
    }
}

/// Writes into a capture.
final class CaptureTarget: ByteTarget, @unchecked Sendable {
    private let capture: LogCapture

    init(_ capture: LogCapture) { self.capture = capture }

    override func write(_ bytes: UnsafeRawBufferPointer, continuesLine: Bool) -> WriteAttempt {
        capture.append(bytes)
        return WriteAttempt(taken: bytes.count, failure: nil)
    }
}

/// Hands lines to a function of the host.
final class CustomTarget: ByteTarget, @unchecked Sendable {
    private let body: @Sendable (UnsafeRawBufferPointer) -> Void

    init(_ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) { self.body = body }

    override func write(_ bytes: UnsafeRawBufferPointer, continuesLine: Bool) -> WriteAttempt {
        body(bytes)
        return WriteAttempt(taken: bytes.count, failure: nil)
    }
}

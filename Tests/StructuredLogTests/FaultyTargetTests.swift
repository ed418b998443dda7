// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport
import Testing

@testable import StructuredLog

/// A target that fails in every way that a file can, by a seeded plan, and keeps what it took.
private final class FaultyTarget: ByteTarget, @unchecked Sendable {
    private let kept = Lock((random: SeededGenerator(seed: 0), bytes: [UInt8](), lineStart: 0, budget: 0))

    init(seed: UInt64, faults: Int) {
        super.init()
        kept.withLock { $0 = (SeededGenerator(seed: seed), [], 0, faults) }
    }

    var text: String { kept.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

    override func write(_ bytes: UnsafeRawBufferPointer, continuesLine: Bool) -> WriteAttempt {
        kept.withLock { kept in
            let draw = kept.random.next()
            guard kept.budget > 0 else {
                kept.bytes += bytes
                return WriteAttempt(taken: bytes.count, failure: nil)
            }
            kept.budget -= 1
            let taken = Int(truncatingIfNeeded: (draw >> 8) % UInt64(bytes.count + 1))
            switch draw % 4 {
            case 0: return WriteAttempt(taken: 0, failure: .busy)
            case 1:
                kept.bytes += bytes[..<taken]
                return WriteAttempt(taken: taken, failure: nil)
            case 2: return WriteAttempt(taken: 0, failure: .later(ENOSPC))
            default:
                // A short write, then a full disk: the unfinished line is taken back, as a file's is.
                kept.bytes += bytes[..<taken]
                let end = (kept.bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
                kept.bytes.removeSubrange(end...)
                return WriteAttempt(taken: taken, failure: .later(ENOSPC), restartsLine: true)
            }
        }
    }
}

@Suite struct FaultyTargetTests {
    @Test("accepted = written + dropped + in flight, and lines stay whole", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func faultsLoseNothingWithoutCounting(seed: UInt64) throws {
        let target = FaultyTarget(seed: seed, faults: 12)
        let channel = try AsynchronousChannel(
            target, report: DropReport(preset: .seed, time: .system), policy: .dropNewest, queueBytes: 131_072)
        let lines = (0..<2_000).map { "{\"index\":\($0),\"filler\":\"\(String(repeating: "x", count: $0 % 300))\"}\n" }
        for line in lines {
            var line = line
            line.withUTF8 { channel.accept(UnsafeRawBufferPointer($0), .info) }
            let now = channel.statistics
            #expect(now.accepted == now.written + now.dropped + now.inFlight)
        }
        #expect(channel.shutdown(until: TimeSource.systemMonotonicNanoseconds() + 60_000_000_000))
        let end = channel.statistics
        #expect(end.accepted == end.written + end.dropped && end.inFlight == 0)
        let written = target.text.split(separator: "\n").map(String.init)
        #expect(UInt64(written.count) == end.written)
        var last = -1
        var reported: UInt64 = 0
        for line in written {
            let object = try parsed(line)
            if let index = object["index"] as? Int {
                #expect(index > last)
                last = index
            } else {
                reported += try #require(object["count"] as? UInt64)
            }
        }
        #expect(reported == end.dropped)
    }
}

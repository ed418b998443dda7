// SPDX-License-Identifier: Apache-2.0

import Foundation
import Harness
import Synchronization

/// What the hardware and the system cost by themselves.
enum RawLimits {
    /// Words a page apart, one for each thread.
    private struct Words: @unchecked Sendable {
        let base = UnsafeMutableRawPointer.allocate(byteCount: 64 * 64, alignment: 64)

        init() { base.initializeMemory(as: UInt64.self, repeating: 0, count: 64 * 8) }

        func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
            (base + index * 64).assumingMemoryBound(to: Atomic<UInt64>.self)
        }
    }

    private static let words = Words()

    /// A relaxed atomic add, all threads on one word.
    static func add(threads: Int) -> Cost {
        Cost.run(threads: threads) { count in
            let word = words.word(0)
            for _ in 0..<count { word.pointee.wrappingAdd(1, ordering: .relaxed) }
        }
    }

    /// A compare-and-swap loop that adds to a double, alone.
    static func floatingAdd() -> Cost {
        Cost.run { count in
            let word = words.word(1)
            for _ in 0..<count {
                var expected = word.pointee.load(ordering: .relaxed)
                while true {
                    let sum = (Double(bitPattern: expected) + 0.5).bitPattern
                    let exchange = word.pointee.weakCompareExchange(
                        expected: expected, desired: sum, ordering: .relaxed)
                    if exchange.exchanged { break }
                    expected = exchange.original
                }
            }
        }
    }

    /// A relaxed store, all threads to one word.
    static func store(threads: Int) -> Cost {
        Cost.run(threads: threads) { count in
            let word = words.word(2)
            for index in 0..<count { word.pointee.store(UInt64(index), ordering: .relaxed) }
        }
    }

    /// Two readings of the monotonic clock.
    static func twoClockReads() -> Cost {
        Cost.run { count in
            var sum: UInt64 = 0
            for _ in 0..<count { sum &+= Cost.now() &+ Cost.now() }
            blackHole(sum)
        }
    }
}

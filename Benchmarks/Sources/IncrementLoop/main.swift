// SPDX-License-Identifier: Apache-2.0

// The loop that Scripts/live/metrics-increment-disassembly.sh reads: an increment as another module compiles it.

import Instrument

/// Increments the counter at an address `count` times.
@_silgen_name("increment_loop") @inline(never)
public func incrementLoop(_ address: UnsafeRawPointer, _ count: Int) {
    let counter = address.assumingMemoryBound(to: Counter.self).pointee
    for _ in 0..<count { counter.increment() }
}

var counter = try MetricRegistry().counter("loop_total", help: "Turns of the loop.")
incrementLoop(&counter, 1_000)
print(counter.value)

// SPDX-License-Identifier: Apache-2.0

import Harness
import Instrument

/// Updates of one counter or gauge by 1, 2 and 4 threads.
enum CounterBenchmarks {
    static func run(_ suite: Suite) throws {
        let metrics = MetricRegistry()
        for threads in [1, 2, 4] {
            let counter = try metrics.counter("increment_\(threads)_total", help: "h")
            suite.add(
                "Counter.increment/\(threads) threads", bar: threads == 1 ? 7.1 : 9.4,
                reference: ("raw relaxed add/\(threads) threads", { RawLimits.add(threads: threads) })
            ) {
                Cost.run(threads: threads) { count in for _ in 0..<count { counter.increment() } }
            }
            let floating = try metrics.counter("floating_\(threads)_total", help: "h")
            suite.add(
                "Counter.increment(by: 0.5)/\(threads) threads", bar: threads == 1 ? 15 : 20,
                reference: ("raw double CAS add/1 threads", { RawLimits.floatingAdd() })
            ) {
                Cost.run(threads: threads) { count in for _ in 0..<count { floating.increment(by: 0.5) } }
            }
            let gauge = try metrics.gauge("set_\(threads)", help: "h")
            suite.add(
                "Gauge.set/\(threads) threads", bar: threads == 1 ? 1.5 : 2,
                reference: ("raw relaxed store/\(threads) threads", { RawLimits.store(threads: threads) })
            ) {
                Cost.run(threads: threads) { count in for index in 0..<count { gauge.set(index) } }
            }
        }
        try totalsAreExact(suite)
    }

    private static func totalsAreExact(_ suite: Suite) throws {
        guard suite.takes("Counter.") else { return }
        let counter = try MetricRegistry().counter("exact_total", help: "h")
        _ = Cost.run(threads: 4, operations: 250_000, rounds: 3) { count in
            for _ in 0..<count {
                counter.increment()
                counter.increment(by: 0.5)
            }
        }
        suite.expect(
            counter.value == 4 * 4 * 250_000 * 1.5, "4 threads: total of increments is exact, got \(counter.value)")
    }
}

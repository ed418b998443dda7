// SPDX-License-Identifier: Apache-2.0

import Harness
import Instrument

/// Finding a series by its labels and incrementing it; registering series, and what they weigh.
enum LookupBenchmarks {
    enum Method: String, CaseIterable, Sendable { case get, post, put, delete }
    enum Outcome: String, CaseIterable, Sendable { case ok, redirected, refused, failed }

    static func run(_ suite: Suite) throws {
        let metrics = MetricRegistry()
        for threads in [1, 2, 4] {
            let add = ("raw relaxed add/\(threads) threads", { RawLimits.add(threads: threads) })
            let strings = try metrics.counter(
                "strings_\(threads)_total", help: "h", labels: "method", "route", "status")
            suite.add(
                "Family.with 3 strings + increment/\(threads) threads", bar: threads == 1 ? 60 : 100, reference: add
            ) {
                Cost.run(threads: threads) { count in
                    for _ in 0..<count { strings.with("GET", "/items/:id", "200").increment() }
                }
            }
            let long = try metrics.counter("long_\(threads)_total", help: "h", labels: "method", "route", "status")
            // Longer than a string holds in place, so each is a shared object.
            let route = ["/api/v2/customers/:id", "/orders/:order"].joined()
            suite.add(
                "Family.with 3 strings, one shared on the heap, + increment/\(threads) threads",
                bar: threads == 1 ? 60 : 100, reference: add
            ) {
                Cost.run(threads: threads) { count in
                    for _ in 0..<count { long.with("GET", route, "200").increment() }
                }
            }
            let enums = try metrics.counter(
                "enums_\(threads)_total", help: "h", labels: EnumLabel<Method>("method"), EnumLabel<Outcome>("outcome"))
            suite.add("Family.with 2 enums + increment/\(threads) threads", bar: threads == 1 ? 10 : 14, reference: add)
            {
                Cost.run(threads: threads) { count in
                    for _ in 0..<count { enums.with(.get, .ok).increment() }
                }
            }
            if suite.takes("Family.with") {
                suite.expect(
                    strings.seriesCount <= 1 && enums.seriesCount <= 1, "lookups find the series that is there")
            }
        }
        for seriesCount in [10, 1_000, 10_000, 100_000] { try find(suite, seriesCount) }
        for seriesCount in [10_000, 100_000, 1_000_000] { try register(suite, seriesCount) }
    }

    /// Lookups that jump about among many series: the larger the family, the more of it stands outside the caches.
    private static func find(_ suite: Suite, _ seriesCount: Int) throws {
        let name = "Family.with 3 strings + increment, among \(seriesCount) series"
        guard suite.takes(name) else { return }
        let family = try MetricRegistry().counter(
            "found_total", help: "h", limits: SeriesLimits(seriesMax: seriesCount), labels: "method", "route", "status")
        let routes = (0..<seriesCount).map { "/items/\($0)" }
        for route in routes { _ = family.with("GET", route, "200") }
        // A step without a common divisor with the count comes by every series, in no order that can be foreseen.
        let step = 7_919
        suite.add(name, bar: seriesCount <= 1_000 ? 60 : nil) {
            Cost.run { count in
                var index = 0
                for _ in 0..<count {
                    index = (index &+ step) % seriesCount
                    family.with("GET", routes[index], "200").increment()
                }
            }
        }
        suite.expect(family.seriesCount == seriesCount, "lookups find the \(seriesCount) series that are there")
    }

    private static func register(_ suite: Suite, _ seriesCount: Int) throws {
        let name = "Family.with new series, of \(seriesCount)"
        guard suite.takes(name) else { return }
        let family = try MetricRegistry().counter(
            "new_total", help: "h", limits: SeriesLimits(seriesMax: seriesCount), labels: "method", "route", "status")
        let routes = (0..<seriesCount).map { "/items/\($0)" }
        suite.add(name, bar: 1_000) {
            Cost.run(operations: seriesCount, rounds: 1, warmUp: false) { count in
                for index in 0..<count { family.with("GET", routes[index], "200").increment() }
            }
        }
        suite.expect(family.seriesCount == seriesCount, "\(seriesCount) series were made, got \(family.seriesCount)")
        let bytes = Double(family.memoryBytes) / Double(seriesCount)
        print("memory of a quiet counter series, of \(seriesCount)\t\(Int(bytes.rounded())) bytes\tbar 320")
        suite.expect(bytes <= 320, "a quiet series takes 320 bytes at most, got \(bytes)")
    }
}

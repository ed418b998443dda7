// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@Suite struct FamilyTests {
    private enum Outcome: CaseIterable { case ok, failed, unknown }
    private enum Only: CaseIterable { case one }

    @Test func everyArityFindsItsSeriesAgain() throws {
        let metrics = MetricRegistry()
        let one = try metrics.counter("one_total", help: "h", labels: "a")
        let two = try metrics.counter("two_total", help: "h", labels: "a", "b")
        let three = try metrics.counter("three_total", help: "h", labels: "a", "b", "c")
        let four = try metrics.counter("four_total", help: "h", labels: "a", "b", "c", "d")
        let five = try metrics.counter("five_total", help: "h", labels: "a", "b", "c", "d", "e")
        let six = try metrics.counter("six_total", help: "h", labels: "a", "b", "c", "d", "e", "f")
        for value in ["", "x", "a value of more than fifteen bytes", "é"] {
            for _ in 0..<2 {
                one.with(value).increment()
                two.with(value, "2").increment()
                three.with("1", value, "3").increment()
                four.with("1", "2", value, "4").increment()
                five.with("1", "2", "3", value, "5").increment()
                six.with("1", "2", "3", "4", "5", value).increment()
            }
            #expect(one.with(value).value == 2)
            #expect(try two.with(values: [value, "2"]).value == 2)
            #expect(try three.with(values: ["1", value, "3"]).value == 2)
            #expect(try four.with(values: ["1", "2", value, "4"]).value == 2)
            #expect(try five.with(values: ["1", "2", "3", value, "5"]).value == 2)
            #expect(try six.with(values: ["1", "2", "3", "4", "5", value]).value == 2)
        }
        #expect(one.seriesCount == 4)
        #expect(six.seriesCount == 4)
    }

    @Test func aSeriesIsRegisteredAndUsedInOneExpression() throws {
        let metrics = MetricRegistry()
        try metrics.counter("c_total", help: "h", labels: "a").with("1").increment()
        try metrics.gauge("g", help: "h", labels: "a").with("1").set(2)
        try metrics.histogram("h", help: "h", buckets: [1], labels: "a").with("1").observe(0.5)
        try metrics.summary("s", help: "h", quantiles: [], labels: "a").with("1").observe(3)
        try metrics.stateSet("t", help: "h", of: Outcome.self, labels: "a").with("1").set(.ok)
        try metrics.untyped("u", help: "h", labels: "a").with("1").set(4)
        try metrics.gauge("e", help: "h", labels: EnumLabel<Verb>("verb")).with(.get).set(5)
        try metrics.gauge("two", help: "h", labels: "a", "b").with("1", "2").set(6)
        #expect(try metrics.counter("c_total", help: "h", labels: "a").with("1").value == 1)
        #expect(try metrics.gauge("g", help: "h", labels: "a").with("1").value == 2)
        #expect(try metrics.histogram("h", help: "h", buckets: [1], labels: "a").with("1").sum == 0.5)
        #expect(try metrics.summary("s", help: "h", quantiles: [], labels: "a").with("1").sum == 3)
        #expect(try metrics.stateSet("t", help: "h", of: Outcome.self, labels: "a").with("1").isActive(.ok))
        #expect(try metrics.untyped("u", help: "h", labels: "a").with("1").value == 4)
        #expect(try metrics.gauge("e", help: "h", labels: EnumLabel<Verb>("verb")).with(.get).value == 5)
        #expect(try metrics.gauge("two", help: "h", labels: "a", "b").with("1", "2").value == 6)
    }

    @Test func enumLabelsIndexTheirSeries() throws {
        let metrics = MetricRegistry()
        let verbs = try metrics.counter("v_total", help: "h", labels: EnumLabel<Verb>("verb"))
        let both = try metrics.counter(
            "b_total", help: "h", labels: EnumLabel<Verb>("verb"), EnumLabel<Outcome>("outcome"))
        let only = try metrics.gauge(
            "o", help: "h", labels: EnumLabel<Only>("x"), EnumLabel<Verb>("y"), EnumLabel<Outcome>("z"))
        let mixed = try metrics.gauge("m", help: "h", labels: "route", EnumLabel<Verb>("verb"))
        for verb in Verb.allCases {
            verbs.with(verb).increment()
            for outcome in Outcome.allCases {
                both.with(verb, outcome).increment()
                both.with(verb, outcome).increment()
                only.with(.one, verb, outcome).set(7)
            }
        }
        mixed.with(mixed: "/", .post).set(4)
        #expect(try verbs.with(values: ["post"]).value == 1)
        for verb in Verb.allCases {
            for outcome in Outcome.allCases {
                #expect(try both.with(values: [verb.rawValue, "\(outcome)"]).value == 2)
            }
        }
        #expect(both.seriesCount == 6)
        #expect(only.seriesCount == 6)
        #expect(metrics.exposition().contains("m{route=\"/\",verb=\"post\"} 4\n"))
        #expect(throws: MetricError.self) { try verbs.with(values: ["delete"]) }
    }

    @Test func wrongNumberOfDynamicValuesThrows() throws {
        let family = try MetricRegistry().counter("a_total", help: "h", labels: "x", "y")
        let error = #expect(throws: MetricError.self) { try family.with(values: ["1"]) }
        #expect(error?.description == "metric \"a_total\": got 1 label values, expected 2: [\"x\", \"y\"]")
        #expect(error?.code == .wrongLabelCount)
    }

    @Test func labelValuesCompareByteForByte() throws {
        let family = try MetricRegistry().counter("a_total", help: "h", labels: "x")
        family.with("\u{E9}").increment()
        family.with("e\u{301}").increment(by: 5)
        #expect(family.with("\u{E9}").value == 1)
        #expect(family.seriesCount == 2)
    }

    @Test func thousandsOfSeriesAreAllFoundAgain() throws {
        let metrics = MetricRegistry()
        let family = try metrics.counter(
            "a_total", help: "h", limits: SeriesLimits(seriesMax: 50_000), labels: "x", "y")
        for index in 0..<20_000 { family.with("value \(index)", "\(index % 7)").increment(by: index) }
        for index in 0..<20_000 { #expect(family.with("value \(index)", "\(index % 7)").value == Double(index)) }
        #expect(family.seriesCount == 20_000)
    }

    @Test func labelSetsPastTheCapShareTheOverflowSeries() throws {
        let metrics = MetricRegistry()
        let family = try metrics.counter("a_total", help: "h", limits: SeriesLimits(seriesMax: 2), labels: "x", "y")
        for index in 0..<5 { family.with("\(index)", "v").increment() }
        family.with("0", "v").increment()
        #expect(family.with("__overflow__", "__overflow__").value == 3)
        let text = metrics.exposition()
        #expect(text.contains("a_total{x=\"__overflow__\",y=\"__overflow__\"} 3\n"))
        #expect(text.contains("instrument_series_overflow_total{family=\"a_total\"} 3\n"))
    }

    @Test func valuePastTheByteLimitGoesToTheOverflowSeries() throws {
        let metrics = MetricRegistry()
        let family = try metrics.counter("a_total", help: "h", labels: "x")
        family.with(String(repeating: "é", count: 512)).increment()
        family.with(String(repeating: "é", count: 512) + "!").increment(by: 7)
        #expect(family.with("__overflow__").value == 7)
        #expect(metrics.exposition().contains("instrument_series_overflow_total{family=\"a_total\"} 1\n"))
    }

    @Test func removedSeriesComesBackWithItsLabelSetOrItsNextChange() throws {
        let metrics = MetricRegistry()
        let family = try metrics.counter("a_total", help: "h", labels: "x")
        let held = family.with("1")
        held.increment()
        family.with("2").increment()
        #expect(try family.remove("1"))
        #expect(try !family.remove("1"))
        #expect(try !family.remove("none"))
        #expect(!metrics.exposition().contains("x=\"1\""))
        held.increment()
        #expect(metrics.exposition().contains("a_total{x=\"1\"} 2\n"))
        family.clear()
        #expect(metrics.exposition() == "")
        _ = family.with("2")
        #expect(metrics.exposition().hasSuffix("a_total{x=\"2\"} 1\n"))
        family.remove { $0 == ["2"] }
        #expect(metrics.exposition() == "")
        #expect(family.seriesCount == 2)
    }

    @Test func removedEnumSeriesComesBackToo() throws {
        let metrics = MetricRegistry()
        let family = try metrics.gauge("g", help: "h", labels: EnumLabel<Verb>("verb"))
        family.with(.get).set(3)
        try family.remove("get")
        #expect(metrics.exposition() == "")
        #expect(family.with(.get).value == 3)
        #expect(metrics.exposition().hasSuffix("g{verb=\"get\"} 3\n"))
    }

    @Test func idleSeriesIsHiddenUntilItChanges() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let family = try metrics.gauge(
            "g", help: "h", limits: SeriesLimits(idleExpiry: .seconds(60)), labels: "x")
        let held = family.with("1")
        held.set(1)
        family.with("2").set(1)
        #expect(metrics.exposition().contains("g{x=\"1\"} 1\n"))
        clock.advance(by: .seconds(59))
        family.with("2").set(2)
        #expect(metrics.exposition().contains("g{x=\"1\"} 1\n"))
        clock.advance(by: .seconds(1))
        #expect(metrics.exposition().hasSuffix("# TYPE g gauge\ng{x=\"2\"} 2\n"))
        held.set(5)
        #expect(metrics.exposition().contains("g{x=\"1\"} 5\n"))
        clock.advance(by: .seconds(60))
        #expect(metrics.exposition() == "")
        clock.advance(by: .seconds(60))
        _ = family.with("1")
        #expect(metrics.exposition().hasSuffix("g{x=\"1\"} 5\n"))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@Suite struct JSONExpositionTests {
    private enum State: String, CaseIterable, Sendable { case up, down }

    @Test func everyKindIsReadBackByAnIndependentParser() throws {
        let metrics = MetricRegistry(constantLabels: ["zone": "a"], time: .manual(ManualClock()))
        let requests = try metrics.counter("requests_total", help: "Re\"quests\".", labels: "path")
        requests.with("/\n\"x\" é").increment(by: 2)
        try metrics.gauge("g", help: "G.").set(.nan)
        try metrics.histogram("h_seconds", help: "H.", unit: "seconds", buckets: [0.5]).observe(2)
        try metrics.summary("s", help: "S.", quantiles: [0.5]).observe(0)
        try metrics.stateSet("state", help: "St.", of: State.self).set(.down)
        let text = metrics.exposition(.json)
        let families = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(families.map { $0["name"] as? String } == ["g", "h_seconds", "requests_total", "s", "state"])
        #expect(families.map { $0["type"] as? String } == ["gauge", "histogram", "counter", "summary", "stateSet"])
        #expect(families[1]["unit"] as? String == "seconds")
        #expect(families[2]["help"] as? String == "Re\"quests\".")
        func sample(_ index: Int) throws -> [String: Any] {
            try #require((families[index]["samples"] as? [[String: Any]])?.first)
        }
        #expect(try sample(0)["value"] as? String == "NaN")
        #expect(try sample(1)["sum"] as? Double == 2)
        let buckets = try #require(try sample(1)["buckets"] as? [[String: Any]])
        #expect(buckets.map { $0["count"] as? Int } == [0, 1])
        #expect(buckets[1]["le"] as? String == "+Inf")
        #expect(try sample(2)["labels"] as? [String: String] == ["zone": "a", "path": "/\n\"x\" é"])
        #expect(try sample(2)["value"] as? Double == 2)
        #expect((try sample(3)["quantiles"] as? [[String: Double]])?.first == ["quantile": 0.5, "value": 0])
        let states = try #require(try sample(4)["states"] as? [[String: Any]])
        #expect(states.map { $0["active"] as? Bool } == [false, true])
    }

    @Test func everyKindHasItsForm() throws {
        let metrics = MetricRegistry(constantLabels: ["zone": "\"a\""], time: .manual(ManualClock()))
        try metrics.gauge("g", help: "h", labels: "x", "y").with("\\", "é").set(-.infinity)
        let histogram = try metrics.histogram("h", help: "h", buckets: [0.5, 2], labels: "x").with("1")
        for value in [0.1, 1, 1, 9] { histogram.observe(value) }
        _ = try metrics.summary("s", help: "h", quantiles: [0.5, 1])
        try metrics.stateSet("t", help: "h", of: State.self, labels: "x").with("1").set(.down)
        #expect(
            metrics.exposition(.json) == #"""
                [{"name":"g","type":"gauge","help":"h","unit":null,"samples":[
                {"labels":{"zone":"\"a\"","x":"\\","y":"é"},"value":"-Inf"}]},\#
                {"name":"h","type":"histogram","help":"h","unit":null,"samples":[
                {"labels":{"zone":"\"a\"","x":"1"},"count":4,"sum":11.1,"buckets":[{"le":0.5,"count":1},\#
                {"le":2,"count":3},{"le":"+Inf","count":4}]}]},\#
                {"name":"s","type":"summary","help":"h","unit":null,"samples":[
                {"labels":{"zone":"\"a\""},"count":0,"sum":0,"quantiles":[{"quantile":0.5,"value":"NaN"},\#
                {"quantile":1,"value":"NaN"}]}]},\#
                {"name":"t","type":"stateSet","help":"h","unit":null,"samples":[
                {"labels":{"zone":"\"a\"","x":"1"},"states":[{"state":"up","active":false},\#
                {"state":"down","active":true}]}]}]

                """#)
    }

    @Test func emptyRegistryIsAnEmptyArray() {
        #expect(MetricRegistry().exposition(.json) == "[]\n")
    }
}

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

    @Test func emptyRegistryIsAnEmptyArray() {
        #expect(MetricRegistry().exposition(.json) == "[]\n")
    }
}

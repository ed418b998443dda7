// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// Four threads observe while another scrapes all formats: the count equals the +Inf bucket, buckets never decrease
/// within a scrape, the native count is the sum of its buckets, no figure ever decreases between scrapes of one format,
/// and at the end the totals are exact.
enum ConsistencyRun {
    private static let threads = 4
    private static let observed = Atomic<Int>(0)
    private static let stop = Atomic<Bool>(false)

    static func run(seconds: Double) throws -> Bool {
        let metrics = MetricRegistry()
        let counter = try metrics.counter("c_total", help: "h", labels: "thread")
        let shared = try metrics.counter("shared_total", help: "h")
        let classic = try metrics.histogram("classic", help: "h", buckets: [1, 2, 4, 8, 16, 32, 64, 128])
        let native = try metrics.histogram(
            "native", help: "h", buckets: [16, 64], native: NativeBuckets(growthFactorMax: 1.01, bucketsMax: 40))
        let summary = try metrics.summary("summary", help: "h", quantiles: [0.5])
        let running = try (0..<threads).map { number in
            try PlainThread(name: "observer-\(number)") {
                var turns = 0
                while !stop.load(ordering: .relaxed) {
                    for step in 0..<1_000 {
                        counter.with("\(number)").increment()
                        shared.increment()
                        shared.increment(by: 0.5)
                        classic.observe(Double(step & 255))
                        native.observe(Double(1 + (step &* 7 &+ number) & 255))
                        summary.observe(1)
                    }
                    turns += 1_000
                }
                observed.wrappingAdd(turns, ordering: .relaxed)
            }
        }
        var checks = ScrapeChecks()
        let end = Date().addingTimeInterval(seconds)
        while Date() < end { checks.scrape(metrics) }
        stop.store(true, ordering: .relaxed)
        for thread in running { thread.join() }
        checks.scrape(metrics)
        let total = Double(observed.load(ordering: .relaxed))
        checks.expect(shared.value == total * 1.5, "shared_total is \(shared.value), expected \(total * 1.5)")
        checks.expect(Double(classic.count) == total, "classic_count is \(classic.count), expected \(total)")
        checks.expect(Double(native.count) == total, "native_count is \(native.count), expected \(total)")
        checks.expect(Double(summary.count) == total, "summary_count is \(summary.count), expected \(total)")
        let inBuckets = checks.nativeCount
        checks.expect(inBuckets == total, "the native buckets hold \(inBuckets), expected \(total)")
        print("\(checks.scrapes) scrapes of \(total) updates, \(checks.failures.count) contradictions")
        for failure in checks.failures.prefix(10) { print(failure) }
        return checks.failures.isEmpty
    }
}

/// What must hold within a scrape and from one to the next.
private struct ScrapeChecks {
    private(set) var scrapes = 0
    private(set) var failures: [String] = []
    private(set) var nativeCount = 0.0
    private var last: [String: Double] = [:]

    mutating func expect(_ condition: Bool, _ claim: String) {
        if !condition { failures.append(claim) }
    }

    mutating func scrape(_ metrics: MetricRegistry) {
        scrapes += 1
        text(metrics.exposition(.prometheusText), "text")
        text(metrics.exposition(.openMetrics), "openmetrics")
        json(metrics.expositionBytes(.json))
        protobuf(metrics.expositionBytes(.protobuf))
    }

    private mutating func grow(_ key: String, _ value: Double) {
        let before = last[key] ?? 0
        if value < before { expect(false, "\(key) fell from \(before) to \(value)") }
        last[key] = value
    }

    private mutating func histogram(_ key: String, buckets: [Double], count: Double) {
        for (index, bucket) in buckets.enumerated() {
            expect(index == 0 || buckets[index - 1] <= bucket, "\(key): bucket \(index) is below the one before")
            grow("\(key) bucket \(index)", bucket)
        }
        expect(buckets.last == count, "\(key): +Inf is \(buckets.last ?? -1), count is \(count)")
        grow("\(key) count", count)
    }

    private mutating func text(_ text: String, _ format: String) {
        var values: [String: Double] = [:]
        for name in ["classic", "native"] {
            var buckets: [Double] = []
            for line in text.split(separator: "\n")
            where line.hasPrefix(name + "_bucket{") || line.hasPrefix(name + "_count ") {
                let value = Double(line.split(separator: " ")[1]) ?? .nan
                if line.contains("_bucket{") { buckets.append(value) } else { values[name] = value }
            }
            histogram("\(format) \(name)", buckets: buckets, count: values[name] ?? -1)
        }
        for line in text.split(separator: "\n") where !line.hasPrefix("#") && line.contains("_total") {
            let parts = line.split(separator: " ")
            grow("\(format) \(parts[0])", Double(parts[1]) ?? .nan)
        }
    }

    private mutating func json(_ bytes: [UInt8]) {
        guard let families = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]] else {
            return expect(false, "json: does not parse")
        }
        for family in families {
            guard let name = family["name"] as? String, let sample = (family["samples"] as? [[String: Any]])?.first,
                let buckets = sample["buckets"] as? [[String: Any]]
            else { continue }
            histogram(
                "json \(name)", buckets: buckets.map { $0["count"] as? Double ?? .nan },
                count: sample["count"] as? Double ?? -1)
        }
    }

    private mutating func protobuf(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let length = varint(&rest) {
            let family = fields(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            let name = family.first { $0.number == 1 }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
            for metric in family where metric.number == 4 {
                for value in fields(metric.bytes) where value.number == 7 {
                    protobuf(histogram: fields(value.bytes), name)
                }
            }
        }
    }

    private mutating func protobuf(histogram fields: [Field], _ name: String) {
        func unsigned(_ number: Int) -> Double { fields.first { $0.number == number }.map { Double($0.value) } ?? 0 }
        let buckets = fields.filter { $0.number == 3 }.map { bucket in
            self.fields(bucket.bytes).first { $0.number == 1 }.map { Double($0.value) } ?? 0
        }
        let count = unsigned(1)
        if !buckets.isEmpty { self.histogram("protobuf \(name)", buckets: buckets, count: count) }
        guard fields.contains(where: { $0.number == 5 }) else { return }
        var sum = unsigned(7)
        for side in [10, 13] {
            var bucket = 0.0
            for delta in fields where delta.number == side {
                bucket += Double(Int64(bitPattern: delta.value >> 1) ^ -Int64(bitPattern: delta.value & 1))
                expect(bucket >= 0, "protobuf \(name): a bucket is negative")
                sum += bucket
            }
        }
        expect(sum == count, "protobuf \(name): buckets hold \(sum), count is \(count)")
        nativeCount = sum
    }

    private struct Field {
        let number: Int
        var value: UInt64 = 0
        var bytes: ArraySlice<UInt8> = []
    }

    private func fields(_ bytes: ArraySlice<UInt8>) -> [Field] {
        var rest = bytes
        var list: [Field] = []
        while let tag = varint(&rest) {
            var field = Field(number: Int(tag >> 3))
            switch tag & 7 {
            case 0: field.value = varint(&rest) ?? 0
            case 1: rest = rest.dropFirst(8)
            default:
                let length = Int(varint(&rest) ?? 0)
                field.bytes = rest.prefix(length)
                rest = rest.dropFirst(length)
            }
            list.append(field)
        }
        return list
    }

    private func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An example behind a number: labels such as a trace's id, with the value and the time of one observation.
struct Exemplar: Sendable {
    let labels: [ConstantLabel]
    let value: Double
    let unixNanoseconds: Int64

    /// OpenMetrics allows this many code points in all names and values together.
    static let codePointsMax = 128

    /// Takes labels if their names are valid and they are short enough.
    init?(labels: KeyValuePairs<String, String>, value: Double, unixNanoseconds: Int64) {
        var codePoints = 0
        var list: [ConstantLabel] = []
        for (name, text) in labels {
            codePoints += name.unicodeScalars.count + text.unicodeScalars.count
            guard NameRules.isClassic(name, colon: false), !list.contains(where: { $0.name == name }) else {
                return nil
            }
            list.append(ConstantLabel(name: name, value: text))
        }
        guard codePoints <= Self.codePointsMax, !list.isEmpty else { return nil }
        self.labels = list
        self.value = value
        self.unixNanoseconds = unixNanoseconds
    }

    /// Appends `{trace_id="x"}`.
    func appendLabels(to output: inout ByteBuffer) {
        var isFirst = true
        for label in labels {
            var value = label.value
            value.withUTF8 { output.append(label: label.name, value: UnsafeRawBufferPointer($0), isFirst: &isFirst) }
        }
        output.append(UInt8(ascii: "}"))
    }
}

/// The exemplars of one series, a place for each bucket. Made at the first exemplar; off the hot path.
final class ExemplarPlaces: Sendable {
    private let places: Lock<[Exemplar?]>

    init(count: Int) { places = Lock(Array(repeating: nil, count: count)) }

    func set(_ exemplar: Exemplar, at index: Int) { places.withLock { $0[index] = exemplar } }

    func get(_ index: Int) -> Exemplar? { places.withLock { $0[index] } }
}

/// Where a registry's exemplars come from when updates carry none: the present trace, say.
struct ExemplarSource: Sendable {
    let labels: @Sendable () -> KeyValuePairs<String, String>?
}

extension SeriesReference {
    /// Keeps an exemplar with the labels that the registry's source has for this update, if it has any.
    @usableFromInline @inline(never)
    func askForExemplar(value: Double, bucket: Int) {
        let labels = head.pointee.storage._withUnsafeGuaranteedRef { $0.exemplarLabels() }
        if let labels { setExemplar(labels, value: value, bucket: bucket) }
    }

    /// Whether a counter or a histogram ever had an exemplar.
    var hasExemplars: Bool {
        @inline(__always) get { extra.pointee.load(ordering: .relaxed) != 0 }
    }

    /// The exemplar of a counter (0) or of a histogram's bucket.
    func exemplar(bucket: Int) -> Exemplar? {
        guard let address = UnsafeRawPointer(bitPattern: UInt(extra.pointee.load(ordering: .acquiring))) else {
            return nil
        }
        return Unmanaged<ExemplarPlaces>.fromOpaque(address)._withUnsafeGuaranteedRef { $0.get(bucket) }
    }

    /// Keeps an exemplar for a counter (0) or for a histogram's bucket; one that breaks the rules is refused and counted.
    func setExemplar(_ labels: KeyValuePairs<String, String>, value: Double, bucket: Int) {
        guard let exemplar = Exemplar(labels: labels, value: value, unixNanoseconds: clock.unixNanoseconds()) else {
            return refuseUpdate()
        }
        var address = extra.pointee.load(ordering: .acquiring)
        if address == 0 {
            let places = Unmanaged.passRetained(ExemplarPlaces(count: head.pointee.bucketCount))
            let made = UInt64(UInt(bitPattern: places.toOpaque()))
            // Release: who reads the address sees the object whole. The loser of a race gives its object back.
            let exchange = extra.pointee.compareExchange(
                expected: 0, desired: made, successOrdering: .releasing, failureOrdering: .acquiring)
            if !exchange.exchanged { places.release() }
            address = exchange.exchanged ? made : exchange.original
        }
        let opaque = UnsafeRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
        Unmanaged<ExemplarPlaces>.fromOpaque(opaque)._withUnsafeGuaranteedRef { $0.set(exemplar, at: bucket) }
    }
}

extension Counter {
    /// Adds to the total and keeps an example of what was counted.
    ///
    /// - Parameters:
    ///   - amount: finite and at least 0.
    ///   - exemplar: such as `["trace_id": id]`; at most 128 code points in all, else it is refused and counted in
    ///     `instrument_refused_updates_total`. Exported in OpenMetrics and protobuf.
    public func increment(by amount: Double = 1, exemplar: KeyValuePairs<String, String>) {
        increment(by: amount)
        guard amount >= 0, amount < .infinity else { return }
        series.setExemplar(exemplar, value: amount, bucket: 0)
    }
}

extension Histogram {
    /// Counts a value and keeps it as the example of its bucket.
    ///
    /// - Parameters:
    ///   - value: in the base unit.
    ///   - exemplar: such as `["trace_id": id]`; at most 128 code points in all, else it is refused and counted in
    ///     `instrument_refused_updates_total`. Exported in OpenMetrics and protobuf.
    public func observe(_ value: Double, exemplar: KeyValuePairs<String, String>) {
        observe(value)
        guard value.isFinite else { return }
        series.setExemplar(exemplar, value: value, bucket: series.bucketIndex(value))
    }

    /// Counts a duration, in seconds, and keeps it as the example of its bucket.
    public func observe(_ duration: Duration, exemplar: KeyValuePairs<String, String>) {
        observe(duration)
        let seconds = Double(duration.saturatedNanoseconds) / 1e9
        series.setExemplar(exemplar, value: seconds, bucket: series.bucketIndex(seconds))
    }
}

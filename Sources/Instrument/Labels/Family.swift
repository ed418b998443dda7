// SPDX-License-Identifier: Apache-2.0

/// All series of one metric: the same name, different label values.
///
/// `Labels` is the tuple of the values' types, so a wrong number of labels does not compile. A family is a small value
/// like the handles that it gives: keep it, or keep the handles, whichever is at hand.
///
/// ```swift
/// let requests = try metrics.counter("http_requests_total", help: "Requests.", labels: "method", "status")
/// requests.with("GET", "200").increment()
/// ```
///
/// Several enum labels need the family in a constant of its own before `with(.get, .ok)`: within one expression the
/// compiler does not know yet which enums are meant.
///
/// `@unchecked Sendable`: an address of immortal memory whose changing words are atomics.
public struct Family<M: Metric, Labels>: @unchecked Sendable {
    @usableFromInline let head: UnsafeMutablePointer<FamilyHead>

    init(storage: FamilyStorage) { head = storage.head }

    var storage: FamilyStorage { head.pointee.storage.takeUnretainedValue() }

    /// The name as registered.
    public var name: String { storage.description.name }

    /// The series of label values known at run time only.
    ///
    /// - Parameter values: one for each label, in the order of registration.
    /// - Throws: ``MetricError/Code/wrongLabelCount``. Too many label sets or too long values are no error: they go to
    ///   the overflow series.
    public func with(values: [String]) throws(MetricError) -> M {
        try check(values)
        return M(series: storage.makeSeries(values))
    }

    /// Takes a series out of the exposition.
    ///
    /// Its handles stay valid: the series comes back, with the value that it has, when its value changes or when its
    /// label values are asked for again. It goes on counting towards the family's limit.
    ///
    /// - Returns: whether such a series was shown.
    /// - Throws: ``MetricError/Code/wrongLabelCount``.
    @discardableResult
    public func remove(_ values: String...) throws(MetricError) -> Bool {
        try check(values)
        guard let series = storage.existing(values), !series.isHidden else { return false }
        storage.hide(series)
        return true
    }

    /// Takes the series whose label values `condition` accepts out of the exposition, as ``remove(_:)`` does.
    public func remove(where condition: ([String]) -> Bool) {
        let storage = storage
        storage.slabs.forEach { series in
            if !series.isHidden, condition(series.labelValueStrings) { storage.hide(series) }
        }
    }

    /// Takes all series out of the exposition, as ``remove(_:)`` does.
    public func clear() { remove { _ in true } }

    /// How many label sets were ever made; the limit counts these.
    public var seriesCount: Int { storage.seriesCount }

    /// Bytes that the family's series take: records, lookup tables, and the stripes of contended ones.
    public var memoryBytes: Int { storage.bytesTotal }

    private func check(_ values: [String]) throws(MetricError) {
        let labels = storage.description.labels
        guard values.count == labels.count else {
            throw MetricError(
                .wrongLabelCount, subject: name,
                reason: "got \(values.count) label values, expected \(labels.count): \(labels.map(\.name))")
        }
        for (label, value) in zip(labels, values) {
            if let cases = label.cases, value != SeriesLimits.overflowValue, !cases.contains(value) {
                throw MetricError(
                    .invalidLabel, subject: name,
                    reason: "label \"\(label.name)\" has no case \"\(value)\"; use one of \(cases)")
            }
        }
    }
}

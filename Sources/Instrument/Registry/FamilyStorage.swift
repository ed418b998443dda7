// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The cold part of a family: its description, its records, and the lock under which series are made.
///
/// Immortal: ``ImmortalRoot`` keeps it, since handles hold plain addresses.
///
/// `@unchecked Sendable`: `head` points at immortal memory whose changing words are atomics.
final class FamilyStorage: @unchecked Sendable {
    let description: FamilyDescription
    let time: TimeSource
    let head: UnsafeMutablePointer<FamilyHead>
    let slabs: SeriesSlabs
    /// Sample names and headers, rendered once.
    let text: FamilyText
    private let ownMetrics: RegistryOwnMetrics?
    private let idle: IdleSeries?
    private let exemplarSource: ExemplarSource?
    private let state: Lock<State>

    private struct State {
        var tail: SeriesSlabs.Tail
        var table: SeriesTable?
        var oldTables: [SeriesTable] = []
        var tableBytes = 0
        var count = 0
        var overflow: SeriesReference?
    }

    /// Makes a family; one without labels has its only series at once.
    init(
        _ description: FamilyDescription, time: TimeSource, ownMetrics: RegistryOwnMetrics?,
        exemplarSource: ExemplarSource? = nil
    ) {
        self.description = description
        self.time = time
        self.ownMetrics = ownMetrics
        self.exemplarSource = exemplarSource
        idle = description.limits.idleExpiry.map { IdleSeries(expiry: $0) }
        text = FamilyText(description)
        slabs = SeriesSlabs(bytes: description.labels.isEmpty ? 64 : 1_024)
        state = Lock(State(tail: slabs.makeTail()))
        head = .allocate(capacity: 1)
        let caseCounts = description.labels.compactMap { $0.cases?.count }
        let isDense = !caseCounts.isEmpty && caseCounts.count == description.labels.count && caseCounts.count <= 4
        head.initialize(
            to: FamilyHead(
                shape: description.shape,
                dense: isDense ? caseCounts : [],
                clock: time.manual.map { .passUnretained($0) },
                storage: .passUnretained(self), asksForExemplars: exemplarSource != nil))
        ImmortalRoot.keep(self)
        if description.labels.isEmpty { _ = makeSeries([], countsOverflow: false) }
    }

    /// The only series of a family without labels.
    var single: SeriesReference {
        var only: SeriesReference?
        slabs.forEach { only = $0 }
        return only!
    }

    /// Finds or makes the series of a label set, and shows it again if it was hidden. Past the limits: the overflow
    /// series.
    ///
    /// - Precondition: as many values as the family has labels; ``Family`` sees to that.
    func makeSeries(_ values: [String], countsOverflow: Bool = true) -> SeriesReference {
        precondition(values.count == description.labels.count)
        let isTooLong = values.contains { $0.utf8.count > SeriesLimits.labelValueBytesMax }
        let series: SeriesReference? =
            isTooLong
            ? nil
            : state.withLock { state in
                let made = findOrMake(values, in: &state, limit: description.limits.seriesMax)
                if let made { show(made, values: values) }
                return made
            }
        if let series { return series }
        if countsOverflow { ownMetrics?.overflows.with(description.name).increment() }
        return overflowSeries()
    }

    private func overflowSeries() -> SeriesReference {
        state.withLock { state in
            if let overflow = state.overflow { return overflow }
            let values = description.labels.map { _ in SeriesLimits.overflowValue }
            // The limit is one higher for this one series; it is never refused.
            let series = findOrMake(values, in: &state, limit: .max)!
            state.overflow = series
            return series
        }
    }

    /// The series of a label set; nil when it was never made.
    func existing(_ values: [String]) -> SeriesReference? {
        state.withLock { findOrMake(values, in: &$0, limit: 0) }
    }

    private func findOrMake(_ values: [String], in state: inout State, limit: Int) -> SeriesReference? {
        // The only series of a family without labels stands in no table.
        if values.isEmpty, state.count > 0 { return single }
        var packed = ByteBuffer(capacity: 128)
        var hash = LabelHash(seed: head.pointee.seed)
        for value in values {
            var value = value
            value.withUTF8 { bytes in
                let bytes = UnsafeRawBufferPointer(bytes)
                packed.append(UInt8(truncatingIfNeeded: bytes.count))
                packed.append(UInt8(truncatingIfNeeded: bytes.count >> 8))
                packed.append(bytes)
                hash.combine(bytes)
            }
        }
        let finished = hash.finish()
        return packed.withUnsafeBytes { packed -> SeriesReference? in
            if let found = state.table?.find(
                finished, matches: { $0.labelValues.elementsEqual(packed) })
            {
                return found
            }
            guard state.count < limit else { return nil }
            var rendered = ByteBuffer(capacity: 128)
            render(values, into: &rendered)
            let series = rendered.withUnsafeBytes { rendered in
                let bytes = SeriesReference.recordBytes(
                    cellBytes: description.shape.cellBytes, valuesBytes: packed.count, renderedBytes: rendered.count)
                return slabs.append(bytes: bytes, tail: &state.tail) { base in
                    let series = SeriesReference.initialize(
                        at: base, head: head, hash: finished, created: time.unixNanoseconds(), values: packed,
                        rendered: rendered)
                    if description.kind == .counter, head.pointee.asksForExemplars {
                        series.stripes.pointee.store(Stripes.asksForExemplars, ordering: .relaxed)
                    }
                    if let native = description.shape.native { series.startNative(native, at: time) }
                    return series
                }
            }
            state.count += 1
            publish(series, hash: finished, in: &state)
            return series
        }
    }

    private func publish(_ series: SeriesReference, hash: UInt64, in state: inout State) {
        guard !description.labels.isEmpty else { return }
        var table: SeriesTable
        if let current = state.table {
            table = current
            // At most three quarters full: probes stay short.
            if state.count * 4 > current.slotCount * 3 {
                table = current.doubled()
                state.oldTables.append(current)
                state.tableBytes += table.bytes
            }
        } else {
            table = SeriesTable(slotCount: 8)
            state.tableBytes += table.bytes
        }
        table.insert(series, hash: hash)
        state.table = table
        head.pointee.table.store(table.address, ordering: .releasing)
    }

    private func render(_ values: [String], into output: inout ByteBuffer) {
        var isFirst = true
        for label in description.constantLabels {
            var value = label.value
            value.withUTF8 {
                output.append(
                    label: NameRules.classic(label.name, colon: false), value: UnsafeRawBufferPointer($0),
                    isFirst: &isFirst)
            }
        }
        for (label, value) in zip(description.labels, values) {
            var value = value
            value.withUTF8 {
                output.append(
                    label: NameRules.classic(label.name, colon: false), value: UnsafeRawBufferPointer($0),
                    isFirst: &isFirst)
            }
        }
        if !isFirst { output.append(UInt8(ascii: "}")) }
        output.append(UInt8(ascii: " "))
    }

    // MARK: Hiding

    /// Where a label set of enums stands in the dense table; nil for families without one and for the overflow series.
    private func denseSlot(_ values: [String]) -> UnsafeMutablePointer<Atomic<UInt>>? {
        guard let dense = head.pointee.dense else { return nil }
        var index = 0
        for (label, value) in zip(description.labels, values) {
            guard let cases = label.cases, let ordinal = cases.firstIndex(of: value) else { return nil }
            index = index * cases.count + ordinal
        }
        return dense + index
    }

    // Under the lock: a series is in the dense table exactly while it is shown.
    private func show(_ series: SeriesReference, values: [String]) {
        if series.isHidden { series.hidden.pointee.store(0, ordering: .relaxed) }
        denseSlot(values)?.pointee.store(UInt(bitPattern: series.base), ordering: .releasing)
    }

    /// Takes a series out of the exposition until its value changes or its label set is asked for again.
    func hide(_ series: SeriesReference) {
        state.withLock { _ in
            series.fingerprintWhenHidden.pointee.store(fingerprint(series), ordering: .relaxed)
            series.hidden.pointee.store(1, ordering: .relaxed)
            denseSlot(series.labelValueStrings)?.pointee.store(0, ordering: .releasing)
        }
    }

    /// Whether a scrape shows the series; one that changed since it was hidden is shown again.
    @inline(__always)
    func isShown(_ series: SeriesReference) -> Bool {
        if !series.isHidden { return idle == nil || !expire(series) }
        guard showsAgain(series) else { return false }
        // Its time starts now.
        return idle == nil || !expire(series)
    }

    /// Hides a series that was idle for too long; false while it is not.
    @inline(never)
    private func expire(_ series: SeriesReference) -> Bool {
        guard let idle,
            idle.isExpired(series, fingerprint: fingerprint(series), now: time.monotonicNanoseconds())
        else { return false }
        hide(series)
        return true
    }

    @inline(never)
    private func showsAgain(_ series: SeriesReference) -> Bool {
        state.withLock { _ in
            guard series.isHidden else { return true }
            guard fingerprint(series) != series.fingerprintWhenHidden.pointee.load(ordering: .relaxed) else {
                return false
            }
            series.hidden.pointee.store(0, ordering: .relaxed)
            return true
        }
    }

    /// A word that changes when the series is updated.
    func fingerprint(_ series: SeriesReference) -> UInt64 {
        switch description.kind {
        case .histogram:
            let reading = series.readHistogram()
            return reading.count &* 0x9E37_79B9_7F4A_7C15 ^ reading.sum.bitPattern
        case .counter, .gauge, .summary, .info, .stateSet, .untyped:
            return series.integerTotal &* 0x9E37_79B9_7F4A_7C15 ^ series.floatingTotal.bitPattern
        }
    }

    /// Labels of the exemplar of an update that is being made on the calling thread.
    func exemplarLabels() -> KeyValuePairs<String, String>? { exemplarSource?.labels() }

    // MARK: Accounting

    /// Counts an update that was not taken.
    func noteRefusedUpdate() { ownMetrics?.refusals.with(description.name).increment() }

    /// Counts a summary's value that its window had no room for.
    func noteValueBeyond() { ownMetrics?.valuesBeyond.with(description.name).increment() }

    /// Runs `body` under the family's lock, which also guards the settings of native histograms.
    func withState<Result>(_ body: () -> Result) -> Result { state.withLock { _ in body() } }

    /// Bytes of records, tables and stripes.
    var bytesTotal: Int {
        state.withLock { $0.tail.bytesTotal + $0.tableBytes } + head.pointee.stripeBytesTotal.load(ordering: .relaxed)
    }

    /// Label sets made so far.
    var seriesCount: Int { state.withLock { $0.count } }
}

// SPDX-License-Identifier: Apache-2.0

/// What to write of a registry, and how.
public struct ExpositionOptions: Sendable {
    /// Names of families to write; nil writes all. A counter's name ends in `_total`.
    public var families: Set<String>?
    /// How long to wait for collectors and callbacks; those that are late are left out.
    public var timeout: Duration
    /// Whether OpenMetrics carries `_created` samples.
    public var showsCreated: Bool

    /// Everything, 9 seconds for collectors, no creation times.
    public init(families: Set<String>? = nil, timeout: Duration = .seconds(9), showsCreated: Bool = false) {
        self.families = families
        self.timeout = timeout
        self.showsCreated = showsCreated
    }
}

extension MetricRegistry {
    /// Appends metrics in `format`, families by name and series in order of creation. Holds no lock while it renders.
    package func write(
        _ format: ExpositionFormat, into output: inout ByteBuffer, options: ExpositionOptions = ExpositionOptions()
    ) {
        MetricGroup.write([self], format, into: &output, options: options)
    }

    /// The metrics in `format` as a string, for people and tests.
    public func exposition(
        _ format: ExpositionFormat = .prometheusText, options: ExpositionOptions = ExpositionOptions()
    ) -> String {
        String(decoding: expositionBytes(format, options: options), as: UTF8.self)
    }

    /// The metrics in `format`, for servers of your own; use an ``ExpositionWriter`` to keep its memory from scrape to
    /// scrape.
    public func expositionBytes(
        _ format: ExpositionFormat, options: ExpositionOptions = ExpositionOptions()
    ) -> [UInt8] {
        var writer = ExpositionWriter()
        writer.write(self, as: format, options: options)
        return writer.withUnsafeBytes { Array($0) }
    }
}

/// Memory that expositions are written into, one after the other.
///
/// Not safe from several threads at once: each writer has one owner.
public struct ExpositionWriter: ~Copyable {
    private var buffer = ByteBuffer(capacity: 16_384)

    /// Makes a writer.
    public init() {}

    /// Replaces what was written by the metrics of a registry.
    public mutating func write(
        _ registry: MetricRegistry, as format: ExpositionFormat, options: ExpositionOptions = ExpositionOptions()
    ) {
        buffer.removeAll()
        registry.write(format, into: &buffer, options: options)
    }

    /// Replaces what was written by the metrics of a group.
    public mutating func write(
        _ group: MetricGroup, as format: ExpositionFormat, options: ExpositionOptions = ExpositionOptions()
    ) {
        buffer.removeAll()
        group.write(format, into: &buffer, options: options)
    }

    /// The bytes; valid inside the closure alone.
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withUnsafeBytes(body)
    }
}

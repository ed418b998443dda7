// SPDX-License-Identifier: Apache-2.0

/// Registries that are written as one document: application, business and security metrics on one path.
///
/// The registries keep out of each other's way from then on: a name that one of them has is refused by the others.
public struct MetricGroup: Sendable {
    /// The registries.
    public let registries: [MetricRegistry]

    /// Joins registries.
    ///
    /// - Throws: ``MetricError/Code/nameTaken`` when two of them have a family, a derived sample or a collector of one
    ///   name.
    public init(_ registries: [MetricRegistry]) throws(MetricError) {
        var unique: [MetricRegistry] = []
        for registry in registries where !unique.contains(where: { $0 === registry }) { unique.append(registry) }
        self.registries = unique
        try MetricRegistry.join(unique)
    }

    /// Appends the metrics of all registries in `format`, families by name. Holds no lock while it renders.
    package func write(
        _ format: ExpositionFormat, into output: inout ByteBuffer, options: ExpositionOptions = ExpositionOptions()
    ) {
        Self.write(registries, format, into: &output, options: options)
    }

    static func write(
        _ registries: [MetricRegistry], _ format: ExpositionFormat, into output: inout ByteBuffer,
        options: ExpositionOptions
    ) {
        let entries = collect(registries, options)
        switch format {
        case .prometheusText:
            render(entries, TextExposition(isOpenMetrics: false, showsCreated: false), into: &output)
        case .openMetrics:
            render(entries, TextExposition(isOpenMetrics: true, showsCreated: options.showsCreated), into: &output)
        case .protobuf: render(entries, ProtobufExposition(), into: &output)
        case .json: render(entries, JSONExposition(), into: &output)
        }
    }

    /// The families to write, those of one name side by side, with their collectors run.
    private static func collect(
        _ registries: [MetricRegistry], _ options: ExpositionOptions
    ) -> [MetricRegistry.Entry] {
        var entries: [MetricRegistry.Entry] = []
        for registry in registries {
            var (sorted, collectors) = registry.entries()
            if let families = options.families {
                sorted.removeAll { !families.contains($0.storage.description.name) }
                collectors.removeAll { collector in !sorted.contains { $0.collector === collector } }
            }
            if !collectors.isEmpty {
                let left = registry.run(collectors, timeout: options.timeout)
                if !left.isEmpty { sorted.removeAll { $0.collector.map { left.contains($0.name) } ?? false } }
            }
            if entries.isEmpty { entries = sorted } else { entries += sorted }
        }
        if registries.count > 1 { entries.sort { $0.storage.description.name < $1.storage.description.name } }
        return entries
    }

    private static func render(
        _ entries: [MetricRegistry.Entry], _ writer: some FamilyWriter, into output: inout ByteBuffer
    ) {
        var writer = writer
        let scratch = ScrapeScratch()
        var index = 0
        while index < entries.count {
            // Only what registries count about themselves has one name in several of them.
            var end = index + 1
            let name = entries[index].storage.description.name
            while end < entries.count, entries[end].storage.description.name == name { end += 1 }
            writer.write(FamilyParts(entries: entries[index..<end]), scratch: scratch, into: &output)
            index = end
        }
        writer.finish(into: &output)
    }
}
